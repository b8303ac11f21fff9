// views/people.jsx: who one is here, who else may come in, and who did what.

import { t } from "../words.js";
import { link } from "../api.js";
import { call, json } from "../api.js";
import { useAnswer, useLink } from "../store.js";
import { signOut } from "../session.js";
import { doing } from "../parts/toast.jsx";
import { Answered, Button, Card, Empty, Facts, State } from "../parts/basics.jsx";
import { setLink } from "../api.js";
import { Happened } from "./overview.jsx";

export function People() {
    const connection = useLink();
    const users = useAnswer("users", () => json("/api/v1/users"), { topics: ["config"] });
    const acts = useAnswer("acts", () => call("lares.events", { kind: "operator", limit: 40 }), { topics: ["event"], every: 5000 });
    return (
        <div class="page">
            <header class="page-head"><h1>{t("view_people")}</h1></header>
            <div class="columns">
                <div>
                    <Card title={t("you")} more={connection.session ? <Button icon="signout" small onClick={() => doing(signOut())}>{t("sign_out")}</Button> : <Button icon="people" small onClick={() => setLink({ login: true })}>{t("sign_in")}</Button>}>
                        <Facts rows={[[t("user"), link.user || t("nobody")], [t("let_in_by"), link.kind ? t(`kind_of_${link.kind}`) : ""], [t("role"), link.role ? t(`role_${link.role}`) : t("unknown")], [t("may"), link.role ? t(`role_${link.role}_may`) : ""]]} />
                    </Card>
                    <Card title={t("users")}>
                        {users.error && users.data === undefined ? <Empty icon="people" title={t("users_hidden")}>{t("users_hidden_words")}</Empty> : (
                            <Answered answer={users}>
                                {(found) => {
                                    const list = found.items || found.users || found;
                                    return list.length === 0 ? <Empty icon="people" title={t("users_none")}>{t("users_none_words")}</Empty>
                                        : <ul class="lines">{list.map((user) => <li key={user.name}><b>{user.name}</b><span class="grow" />{user.token && <State plain tone="note">{t("token")}</State>}<State tone={user.role === "admin" ? "warn" : "idle"}>{t(`role_${user.role}`)}</State></li>)}</ul>;
                                }}
                            </Answered>
                        )}
                        <p class="quiet card-foot">{t("users_how")}</p>
                    </Card>
                </div>
                <Card title={t("who_did_what")}><Answered answer={acts}>{(found) => found.events.length === 0 ? <Empty icon="people" title={t("acts_none")}>{t("acts_none_words")}</Empty> : <Happened events={found.events} />}</Answered></Card>
            </div>
        </div>
    );
}
