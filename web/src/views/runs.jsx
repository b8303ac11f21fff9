// views/runs.jsx: everything that ever ran and is still remembered: filtered, searched, without end.

import { useState } from "preact/hooks";
import { t } from "../words.js";
import { bytes, number, shortSpan, when } from "../format.js";
import { go, Link, path, useFilter } from "../router.jsx";
import { useTasks } from "../house.js";
import { useNow } from "../store.js";
import { call } from "../api.js";
import { Answered, Button, Choice, Empty, Search, State, word } from "../parts/basics.jsx";
import { List } from "../parts/list.jsx";
import { runTone } from "../parts/tones.js";
import { usePages } from "./queue.jsx";

const outcomes = ["ok", "error", "timeout", "crash", "interrupted", "cancelled", "exited"];

export function Runs() {
    const [kind, setKind] = useFilter("kind");
    const [task, setTask] = useFilter("task");
    const [outcome, setOutcome] = useFilter("outcome");
    const [since, setSince] = useFilter("since");
    const [subject] = useFilter("subject");
    const [search, setSearch] = useFilter("q");
    const tasks = useTasks().data || [];
    const filters = {};
    if (task) filters.task = task;
    else {
        if (kind) filters.kind = kind;
        if (subject) filters.subject = subject;
    }
    if (outcome === "open") filters.open = true;
    else if (outcome) filters.outcome = outcome;
    if (since) filters.since = since;
    return (
        <div class="page fills">
            <header class="page-head"><h1>{t("view_runs")}</h1>{subject && <span class="quiet">{subject}</span>}</header>
            <div class="tools">
                <Search value={search} onInput={setSearch} label={t("filter_runs")} />
                <Choice label={t("kind")} value={kind} onChange={setKind} options={[["", t("show_all")], ["job", t("noun_job")], ["program", t("noun_program")]]} />
                <Picker label={t("noun_task")} value={task} onChange={setTask} options={[["", t("all_tasks")], ...tasks.map((each) => [each.task, each.task])]} />
                <Picker label={t("outcome")} value={outcome} onChange={setOutcome} options={[["", t("any_outcome")], ["open", word("running")], ...outcomes.map((each) => [each, word(each)])]} />
                <Picker label={t("since")} value={since} onChange={setSince} options={[["", t("any_time")], ["1h", t("last_hour")], ["24h", t("last_day")], ["7d", t("last_week")]]} />
            </div>
            <RunList filters={filters} search={search} clear={() => (setSearch(""), go(path("runs")))} />
        </div>
    );
}

export function Picker({ label, value, onChange, options }) {
    return <label class="picker"><span class="unseen">{label}</span><select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>{options.map(([key, name]) => <option key={key} value={key}>{name}</option>)}</select></label>;
}

export function RunList({ filters, search = "", clear, flat }) {
    const key = `runs/${JSON.stringify(filters)}`;
    const limit = flat ? 30 : 200;
    const [shown] = useState(limit);
    const now = useNow(2000) / 1000;
    const pages = usePages(key, async (before) => {
        const found = await call("lares.runs", { ...filters, limit: shown, ...(before && { before }) });
        return { rows: found.runs.map((run) => ({ ...run, id: run.run })), more: found.more, next: found.next };
    }, 3000, ["run", "job", "program"]);
    const low = search.toLowerCase();
    const rows = low ? pages.rows.filter((run) => `${run.run} ${run.subject} ${run.outcome} ${run.words} ${run.node} ${run.job}`.toLowerCase().includes(low)) : pages.rows;
    const columns = [
        { key: "outcome", name: t("outcome"), class: "w-state", cell: (run) => <State tone={runTone(run)}>{endWords(run)}</State> },
        { key: "run", name: t("noun_run"), class: "w-name", cell: (run) => <Link class="name mono" to={path("runs", run.run)}>{shortRun(run.run)}</Link> },
        { key: "subject", name: t("of_what"), class: "grow", cell: (run) => <span class="two"><span class="clamp">{run.subject}{run.attempt > 1 && <span class="quiet"> · {t("attempt_no", { count: run.attempt })}</span>}</span>{run.words && <span class="quiet clamp">{run.words}</span>}</span> },
        { key: "started", name: t("started"), class: "w-when", hide: true, cell: (run) => when(run.started) },
        { key: "wall", name: t("lasted"), class: "w-span right", hide: true, cell: (run) => shortSpan(run.ended ? run.wall : Math.max(0, now - run.started)) },
        { key: "cpu", name: t("cpu"), class: "w-span right", hide: true, cell: (run) => (run.ended ? shortSpan(run.cpu) : <span class="quiet">–</span>) },
        { key: "memory", name: t("memory"), class: "w-span right", hide: true, cell: (run) => (run.peak_memory ? bytes(run.peak_memory) : <span class="quiet">–</span>) },
        { key: "job", name: t("noun_job"), class: "w-count right", hide: true, cell: (run) => (run.job ? <Link to={path("jobs", run.job)}>#{run.job}</Link> : <span class="quiet">–</span>) },
    ];
    return (
        <Answered answer={pages}>
            {() => rows.length === 0
                ? <Empty icon="runs" title={low || Object.keys(filters).length ? t("runs_none_fit") : t("no_runs_yet")} action={clear ? <Button icon="cancel" onClick={clear}>{t("show_all")}</Button> : undefined}>{t("no_runs_words")}</Empty>
                : <List rows={rows} id={(run) => run.run} columns={columns} label={t("view_runs")} open={(run) => go(path("runs", run.run))} more={flat ? undefined : pages.more} class={flat ? "short" : ""} height={46} tall={60}
                    narrowRow={(run) => <span class="two"><span class="name clamp"><Link to={path("runs", run.run)}>{run.subject}</Link></span><span class="quiet clamp"><State plain tone={runTone(run)}>{endWords(run)}</State>{" · "}{when(run.started)}{" · "}{shortSpan(run.ended ? run.wall : now - run.started)}</span></span>}
                    foot={flat ? null : pages.isAll ? t("rows_all", { count: number(rows.length) }) : t("rows_more")} />}
        </Answered>
    );
}

export const shortRun = (run) => (String(run).length > 10 ? `…${String(run).slice(-9)}` : String(run));

export function endWords(run) {
    if (!run.ended) return word("running");
    if (run.signal) return t("by_signal", { signal: run.signal });
    if (run.code > 0) return t("with_code", { code: run.code });
    return word(run.outcome || "ended");
}
