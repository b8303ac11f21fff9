// views/programs.jsx: every process: state, course, restarts, and what can be done to one or many.

import { useMemo, useState } from "preact/hooks";
import { language, t } from "../words.js";
import { bytes, number, percent, shortSpan, when } from "../format.js";
import { go, Link, path, useFilter } from "../router.jsx";
import { course, fullName, upFor, useStatus, useUsed } from "../house.js";
import { commandProcesses, processCommands } from "../commands.js";
import { may } from "../session.js";
import { Answered, Button, Choice, Empty, Menu, Search, State, word } from "../parts/basics.jsx";
import { List, sorted } from "../parts/list.jsx";
import { Spark } from "../parts/drawings.jsx";
import { Graph } from "../parts/graph.jsx";
import { programTone } from "../parts/tones.js";
import { isFlapping } from "../troubles.js";

const weight = { FATAL: 0, UNKNOWN: 1, BACKOFF: 2, STARTING: 3, STOPPING: 4, RUNNING: 5, EXITED: 6, STOPPED: 7 };
const last = (name, what) => {
    const list = course(name)[what];
    return list[list.length - 1] ?? null;
};
export const toneOf = (process) => (isFlapping(process) ? "warn" : programTone(process));

const kinds = {
    all: () => true,
    trouble: (process) => ["bad", "warn"].includes(toneOf(process)),
    up: (process) => process.statename === "RUNNING",
    down: (process) => ["STOPPED", "EXITED"].includes(process.statename),
};

export function Programs() {
    const status = useStatus();
    const used = useUsed();
    const [search, setSearch] = useFilter("q");
    const [kind, setKind] = useFilter("show", "all");
    const [sort, setSort] = useFilter("sort", "name");
    const [shape, setShape] = useFilter("as", "list");
    const [chosen, setChosen] = useState(new Set());
    const processes = status.data?.processes || [];
    const columns = useMemo(columnsOf, [used, language()]); // a row whose process is as before is not drawn again
    const rows = useMemo(() => {
        const low = search.toLowerCase();
        const list = processes.filter((process) => (kinds[kind] || kinds.all)(process) && (!low || `${fullName(process)} ${process.program} ${process.statename} ${process.why || ""}`.toLowerCase().includes(low)));
        return sorted(list, columns, sort);
    }, [processes, search, kind, sort]);
    const acts = may("operator");
    const names = rows.map(fullName).filter((name) => chosen.has(name));
    return (
        <div class="page fills">
            <header class="page-head"><h1>{t("view_programs")}</h1>
                <Choice label={t("draw_as")} value={shape} onChange={setShape} options={[["list", t("as_list")], ["graph", t("as_graph")]]} />
            </header>
            <div class="tools">
                <Search value={search} onInput={setSearch} label={t("filter_programs")} />
                <Choice label={t("show")} value={kind} onChange={setKind} options={Object.keys(kinds).map((key) => [key, t(`show_${key}`), number(processes.filter(kinds[key]).length)])} />
            </div>
            <Answered answer={status} lines={10}>
                {() => shape === "graph" ? <div class="scrolls"><Graph processes={search || kind !== "all" ? rows : processes} /></div>
                    : processes.length === 0 ? <Empty icon="programs" title={t("programs_none")} action={<Link class="button" to={path("configuration")}>{t("to_configuration")}</Link>}>{t("programs_none_words")}</Empty>
                        : rows.length === 0 ? <Empty icon="search" title={t("nothing_fits")} action={<Button icon="cancel" onClick={() => (setSearch(""), setKind("all"))}>{t("show_all")}</Button>} />
                            : <List rows={rows} id={fullName} columns={columns} sort={sort} setSort={setSort} chosen={acts ? chosen : undefined} setChosen={setChosen} class="programs"
                                label={t("view_programs")} open={(process) => go(path("programs", fullName(process)))} narrowRow={narrowRow} />}
            </Answered>
            {names.length > 0 && (
                <div class="bulk" role="toolbar" aria-label={t("chosen_label")}>
                    <span>{t("chosen", { count: names.length })}</span>
                    {processCommands.map((command) => <Button key={command.key} icon={command.icon} tone={command.tone} onClick={() => commandProcesses(command, names).then((done) => done && setChosen(new Set()))}>{t(`do_${command.key}`)}</Button>)}
                    <Button icon="cancel" label={t("choose_none")} onClick={() => setChosen(new Set())} />
                </div>
            )}
        </div>
    );
}

