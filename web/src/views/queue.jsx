// views/queue.jsx: what waits, runs and died: how deep, how old, how fast; dead letters with what they
// were given and what they last said.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../words.js";
import { number, shortSpan, when } from "../format.js";
import { go, Link, path, useFilter } from "../router.jsx";
import { useRecentRuns, useTasks, useWork } from "../house.js";
import { useAnswer, useNow } from "../store.js";
import { call } from "../api.js";
import { commandJobs, jobCommands } from "../commands.js";
import { may } from "../session.js";
import { Ago, Answered, Button, Card, Choice, Empty, Search, State, word } from "../parts/basics.jsx";
import { Chart } from "../parts/chart.jsx";
import { Bar } from "../parts/drawings.jsx";
import { List } from "../parts/list.jsx";
import { jobTone, runTone } from "../parts/tones.js";

export function Queue() {
    const work = useWork();
    const tasks = useTasks();
    const [tab, setTab] = useFilter("tab", "depth");
    const [task, setTask] = useFilter("task");
    const counts = work.data || {};
    return (
        <div class="page fills">
            <header class="page-head"><h1>{t("view_queue")}</h1></header>
            <div class="tools">
                <Choice label={t("show")} value={tab} onChange={setTab} options={[
                    ["depth", t("queue_depth")], ["ready", word("ready"), counts.ready], ["running", word("running"), counts.running],
                    ["dead", t("dead_letters"), counts.dead], ["parked", word("parked"), counts.parked], ["ended", t("ended")],
                ].map(([key, name, count]) => [key, name, count == null ? null : number(count)])} />
                {tab !== "depth" && (
                    <label class="picker"><span class="unseen">{t("noun_task")}</span>
                        <select value={task} onChange={(event) => setTask(event.currentTarget.value)}><option value="">{t("all_tasks")}</option>{(tasks.data || []).map((each) => <option key={each.task} value={each.task}>{each.task}</option>)}</select>
                    </label>
                )}
            </div>
            {tab === "depth" ? <Depth tasks={tasks} work={work.data} /> : <JobList filters={{ state: tab, ...(task && { task }) }} letters={tab === "dead" || tab === "parked"} />}
        </div>
    );
}

function Depth({ tasks, work }) {
    const recent = useRecentRuns();
    const now = useNow(15000) / 1000;
    const rates = useMemo(() => {
        const runs = (recent.data?.runs || []).filter((run) => run.ended && run.ended > now - 3600);
        const slots = 60;
        const begin = Math.floor(now / 60) * 60 - (slots - 1) * 60;
        const at = Array.from({ length: slots }, (_, i) => begin + i * 60);
        const good = at.map(() => 0);
        const bad = at.map(() => 0);
        for (const run of runs) {
            const slot = Math.floor((run.ended - begin) / 60);
            if (slot >= 0 && slot < slots) (runTone(run) === "bad" ? bad : good)[slot] += 1;
        }
        return [at, good.map((value, i) => value + bad[i]), bad];
    }, [recent.data, Math.floor(now / 60)]);
    const ended = rates[1].reduce((sum, value) => sum + value, 0);
    return (
        <div class="scrolls">
            <Answered answer={tasks}>
                {(list) => {
                    const deep = [...list].sort((a, b) => b.ready + b.running - a.ready - a.running);
                    if (list.length === 0) return <Empty icon="queue" title={t("tasks_none")} action={<Link class="button" to={path("configuration")}>{t("to_configuration")}</Link>}>{t("tasks_none_words")}</Empty>;
                    return (
                        <>
                            <Card title={t("throughput")} more={<span class="quiet">{t("per_minute", { rate: number(ended / 60, 1), count: number(ended) })}</span>}>
                                <Chart data={rates} height={150} label={t("throughput")} print={(value) => number(value, 1)} series={[{ label: t("ended"), color: "--good-fill", bars: true }, { label: t("failed"), color: "--bad", bars: true }]} />
                            </Card>
                            <Card title={t("by_task")} more={work && <span class="quiet">{t("queue_sum", { ready: number(work.ready), running: number(work.running), dead: number(work.dead) })}</span>}>
                                <ul class="depths">
                                    {deep.map((task) => (
                                        <li key={task.task}>
                                            <Link to={path("tasks", task.task, { tab: "jobs" })}>{task.task}</Link>
                                            <Bar label={task.task} parts={[
                                                { name: word("running"), value: task.running, tone: "work" },
                                                { name: word("ready"), value: task.ready - (task.delayed || 0), tone: "note" },
                                                { name: t("later"), value: task.delayed || 0, tone: "idle" },
                                                { name: word("dead"), value: task.dead || 0, tone: "bad" },
                                            ]} />
                                            <span class="quiet depth-words">{depthWords(task)}</span>
                                        </li>
                                    ))}
                                </ul>
                            </Card>
                        </>
                    );
                }}
            </Answered>
        </div>
    );
}

function depthWords(task) {
    const parts = [];
    if (task.running) parts.push(`${number(task.running)} ${word("running")}`);
    if (task.ready) parts.push(`${number(task.ready)} ${word("ready")}`);
    if (task.oldest) parts.push(t("oldest", { span: shortSpan(Date.now() / 1000 - task.oldest) }));
    if (task.dead) parts.push(`${number(task.dead)} ${word("dead")}`);
    if (task.blocks.length) parts.push(task.blocks[0].words);
    return parts.join(" · ") || t("queue_idle");
}

