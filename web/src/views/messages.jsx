// views/messages.jsx: what the house told people, on its way or arrived, and what waits for somebody to
// say "seen".

import { t } from "../words.js";
import { useAnswer } from "../store.js";
import { Empty } from "../parts/basics.jsx";

export const useAlerts = () => useAnswer(null);

export function Messages() {
    return <div class="page"><header class="page-head"><h1>{t("view_messages")}</h1></header><Empty icon="messages" title={t("messages_none")}>{t("messages_none_words")}</Empty></div>;
}