function columnsOf() {
    return [
        { key: "state", name: t("state"), class: "w-state", sort: (process) => weight[process.statename] ?? 9, cell: (process) => <State tone={toneOf(process)}>{isFlapping(process) ? t("flapping") : word(process.statename)}</State> },
        { key: "name", name: t("name"), class: "grow", sort: fullName, cell: (process) => <span class="two"><Link to={path("programs", fullName(process))} class="name">{fullName(process)}</Link>{detail(process) && <span class="quiet clamp">{detail(process)}</span>}</span> },
        { key: "uptime", name: t("uptime"), class: "w-span right", hide: true, sort: (process) => -upFor(process), cell: (process) => (process.pid ? shortSpan(upFor(process)) : <span class="quiet">{process.stopped ? when(process.stopped) : "–"}</span>) },
        { key: "cpu", name: t("cpu"), class: "w-spark", hide: true, sort: (process) => last(fullName(process), "cpu") ?? -1, cell: (process) => <Course process={process} what="cpu" print={percent} most={5} /> },
        { key: "memory", name: t("memory"), class: "w-spark", hide: true, sort: (process) => last(fullName(process), "memory") ?? -1, cell: (process) => <Course process={process} what="memory" print={bytes} /> },
        { key: "restarts", name: t("restarts"), class: "w-count right", hide: true, sort: (process) => process.restarts, cell: (process) => <span class={process.restarts ? "" : "quiet"}>{number(process.restarts)}</span> },
        { key: "acts", name: t("actions"), class: "w-acts right", late: true, hide: true, cell: (process) => <ProcessActs process={process} /> },
    ];
}

/** What is worth a second line: why it is not simply running. */
function detail(process) {
    if (process.statename === "RUNNING" && !isFlapping(process)) return "";
    return process.waits_for ? t("waits_for", { what: process.waits_for }) : process.why || process.spawnerr || "";
}

function Course({ process, what, print, most }) {
    if (!process.pid) return <span class="quiet">–</span>;
    const { [what]: values } = course(fullName(process));
    const value = values[values.length - 1];
    return <span class="course"><Spark values={values.slice(-40)} most={most} width={60} label={`${t(what)} ${print(value)}`} tone={what === "memory" ? "second" : ""} /><span>{print(value)}</span></span>;
}

export function ProcessActs({ process, small = true }) {
    const name = fullName(process);
    if (!may("operator")) return <Button icon="log" small label={t("log_of", { name })} onClick={() => go(path("programs", name))} />;
    const fitting = processCommands.filter((command) => command.fits(process));
    return (
        <span class="acts">
            {fitting.filter((command) => command.key !== "stop").slice(0, 1).map((command) => <Button key={command.key} icon={command.icon} small={small} label={`${t(`do_${command.key}`)} ${name}`} onClick={() => commandProcesses(command, [name])} />)}
            <Menu label={t("more_of", { name })} items={[
                ...fitting.map((command) => ({ label: t(`do_${command.key}`), icon: command.icon, tone: command.tone, act: () => commandProcesses(command, [name]) })),
                { label: t("log"), icon: "log", act: () => go(path("programs", name)) },
                { label: t("story"), icon: "trace", act: () => go(path("trace", `program/${process.group}:${process.name}`)) },
                { label: t("history"), icon: "runs", act: () => go(path("runs", "", { kind: "program", subject: `${process.group}:${process.name}` })) },
            ]} />
        </span>
    );
}

/** What a narrow row says after the state. */
function facts(process) {
    if (detail(process)) return [detail(process)];
    if (!process.pid) return process.stopped ? [when(process.stopped)] : [];
    const cpu = last(fullName(process), "cpu");
    const memory = last(fullName(process), "memory");
    return [shortSpan(upFor(process)), cpu != null && percent(cpu), memory != null && bytes(memory)].filter(Boolean);
}

function narrowRow(process) {
    return (
        <>
            <span class="two"><Link to={path("programs", fullName(process))} class="name">{fullName(process)}</Link>
                <span class="quiet clamp"><State plain tone={toneOf(process)}>{isFlapping(process) ? t("flapping") : word(process.statename)}</State>{facts(process).map((each) => ` · ${each}`).join("")}</span></span>
            <ProcessActs process={process} />
        </>
    );
}
