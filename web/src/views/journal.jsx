// views/journal.jsx: the book in which every effect names its cause, and the audit of it.

import { t } from "../words.js";
import { clock, date, day, number } from "../format.js";
import { go, Link, path, useFilter } from "../router.jsx";
import { useAudit } from "../house.js";
import { call } from "../api.js";
import { Answered, Button, Card, Choice, Empty, Search, State } from "../parts/basics.jsx";
import { Icon, Shape } from "../parts/icons.jsx";
import { List } from "../parts/list.jsx";
import { eventTone } from "../parts/tones.js";
import { iconOf, subjectPath } from "../parts/story.jsx";
import { Picker } from "./runs.jsx";
import { usePages } from "./queue.jsx";

const kinds = ["program", "job", "run", "trigger", "folder", "task", "config", "operator", "circuit", "expect", "maintenance", "daemon", "store", "clock", "hook", "alert", "delivery", "channel", "message"];

export function Journal() {
    const [tab, setTab] = useFilter("tab", "events");
    const audit = useAudit();
    return (
        <div class="page fills">
            <header class="page-head"><h1>{t("view_journal")}</h1>
                <Choice label={t("parts")} value={tab} onChange={setTab} options={[["events", t("events")], ["audit", t("audit"), audit.data ? number(audit.data.unexplained) : null]]} />
            </header>
            {tab === "audit" ? <Audit answer={audit} /> : <Events />}
        </div>
    );
}

function Events() {
    const [kind, setKind] = useFilter("kind");
    const [since, setSince] = useFilter("since");
    const [search, setSearch] = useFilter("q");
    const [subject, setSubject] = useFilter("subject");
    const filters = { ...(kind && { kind }), ...(since && { since }), ...(subject && { subject_prefix: subject }) };
    const pages = usePages(`events/${JSON.stringify(filters)}`, async (before) => {
        const found = await call("lares.events", { ...filters, limit: 300, ...(before && { before }) });
        return { rows: found.events.map((event) => ({ ...event, id: event.event })), more: found.more, next: found.next };
    }, 2500, ["event", "program", "task", "job", "run", "file", "config"]);
    const low = search.toLowerCase();
    const rows = low ? pages.rows.filter((event) => `${event.kind} ${event.subject} ${event.words} ${event.who}`.toLowerCase().includes(low)) : pages.rows;
    const today = new Date().toDateString();
    const columns = [
        { key: "at", name: t("when"), class: "w-when", cell: (event) => <time title={date(event.at)}>{new Date(event.at * 1000).toDateString() === today ? clock(event.at) : `${day(event.at)} ${clock(event.at)}`}</time> },
        { key: "kind", name: t("kind"), class: "w-kind", hide: true, cell: (event) => <State plain tone={eventTone(event)}>{event.kind}</State> },
        { key: "words", name: t("what"), class: "grow", cell: (event) => <span class="two"><span class="clamp">{event.words || event.kind}</span><span class="quiet clamp">{event.subject}</span></span> },
        { key: "who", name: t("who"), class: "w-name", hide: true, cell: (event) => <span class="quiet clamp">{event.who}</span> },
        { key: "acts", name: t("story"), class: "w-acts right", cell: (event) => <Button icon="trace" small label={t("story_of", { subject: event.words || event.kind })} onClick={() => go(path("trace", `event/${event.event}`))} /> },
    ];
    return (
        <>
            <div class="tools">
                <Search value={search} onInput={setSearch} label={t("filter_events")} />
                <Picker label={t("kind")} value={kind} onChange={setKind} options={[["", t("any_kind")], ...kinds.map((each) => [each, t(`kind_${each}`)])]} />
                <Picker label={t("since")} value={since} onChange={setSince} options={[["", t("any_time")], ["1h", t("last_hour")], ["24h", t("last_day")], ["7d", t("last_week")]]} />
                {subject && <Button icon="cancel" small onClick={() => setSubject("")}>{subject}</Button>}
            </div>
            <Answered answer={pages}>
                {() => rows.length === 0 ? <Empty icon="journal" title={low ? t("nothing_fits") : t("journal_none")}>{t("journal_none_words")}</Empty>
                    : <List rows={rows} id={(event) => event.event} columns={columns} label={t("events")} more={pages.more} open={(event) => go(subjectPath(String(event.subject)) || path("trace", `event/${event.event}`))} height={46} tall={62} narrowRow={(event) => narrowRow(event)} foot={pages.isAll ? t("rows_all", { count: number(rows.length) }) : t("rows_more")} />}
            </Answered>
        </>
    );
}

const narrowRow = (event) => (
    <>
        <span class="two"><span class="clamp name">{event.words || event.kind}</span>
            <span class="quiet clamp"><State plain tone={eventTone(event)}>{clock(event.at)}</State>{" · "}{event.subject}</span></span>
        <Button icon="trace" small label={t("story_of", { subject: event.words || event.kind })} onClick={() => go(path("trace", `event/${event.event}`))} />
    </>
);

function Audit({ answer }) {
    return (
        <div class="scrolls"><Answered answer={answer}>
            {(found) => (
                <>
                    <section class={`verdict small ${found.unexplained ? "bad" : "good"}`}>
                        <div class="verdict-head"><span class="verdict-mark"><Icon name={found.unexplained ? "alerts" : "check"} size={26} /></span><div>
                            <p class="verdict-words">{t("unexplained", { count: number(found.unexplained) })}</p>
                            <p class="quiet">{t("audit_words", { jobs: number(found.jobs), instants: number(found.instants), files: number(found.files) })}</p>
                        </div></div>
                    </section>
                    {found.items.length === 0 ? <Empty icon="check" title={t("audit_none")}>{t("audit_none_words")}</Empty> : (
                        <Card title={t("unexplained_list")}><ul class="items">{found.items.map((item) => (
                            <li class="item" key={item.subject + item.since}><Shape tone="bad" size={14} /><div class="item-words"><Link class="item-title" to={path("trace", item.subject)}>{item.subject}</Link><span class="quiet">{item.words} · {date(item.since)}</span></div></li>
                        ))}</ul></Card>
                    )}
                </>
            )}
        </Answered></div>
    );
}
