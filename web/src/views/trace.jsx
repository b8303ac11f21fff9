// views/trace.jsx: the story of anything: from what caused it to all that came of it.

import { useState } from "preact/hooks";
import { t } from "../words.js";
import { go, Link, path } from "../router.jsx";
import { useAnswer } from "../store.js";
import { call } from "../api.js";
import { Answered, Button, Empty, Search } from "../parts/basics.jsx";
import { Icon } from "../parts/icons.jsx";
import { Story, subjectPath } from "../parts/story.jsx";

export function Trace({ name }) {
    const [typed, setTyped] = useState("");
    const answer = useAnswer(name ? `trace/${name}` : null, () => call("lares.trace", name), { topics: ["job", "run", "file"], every: 8000 });
    const why = useAnswer(name && !name.startsWith("event/") && !name.startsWith("run/") ? `why/${name}` : null, () => call("lares.why", name), { every: 8000 });
    const to = name && subjectPath(name);
    return (
        <div class="page fills">
            <nav class="crumbs" aria-label={t("crumbs")}><Link to={path("journal")}>{t("view_journal")}</Link>{to && <Link to={to}>{name}</Link>}</nav>
            <header class="page-head"><h1>{t("story")}</h1>{name && <span class="mono quiet clamp">{name}</span>}</header>
            <form class="tools" onSubmit={(event) => (event.preventDefault(), typed && go(path("trace", typed.startsWith("/") ? `file/${typed}` : /^\d+$/.test(typed) ? `job/${typed}` : typed)))}>
                <Search value={typed} onInput={setTyped} label={t("trace_what")} />
                <Button icon="trace" onClick={(event) => event.currentTarget.form.requestSubmit()}>{t("tell")}</Button>
            </form>
            {why.data && <p class="why"><b>{t("why")}</b> {why.data.answer}</p>}
            {!name ? <Empty icon="trace" title={t("trace_ask")}>{t("trace_ask_words")}</Empty> : answer.error && answer.data === undefined && answer.error.kind === "refused"
                ? <Empty icon="trace" title={t("trace_none")} action={<Link class="button" to={path("journal")}>{t("view_journal")}</Link>}>{answer.error.message}</Empty>
                : <div class="scrolls"><Answered answer={answer} lines={8}>
                    {(found) => found.story.length === 0 ? <Empty icon="trace" title={t("trace_none")} /> : (
                        <>
                            <Story lines={found.story} label={t("story_of", { subject: name })} />
                            {found.cut && <p class="quiet card-foot"><Icon name="why" size={14} /> {t("trace_cut")}</p>}
                        </>
                    )}
                </Answered></div>}
        </div>
    );
}
