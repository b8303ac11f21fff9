// views/accounts.jsx: the windows in which a user is made or changed, and a token is made, which is shown
// once and never again. Neither is asked with an Idempotency-Key: the house would keep the answer.

import { useRef, useState } from "preact/hooks";
import { t } from "../words.js";
import { call, link } from "../api.js";
import { changed } from "../store.js";
import { doing } from "../parts/toast.jsx";
import { Button, Dialog } from "../parts/basics.jsx";

const roles = ["viewer", "operator", "admin"];
const spans = ["1d", "30d", "365d", "never"];

function RoleField({ value, onChange }) {
    return (
        <fieldset class="field roles"><legend>{t("role")}</legend>
            {roles.map((role) => (
                <label key={role} class="radio"><input type="radio" name="role" value={role} checked={value === role} onChange={() => onChange(role)} /><span><b>{t(`role_${role}`)}</b><span class="quiet">{t(`role_${role}_may`)}</span></span></label>
            ))}
        </fieldset>
    );
}

/** @param user  {} for a new one */
export function UserForm({ user, users, onClose }) {
    const isNew = !user.name;
    // Where nobody has to sign in yet, the first user closes the door: it must be one who can open it.
    const closes = isNew && link.kind === "open" && !users.some((each) => each.role === "admin" && each.has_password);
    const [name, setName] = useState(user.name || "");
    const [role, setRole] = useState(user.role || (closes ? "admin" : "viewer"));
    const [password, setPassword] = useState("");
    const [fault, setFault] = useState("");
    const [busy, setBusy] = useState(false);
    const closing = role === "admin" ? "first_user_words" : "first_user_admin";
    const send = async (event) => {
        event.preventDefault();
        if (isNew && users.some((each) => each.name === name)) return setFault(t("user_there", { name }));
        setBusy(true);
        try {
            await call("lares.user_set", name, role, password);
            doing(Promise.resolve(true), t(isNew ? "did_new_user" : "did_change_user", { name }));
            changed("people", "event");
            onClose();
        } catch (error) {
            setFault(error.kind === "denied" ? t("denied", { words: error.message }) : error.message);
        }
        setBusy(false);
    };
    return (
        <Dialog title={isNew ? t("new_user") : t("change_user", { name: user.name })} onClose={onClose}>
            <form onSubmit={send}>
                {isNew && <label class="field"><span>{t("name")}</span><input value={name} required maxLength={64} pattern="[A-Za-z0-9._@\-]+" title={t("name_letters")} autocomplete="off" spellcheck={false} onInput={(event) => (setName(event.currentTarget.value), setFault(""))} /></label>}
                <RoleField value={role} onChange={setRole} />
                <label class="field"><span>{isNew ? t("password") : t("password_new")}</span><input type="password" value={password} required={isNew} minLength={8} maxLength={512} autocomplete="new-password" placeholder={isNew ? "" : t("password_stays")} onInput={(event) => (setPassword(event.currentTarget.value), setFault(""))} /></label>
                <p class="quiet">{t("password_words")}</p>
                {closes && <p class={role === "admin" ? "quiet" : "field-fault"} role="note">{t(closing)}</p>}
                {fault && <p class="field-fault" role="alert">{fault}</p>}
                <footer><Button onClick={onClose}>{t("leave_it")}</Button><Button type="submit" tone="primary" icon="check" busy={busy} disabled={closes && role !== "admin"}>{t(isNew ? "do_new_user" : "do_change_user")}</Button></footer>
            </form>
        </Dialog>
    );
}

export function NewToken({ onClose }) {
    const [name, setName] = useState("");
    const [role, setRole] = useState("viewer");
    const [expires, setExpires] = useState("30d");
    const [fault, setFault] = useState("");
    const [busy, setBusy] = useState(false);
    const [secret, setSecret] = useState("");
    const send = async (event) => {
        event.preventDefault();
        setBusy(true);
        try {
            setSecret((await call("lares.token_create", name, role, expires === "never" ? "" : expires)).token);
            changed("people", "event");
        } catch (error) {
            setFault(error.kind === "denied" ? t("denied", { words: error.message }) : error.message);
        }
        setBusy(false);
    };
    if (secret) return <Shown name={name} secret={secret} onClose={onClose} />;
    return (
        <Dialog title={t("new_token")} onClose={onClose}>
            <form onSubmit={send}>
                <label class="field"><span>{t("name")}</span><input value={name} required maxLength={64} pattern="[A-Za-z0-9._@\-]+" title={t("name_letters")} autocomplete="off" spellcheck={false} placeholder="grafana" onInput={(event) => (setName(event.currentTarget.value), setFault(""))} /></label>
                <RoleField value={role} onChange={setRole} />
                <label class="field"><span>{t("token_lasts")}</span><select value={expires} onChange={(event) => setExpires(event.currentTarget.value)}>{spans.map((each) => <option key={each} value={each}>{t(`lasts_${each}`)}</option>)}</select></label>
                {fault && <p class="field-fault" role="alert">{fault}</p>}
                <footer><Button onClick={onClose}>{t("leave_it")}</Button><Button type="submit" tone="primary" icon="check" busy={busy}>{t("do_new_token")}</Button></footer>
            </form>
        </Dialog>
    );
}

/** The one time that a token is seen. */
function Shown({ name, secret, onClose }) {
    const field = useRef();
    const [copied, setCopied] = useState(false);
    const copy = async () => {
        field.current.select();
        try {
            await navigator.clipboard.writeText(secret);
            setCopied(true);
        } catch {
            // Not on a plain http address of another machine: it is selected, Ctrl C takes it.
        }
    };
    return (
        <Dialog title={t("token_made", { name })} onClose={onClose} actions={<Button tone="primary" onClick={onClose}>{t("token_kept")}</Button>}>
            <p>{t("token_once")}</p>
            <div class="secret"><input ref={field} class="mono" readOnly value={secret} aria-label={t("token")} onFocus={(event) => event.currentTarget.select()} /><Button icon={copied ? "check" : "copy"} onClick={copy}>{t(copied ? "copied" : "copy")}</Button></div>
            <p class="quiet mono clamp">curl -H 'Authorization: Bearer …' {location.origin}/api/v1/status</p>
        </Dialog>
    );
}
