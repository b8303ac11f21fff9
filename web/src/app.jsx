// app.jsx: what is around every view: navigation, search, state of the connection, and who one is.

import { Component } from "preact";
import { useEffect, useState } from "preact/hooks";
import { link } from "./api.js";
import { useKept, useLink, useNow } from "./store.js";
import { Link, path, useWhere } from "./router.jsx";
import { choose, language, languages, preferred, t } from "./words.js";
import { span } from "./format.js";
import { useStatus, useUsage, useWork } from "./house.js";
import { findView, shownViews } from "./views.js";
import { setConfirm } from "./commands.js";
import { Button, Dialog, Empty, Menu } from "./parts/basics.jsx";
import { Icon, Mark } from "./parts/icons.jsx";
import { Toasts, doing } from "./parts/toast.jsx";
import { Palette } from "./parts/palette.jsx";
import { Help, useKeys } from "./parts/keys.jsx";
import { useAlerts } from "./views/messages.jsx";
import { SignIn } from "./views/signin.jsx";
import { live } from "./live.js";
import { signOut } from "./session.js";
import { useNeeds } from "./needs.js";
import { useTasks } from "./house.js";

export function App() {
    const [theme, setTheme] = useKept("theme", "auto");
    const [tongue, setTongue] = useKept("language", "");
    const [palette, setPalette] = useState(false);
    const [help, setHelp] = useState(false);
    const [drawer, setDrawer] = useState(false);
    const [question, setQuestion] = useState(null);
    const connection = useLink();
    const place = useWhere();
    choose(tongue || preferred());

    useEffect(() => {
        if (theme === "auto") delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = theme;
    }, [theme]);
    useEffect(() => setConfirm((asked) => new Promise((answer) => setQuestion({ ...asked, answer }))), []);
    useEffect(() => (connection.kind ? live() : undefined), [connection.kind, connection.user, connection.login]);
    useEffect(() => setDrawer(false), [place.view, place.name]);
    useKeys({ palette: () => setPalette(true), help: () => setHelp(true), busy: palette || help || question });

    if (connection.login) return <SignIn />;
    const entry = findView(place.view);
    const View = entry ? (place.name && entry.one ? entry.one : entry.view) : Lost;
    const title = entry ? t(`view_${entry.in || entry.key}`) : t("lost");
    document.title = `${place.name ? `${place.name} · ` : ""}${title} · Lares`;
    return (
        <div class={`shell ${drawer ? "with-drawer" : ""}`}>
            <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById("main").focus())}>{t("skip")}</a>
            <Side current={entry?.in || entry?.key} onClose={() => setDrawer(false)} />
            <div class="stage">
                <header class="top">
                    <Button icon="menu" label={t("menu")} class="button bare only-narrow" aria-expanded={drawer} onClick={() => setDrawer(!drawer)} />
                    <button type="button" class="find" onClick={() => setPalette(true)} aria-keyshortcuts="Control+K">
                        <Icon name="search" size={16} /><span>{t("find")}</span><kbd aria-hidden="true">Ctrl K</kbd>
                    </button>
                    <Pulse />
                    <Menu label={t("appearance")} icon={theme === "dark" ? "dark" : "light"} small={false} items={[
                        ...["auto", "light", "dark"].map((each) => ({ label: t(`theme_${each}`), icon: theme === each ? "check" : each === "dark" ? "dark" : "light", act: () => setTheme(each) })),
                        ...languages.map(([key, name]) => ({ label: name, icon: language() === key ? "check" : "messages", act: () => setTongue(key) })),
                    ]} />
                    <Menu label={connection.user ? t("signed_in_as", { user: connection.user }) : t("help")} icon={connection.user ? "people" : "why"} small={false} items={[
                        { label: t("help_keys"), icon: "keyboard", act: () => setHelp(true) },
                        connection.session && { label: t("sign_out"), icon: "signout", act: () => doing(signOut()) },
                    ]} />
                </header>
                <Offline />
                <main id="main" tabIndex={-1} key={place.view + "/" + place.name}>
                    <Guard><View name={place.name} key={place.name} /></Guard>
                </main>
            </div>
            {palette && <Palette onClose={() => setPalette(false)} onTheme={setTheme} onLanguage={setTongue} onHelp={() => setHelp(true)} />}
            {help && <Help onClose={() => setHelp(false)} />}
            {question && <Confirm question={question} onDone={() => setQuestion(null)} />}
            <Toasts />
        </div>
    );
}