/** Rows by pages of the house's own, fetched as the end comes near. */
export function usePages(key, fetchPage, every = 3000, topics = ["job"]) {
    const first = useAnswer(key, () => fetchPage(undefined), { topics, every });
    const [older, setOlder] = useState({ key, rows: [], next: null, busy: false });
    const busy = useRef(false);
    useEffect(() => setOlder({ key, rows: [], next: null }), [key]);
    const rows = useMemo(() => {
        if (!first.data) return [];
        if (older.key !== key || older.rows.length === 0) return first.data.rows;
        const seen = new Set(first.data.rows.map((row) => row.id));
        return [...first.data.rows, ...older.rows.filter((row) => !seen.has(row.id))];
    }, [first.data, older, key]);
    const next = older.key === key && older.next !== null ? older.next : first.data?.more ? first.data.next : 0;
    const more = async () => {
        if (!next || busy.current) return;
        busy.current = true;
        try {
            const found = await fetchPage(next);
            setOlder((before) => (before.key !== key && before.rows.length ? before : { key, rows: [...before.rows, ...found.rows], next: found.more ? found.next : 0 }));
        } catch {
            // The next scroll tries again; the first page says what is wrong.
        }
        busy.current = false;
    };
    return { ...first, rows, more: next ? more : undefined, isAll: !next };
}

export function JobList({ filters, letters }) {
    const [search, setSearch] = useFilter("q");
    const [chosen, setChosen] = useState(new Set());
    const key = `jobs/${JSON.stringify(filters)}`;
    const pages = usePages(key, async (before) => {
        const found = await call("lares.jobs", { ...filters, limit: 200, ...(before && { before }) });
        return { rows: found.jobs.map((job) => ({ ...job, id: job.job })), more: found.more, next: found.next };
    });
    const low = search.toLowerCase();
    const rows = low ? pages.rows.filter((job) => `${job.job} ${job.task} ${job.key} ${payloadOf(job)} ${job.why}`.toLowerCase().includes(low)) : pages.rows;
    const acts = may("operator");
    const picked = rows.filter((job) => chosen.has(job.job));
    const columns = [
        { key: "state", name: t("state"), class: "w-state", cell: (job) => <State tone={jobTone(job.state)}>{word(job.state)}</State> },
        { key: "job", name: t("noun_job"), class: "w-count", cell: (job) => <Link to={path("jobs", job.job)} class="name">#{job.job}</Link> },
        ...(filters.task ? [] : [{ key: "task", name: t("noun_task"), class: "w-name", hide: true, cell: (job) => <span class="clamp">{job.task}</span> }]),
        { key: "why", name: letters ? t("given_and_why") : t("why"), class: "grow", cell: (job) => <span class="two"><span class="clamp">{job.why || job.key || job.source}</span><span class="quiet clamp mono">{payloadOf(job) || job.source}</span></span> },
        { key: "created", name: t("age"), class: "w-when", hide: true, cell: (job) => <Ago at={job.ended || job.created} /> },
        { key: "attempts", name: t("attempts"), class: "w-count right", hide: true, cell: (job) => number(job.attempts) },
        { key: "acts", name: t("actions"), class: "w-acts right", late: true, cell: (job) => <JobActs job={job} /> },
    ];
    const empty = { dead: ["dead_none", "dead_none_words"], parked: ["parked_none", "parked_none_words"], running: ["running_none", "running_none_words"], ready: ["ready_none", "ready_none_words"] }[filters.state] || ["jobs_none", "jobs_none_words"];
    return (
        <>
            <div class="tools"><Search value={search} onInput={setSearch} label={t("filter_jobs")} /></div>
            <Answered answer={pages}>
                {() => rows.length === 0 ? <Empty icon={filters.state === "dead" ? "check" : "queue"} title={search ? t("nothing_fits") : t(empty[0])}>{!search && t(empty[1])}</Empty>
                    : <List rows={rows} id={(job) => job.job} columns={columns} label={t("jobs")} chosen={acts ? chosen : undefined} setChosen={setChosen} open={(job) => go(path("jobs", job.job))} more={pages.more} height={50} tall={64} narrowRow={(job) => narrowRow(job)} foot={pages.isAll ? t("rows_all", { count: number(rows.length) }) : t("rows_more")} />}
            </Answered>
            {picked.length > 0 && (
                <div class="bulk" role="toolbar" aria-label={t("chosen_label")}>
                    <span>{t("chosen", { count: picked.length })}</span>
                    {jobCommands.filter((command) => picked.some(command.fits)).map((command) => <Button key={command.key} icon={command.icon} tone={command.tone} onClick={() => commandJobs(command, picked.filter(command.fits).map((job) => job.job)).then((done) => done && setChosen(new Set()))}>{t(`do_${command.key}`)}</Button>)}
                    <Button icon="cancel" label={t("choose_none")} onClick={() => setChosen(new Set())} />
                </div>
            )}
        </>
    );
}

/** In one line; empty for none. */
function payloadOf(job) {
    const text = typeof job.payload === "string" ? job.payload : JSON.stringify(job.payload ?? {});
    return text === "{}" ? "" : text;
}

export function JobActs({ job }) {
    return (
        <span class="acts">
            {may("operator") && jobCommands.filter((command) => command.fits(job)).slice(0, 1).map((command) => <Button key={command.key} icon={command.icon} small tone={command.tone} label={`${t(`do_${command.key}`)} #${job.job}`} onClick={() => commandJobs(command, [job.job])} />)}
            <Button icon="trace" small label={t("story_of", { subject: `#${job.job}` })} onClick={() => go(path("trace", `job/${job.job}`))} />
        </span>
    );
}

const narrowRow = (job) => (
    <>
        <span class="two"><Link to={path("jobs", job.job)} class="name">#{job.job} {job.task}</Link>
            <span class="quiet clamp"><State plain tone={jobTone(job.state)}>{word(job.state)}</State>{" · "}{job.why || when(job.ended || job.created)}</span></span>
        <JobActs job={job} />
    </>
);
