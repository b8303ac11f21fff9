// parts/basics.jsx: the small parts that every view is put together from.

import { useEffect, useRef, useState } from "preact/hooks";
import { t, has } from "../words.js";
import { ago, date } from "../format.js";
import { Link, path } from "../router.jsx";
import { useNow } from "../store.js";
import { Icon, Shape } from "./icons.jsx";

/** A state in words, with its shape. */
export function State({ tone, children, plain }) {
    return <span class={plain ? "state" : `state chip ${tone}`}><Shape tone={tone} />{children}</span>;
}

/** A word of the daemon ("RUNNING", "done") as the page says it. */
export const word = (name) => (has(`word_${String(name).toLowerCase()}`) ? t(`word_${String(name).toLowerCase()}`) : String(name));

export function Ago({ at }) {
    const now = useNow(1000);
    return at ? <time dateTime={new Date(at * 1000).toISOString()} title={date(at)}>{ago(at, now)}</time> : <span class="quiet">{t("never")}</span>;
}

export function Button({ icon, children, label, tone = "", small, busy, ...rest }) {
    return (
        <button type="button" class={`button ${tone} ${small ? "small" : ""} ${children ? "" : "bare"}`} aria-label={label} title={label} {...rest} disabled={rest.disabled || busy}>
            {icon && <Icon name={icon} size={small ? 16 : 18} />}
            {children && <span>{children}</span>}
        </button>
    );
}

/** To the causal picture of anything. */
export function StoryLink({ subject }) {
    return <Link class="button" to={path("trace", subject)}><Icon name="trace" /><span>{t("story")}</span></Link>;
}

export function Card({ title, more, children, class: name = "", id }) {
    return (
        <section class={`card ${name}`} id={id} aria-label={typeof title === "string" ? title : undefined}>
            {title && <header class="card-head"><h2>{title}</h2>{more && <div class="card-more">{more}</div>}</header>}
            {children}
        </section>
    );
}

/** Nothing there: says so, why that may be, and what to do next. heads: it is all there is of the view. */
export function Empty({ icon = "check", title, children, action, heads }) {
    return (
        <div class="empty">
            <Icon name={icon} size={28} />
            {heads ? <h1 class="empty-title">{title}</h1> : <p class="empty-title">{title}</p>}
            {children && <p class="empty-words">{children}</p>}
            {action && <div class="empty-action">{action}</div>}
        </div>
    );
}

/** What went wrong with a question, with a way on. */
export function Fault({ error, again }) {
    const words = error.kind === "offline" ? t("fault_offline") : error.kind === "slow" ? t("fault_slow") : error.message;
    return (
        <div class="fault" role="alert">
            <Shape tone="bad" size={14} />
            <div>
                <p>{words}</p>
                {error.hint && <p class="quiet">{error.hint}</p>}
            </div>
            {again && <Button icon="retry" small onClick={again}>{t("try_again")}</Button>}
        </div>
    );
}

/** The answer's view, or what there is instead: a fault, or a wait that says after a while that it waits. */
export function Answered({ answer, children, lines = 4 }) {
    if (answer.data !== undefined) return children(answer.data);
    if (answer.error) return <Fault error={answer.error} again={answer.refresh} />;
    return <Waiting lines={lines} again={answer.refresh} />;
}

function Waiting({ lines, again }) {
    const [late, set] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => set(true), 6000);
        return () => clearTimeout(timer);
    }, []);
    return (
        <div class="waiting" role="status" aria-label={t("loading")}>
            {Array.from({ length: lines }, (_, i) => <div key={i} class="bone" />)}
            {late && <p class="quiet">{t("loading_long")} <button type="button" class="link" onClick={again}>{t("try_again")}</button></p>}
        </div>
    );
}

export function Facts({ rows }) {
    return (
        <dl class="facts">
            {rows.filter((row) => row && row[1] !== "" && row[1] != null).map(([name, value]) => (
                <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
            ))}
        </dl>
    );
}

/** One of several, as a row of buttons. */
export function Choice({ label, value, options, onChange }) {
    return (
        <div class="choice" role="group" aria-label={label}>
            {options.map(([key, words, count]) => (
                <button type="button" key={key} aria-pressed={value === key} onClick={() => onChange(key)}>
                    {words}{count != null && <>{" "}<span class="count">{count}</span></>}
                </button>
            ))}
        </div>
    );
}

export function Search({ value, onInput, label, id = "filter" }) {
    return (
        <label class="search">
            <Icon name="search" size={16} />
            <input id={id} type="search" value={value} placeholder={label} aria-label={label} autocomplete="off" spellcheck={false}
                onInput={(event) => onInput(event.currentTarget.value)}
                onKeyDown={(event) => event.key === "Escape" && (value ? onInput("") : event.currentTarget.blur())} />
            <kbd aria-hidden="true">/</kbd>
        </label>
    );
}

/** A window over the page; Escape and the ground behind it close it, and the focus goes back. */
export function Dialog({ title, onClose, children, wide, actions }) {
    const ref = useRef();
    useEffect(() => {
        const before = document.activeElement;
        const element = ref.current;
        if (!element.open) element.showModal();
        return () => before && before.focus && before.focus();
    }, []);
    return (
        <dialog ref={ref} class={wide ? "dialog wide" : "dialog"} aria-label={title}
            onCancel={(event) => (event.preventDefault(), onClose())}
            onClick={(event) => event.target === ref.current && onClose()}>
            <div class="dialog-body">
                <header><h2>{title}</h2><Button icon="cancel" small label={t("close")} onClick={onClose} /></header>
                {children}
                {actions && <footer>{actions}</footer>}
            </div>
        </dialog>
    );
}

/** Buttons that do not fit: a menu under three points. */
export function Menu({ label, items, icon = "more", small = true }) {
    const [open, set] = useState(false);
    const ref = useRef();
    useEffect(() => {
        if (!open) return undefined;
        const away = (event) => ref.current && !ref.current.contains(event.target) && set(false);
        addEventListener("pointerdown", away);
        const first = ref.current.querySelector("[role=menuitem]");
        if (first) first.focus();
        return () => removeEventListener("pointerdown", away);
    }, [open]);
    const keys = (event) => {
        const all = [...ref.current.querySelectorAll("[role=menuitem]:not(:disabled)")];
        const at = all.indexOf(document.activeElement);
        const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
        if (step && all.length) all[(at + step + all.length) % all.length].focus();
        if (event.key === "Escape") {
            set(false);
            ref.current.querySelector("button").focus();
            event.stopPropagation();
        }
        if (step) event.preventDefault();
    };
    const shown = items.filter(Boolean);
    return (
        <div class="menu" ref={ref} onKeyDown={open ? keys : undefined}>
            <Button icon={icon} small={small} label={label} aria-haspopup="menu" aria-expanded={open}
                onClick={(event) => (event.stopPropagation(), set(!open))} />
            {open && (
                <div class="menu-items" role="menu" aria-label={label}>
                    {shown.map((item) => (
                        <button type="button" role="menuitem" key={item.label} class={item.tone || ""} disabled={item.disabled}
                            onClick={(event) => (event.stopPropagation(), set(false), item.act())}>
                            <Icon name={item.icon} size={16} />{item.label}
                        </button>
                    ))}
                </div>
            )}
        </div>
    );
}