function Side({ current, onClose }) {
    const status = useStatus().data;
    const tasks = useTasks().data;
    const work = useWork().data;
    useUsage(!useLink().live);
    const counts = {};
    if (status) {
        const bad = status.processes.filter((process) => ["FATAL", "BACKOFF", "UNKNOWN"].includes(process.statename)).length;
        if (bad) counts.programs = { count: bad, tone: "bad", words: t("count_programs_bad", { count: bad }) };
    }
    if (work && work.dead) counts.queue = { count: work.dead, tone: "bad", words: t("count_dead", { count: work.dead }) };
    if (tasks) {
        const late = tasks.filter((task) => task.late).length;
        if (late) counts.tasks = { count: late, tone: "warn", words: t("count_late", { count: late }) };
    }
    const alerts = useAlerts().data;
    if (alerts) {
        const open = alerts.filter((alert) => !alert.acknowledged).length;
        if (open) counts.messages = { count: open, tone: "warn", words: t("count_alerts", { count: open }) };
    }
    if (status && (status.config_drift || status.config_trouble)) counts.configuration = { count: "!", tone: "warn", words: t("drift") };
    return (
        <>
            <nav class="side" aria-label={t("views")}>
                <Link class="brand" to="/"><Mark /><span><b>Lares</b><small>{status ? status.identifier : ""}</small></span></Link>
                {["now", "then", "house"].map((group) => (
                    <ul key={group} aria-label={t(`group_${group}`)}>
                        {shownViews.filter((each) => each.group === group).map((each) => (
                            <li key={each.key}>
                                <Link to={path(each.key)} aria-current={current === each.key ? "page" : undefined}>
                                    <Icon name={each.key} /><span>{t(`view_${each.key}`)}</span>
                                    {counts[each.key] && <span class={`badge ${counts[each.key].tone}`} title={counts[each.key].words} aria-label={counts[each.key].words}>{counts[each.key].count}</span>}
                                </Link>
                            </li>
                        ))}
                    </ul>
                ))}
                <p class="side-foot">{status && `Lares ${status.version}`}</p>
            </nav>
            <div class="veil" onClick={onClose} />
        </>
    );
}

/** Whether all is well, whichever view one is in. */
function Pulse() {
    const connection = useLink();
    const needs = useNeeds();
    if (!connection.online) return <span class="pulse bad"><i />{t("offline")}</span>;
    if (!needs) return <span class="pulse"><i />{t("loading")}</span>;
    const { count, worst } = needs;
    return <Link class={`pulse ${worst}`} to="/" title={t("pulse_title")}><i />{count ? t("pulse_trouble", { count }) : t("pulse_good")}</Link>;
}

function Offline() {
    const connection = useLink();
    const now = useNow(1000);
    if (connection.online) return null;
    return <div class="offline" role="alert"><Icon name="why" size={16} />{t("offline_words", { span: span(Math.max(1, (now - link.since) / 1000)) })}</div>;
}

function Confirm({ question, onDone }) {
    const answer = (yes) => (question.answer(yes), onDone());
    return (
        <Dialog title={question.title} onClose={() => answer(false)} actions={<><Button onClick={() => answer(false)}>{t("leave_it")}</Button><Button tone="risky" autofocus onClick={() => answer(true)}>{question.button}</Button></>}>
            <p>{question.words}</p>
        </Dialog>
    );
}

function Lost() {
    return <Empty icon="why" heads title={t("lost")} action={<Link class="button" to="/">{t("to_overview")}</Link>}>{t("lost_words")}</Empty>;
}

/** A fault of the page itself must not leave it blank. */
class Guard extends Component {
    componentDidCatch(error) {
        console.error(error);
        this.setState({ error });
    }
    render() {
        if (!this.state.error) return this.props.children;
        return <Empty icon="why" heads title={t("page_fault")} action={<Button icon="retry" onClick={() => location.reload()}>{t("load_again")}</Button>}>{String(this.state.error.message)}</Empty>;
    }
}
