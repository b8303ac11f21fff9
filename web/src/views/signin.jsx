// views/signin.jsx: name and password, or a token.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../words.js";
import { begin, signIn } from "../session.js";
import { Button } from "../parts/basics.jsx";
import { Mark } from "../parts/icons.jsx";

export function SignIn() {
    const [user, setUser] = useState("");
    const [password, setPassword] = useState("");
    const [token, setToken] = useState("");
    const [byToken, setByToken] = useState(false);
    const [fault, setFault] = useState("");
    const [busy, setBusy] = useState(false);
    const first = useRef();
    useEffect(() => first.current.focus(), [byToken]);
    const send = async (event) => {
        event.preventDefault();
        setBusy(true);
        setFault("");
        try {
            await signIn(byToken ? { token: token.trim() } : { name: user, password });
        } catch (error) {
            setFault(error.kind === "login" ? t(byToken ? "wrong_token" : "wrong_login") : error.kind === "offline" ? t("fault_offline") : error.message);
            setPassword("");
            setToken("");
        }
        setBusy(false);
    };
    return (
        <main class="signin">
            <form onSubmit={send}>
                <Mark size={48} />
                <h1>{t("sign_in_title")}</h1>
                {byToken ? (
                    <label class="field"><span>{t("token")}</span><input ref={first} type="password" autocomplete="off" value={token} required onInput={(event) => setToken(event.currentTarget.value)} /></label>
                ) : (
                    <>
                        <label class="field"><span>{t("user")}</span><input ref={first} name="username" autocomplete="username" value={user} required onInput={(event) => setUser(event.currentTarget.value)} /></label>
                        <label class="field"><span>{t("password")}</span><input name="password" type="password" autocomplete="current-password" value={password} required onInput={(event) => setPassword(event.currentTarget.value)} /></label>
                    </>
                )}
                {fault && <p class="field-fault" role="alert">{fault}</p>}
                <Button type="submit" tone="primary" busy={busy}>{busy ? t("signing_in") : t("sign_in")}</Button>
                <button type="button" class="link" onClick={() => (setByToken(!byToken), setFault(""))}>{t(byToken ? "with_password" : "with_token")}</button>
                <button type="button" class="link" onClick={() => begin()}>{t("without_login")}</button>
            </form>
        </main>
    );
}
