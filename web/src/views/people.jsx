// views/people.jsx: who one is here, who else may come in, by which tokens, and who did what.

import { useState } from "preact/hooks";
import { t } from "../words.js";
import { date, when } from "../format.js";
import { act, call, link, setLink } from "../api.js";
import { changed, useAnswer, useLink } from "../store.js";
import { may, signOut } from "../session.js";
import { sure } from "../commands.js";
import { doing } from "../parts/toast.jsx";
import { Ago, Answered, Button, Card, Empty, Facts, State } from "../parts/basics.jsx";
import { NewToken, UserForm } from "./accounts.jsx";
import { Happened } from "./overview.jsx";

const roleTones = { admin: "warn", operator: "note", viewer: "idle", none: "idle" };
const Role = ({ role }) => <State tone={roleTones[role] || "idle"}>{t(`role_${role}`)}</State>;

export function People() {
    const connection = useLink();
    const acts = useAnswer("acts", () => call("lares.events", { kind: "operator", limit: 40 }), { topics: ["event"], every: 5000 });
    return (
        <div class="page">
            <header class="page-head"><h1>{t("view_people")}</h1></header>
            <div class="columns">
                <div>
                    <Card title={t("you")} more={connection.session ? <Button icon="signout" small onClick={() => doing(signOut())}>{t("sign_out")}</Button> : <Button icon="people" small onClick={() => setLink({ login: true })}>{t("sign_in")}</Button>}>
                        <Facts rows={[[t("user"), link.user || t("nobody")], [t("let_in_by"), link.kind ? t(`kind_of_${link.kind}`) : ""], [t("role"), link.role ? t(`role_${link.role}`) : t("unknown")], [t("may"), link.role ? t(`role_${link.role}_may`) : ""], [t("signed_in_until"), link.until ? when(link.until) : null]]} />
                    </Card>
                    {may("admin") ? <><Users /><Tokens /></> : <Card title={t("users")}><Empty icon="people" title={t("users_hidden")}>{t("users_hidden_words")}</Empty></Card>}
                </div>
                <Card title={t("who_did_what")}><Answered answer={acts}>{(found) => found.events.length === 0 ? <Empty icon="people" title={t("acts_none")}>{t("acts_none_words")}</Empty> : <Happened events={found.events} most={40} />}</Answered></Card>
            </div>
        </div>
    );
}

function Users() {
    const users = useAnswer("users", () => call("lares.users"), { topics: ["config", "people"], every: 20000 });
    const [open, setOpen] = useState(null); // a user, {} for a new one
    const list = users.data || [];
    const remove = async (user) => {
        if (!(await sure({ title: t("sure_remove_user", { name: user.name }), words: user.name === link.user ? t("sure_remove_self_words") : t("sure_remove_user_words"), button: t("remove") }))) return;
        await doing(act("lares.user_remove", user.name), t("did_remove_user", { name: user.name }));
        changed("people", "event");
    };
    return (
        <Card title={t("users")} more={<Button icon="plus" small onClick={() => setOpen({})}>{t("new_user")}</Button>}>
            <Answered answer={users}>
                {() => list.length === 0 ? <Empty icon="people" title={t("users_none")}>{t("users_none_words")}</Empty> : (
                    <ul class="items people">{list.map((user) => (
                        <li class="item" key={user.source + user.name}>
                            <div class="item-words"><b class="clamp">{user.name}</b><span class="quiet">{[user.source === "file" && t("user_of_file"), !user.has_password && t("user_no_password"), user.has_token && t("token")].filter(Boolean).join(" · ")}</span></div>
                            <Role role={user.role} />
                            {user.source === "store" && <span class="acts"><Button small icon="configuration" label={t("change_user", { name: user.name })} onClick={() => setOpen(user)} /><Button small icon="cancel" label={t("remove_user", { name: user.name })} onClick={() => remove(user)} /></span>}
                        </li>
                    ))}</ul>
                )}
            </Answered>
            {open && <UserForm user={open} users={list} onClose={() => setOpen(null)} />}
        </Card>
    );
}

function Tokens() {
    const tokens = useAnswer("tokens", () => call("lares.tokens"), { topics: ["people"], every: 20000 });
    const [open, setOpen] = useState(false);
    const revoke = async (token) => {
        if (!(await sure({ title: t("sure_revoke", { name: token.name }), words: t("sure_revoke_words"), button: t("do_revoke") }))) return;
        await doing(act("lares.token_revoke", token.name), t("did_revoke", { name: token.name }));
        changed("people", "event");
    };
    const ends = (token) => (!token.expires ? t("token_never_ends") : token.expires * 1000 < Date.now() ? t("token_over") : t("token_until", { when: when(token.expires) }));
    return (
        <Card title={t("tokens")} more={<Button icon="plus" small onClick={() => setOpen(true)}>{t("new_token")}</Button>}>
            <Answered answer={tokens}>
                {(list) => list.length === 0 ? <Empty icon="token" title={t("tokens_none")}>{t("tokens_none_words")}</Empty> : (
                    <ul class="items people">{list.map((token) => (
                        <li class="item" key={token.name}>
                            <div class="item-words"><b class="clamp">{token.name}</b><span class="quiet" title={`${date(token.created)} · ${token.by}`}>{ends(token)} · {token.last_used ? <>{t("last_used")} <Ago at={token.last_used} /></> : t("never_used")}</span></div>
                            <Role role={token.role} />
                            <span class="acts"><Button small icon="cancel" label={t("revoke_token", { name: token.name })} onClick={() => revoke(token)} /></span>
                        </li>
                    ))}</ul>
                )}
            </Answered>
            {open && <NewToken onClose={() => setOpen(false)} />}
        </Card>
    );
}
