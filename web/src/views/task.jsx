// views/task.jsx: one task: when and why it runs, how long it takes, what waits, and a job by hand.

import { useMemo, useState } from "preact/hooks";
import { t } from "../words.js";
import { fineSpan, number, shortSpan, span, when } from "../format.js";
import { go, Link, path, useFilter } from "../router.jsx";
import { useAnswer, changed } from "../store.js";
import { act, call } from "../api.js";
import { commandTask, taskCommands } from "../commands.js";
import { may } from "../session.js";
import { doing } from "../parts/toast.jsx";
import { Answered, Button, Card, Choice, Dialog, Empty, Facts, State, StoryLink } from "../parts/basics.jsx";
import { Chart } from "../parts/chart.jsx";
import { Strip } from "../parts/drawings.jsx";
import { runTone } from "../parts/tones.js";
import { Next, taskTone, taskWords } from "./tasks.jsx";
import { RunList } from "./runs.jsx";
import { JobList } from "./queue.jsx";

export function Task({ name }) {
    const answer = useAnswer(`task/${name}`, () => call("lares.task", name), { topics: ["task", "job"], every: 3000 });
    const runs = useAnswer(`task.runs/${name}`, () => call("lares.runs", { task: name, limit: 300 }), { topics: ["run", "job"], every: 5000 });
    const why = useAnswer(`why/task/${name}`, () => call("lares.why", `task/${name}`), { topics: ["task", "job"], every: 10000 });
    const [tab, setTab] = useFilter("tab", "course");
    const [put, setPut] = useState(false);
    if (answer.error && answer.data === undefined && answer.error.kind === "refused")
        return <div class="page"><Empty icon="tasks" heads title={t("task_gone", { name })} action={<Link class="button" to={path("tasks")}>{t("to_tasks")}</Link>}>{answer.error.message}</Empty></div>;
    return (
        <div class="page fills">
            <nav class="crumbs" aria-label={t("crumbs")}><Link to={path("tasks")}>{t("view_tasks")}</Link></nav>
            <Answered answer={answer} lines={6}>
                {(task) => (
                    <>
                        <header class="page-head">
                            <h1>{task.task}</h1><State tone={taskTone(task)}>{taskWords(task)}</State>
                            <span class="grow" />
                            {may("operator") && taskCommands.filter((command) => command.fits(task) && command.key !== "retry_dead").map((command) => <Button key={command.key} icon={command.icon} onClick={() => commandTask(command, task.task)}>{t(`do_${command.key}`)}</Button>)}
                            {may("operator") && <Button icon="plus" onClick={() => setPut(true)}>{t("put_job")}</Button>}
                            <StoryLink subject={`task/${task.task}`} />
                        </header>
                        {why.data && <p class="why"><b>{t("why")}</b> {why.data.answer}</p>}
                        <Facts rows={[
                            [t("next"), task.next ? <><Next task={task} /> <span class="quiet">{when(task.next)}</span></> : t("next_none")],
                            [t("triggers"), task.triggers],
                            [t("usual"), task.usual ? span(task.usual) : null],
                            [t("waiting"), `${number(task.ready)}${task.delayed ? ` + ${t("later_count", { count: number(task.delayed) })}` : ""}`],
                            [t("workers"), `${number(task.running)} / ${number(task.workers)}`],
                            [t("ended_well"), number(task.done)],
                            [t("failed"), number(task.failed)],
                            [t("last_runs"), runs.data && <Strip runs={runs.data.runs} count={40} fit open={(run) => go(path("runs", run.run))} />],
                        ]} />
                        <Choice label={t("parts")} value={tab} onChange={setTab} options={[["course", t("durations")], ["runs", t("view_runs")], ["jobs", t("jobs")], ["settings", t("settings")]]} />
                        {tab === "course" && <div class="scrolls" role="region" aria-label={t("durations")} tabIndex={0}><Answered answer={runs}>{(found) => <Durations runs={found.runs} task={task} />}</Answered></div>}
                        {tab === "runs" && <RunList filters={{ task: name }} />}
                        {tab === "jobs" && <JobList filters={{ task: name }} />}
                        {tab === "settings" && <Settings task={task} />}
                        {put && <Put task={task} onClose={() => setPut(false)} />}
                    </>
                )}
            </Answered>
        </div>
    );
}

function Durations({ runs, task }) {
    const ended = useMemo(() => runs.filter((run) => run.ended).slice(0, 200).reverse(), [runs]);
    const data = useMemo(() => {
        const of = (tones) => ended.map((run) => (tones.includes(runTone(run)) ? run.wall : null));
        return [ended.map((run, i) => i), of(["good", "idle"]), of(["bad", "warn"])];
    }, [ended]);
    if (ended.length === 0) return <Empty icon="runs" title={t("no_runs_yet")} action={may("operator") ? <Button icon="play" onClick={() => commandTask(taskCommands[0], task.task)}>{t("do_run")}</Button> : undefined}>{t("no_runs_words")}</Empty>;
    const sortedWalls = ended.map((run) => run.wall).sort((a, b) => a - b);
    const at = (share) => sortedWalls[Math.min(sortedWalls.length - 1, Math.floor(sortedWalls.length * share))];
    return (
        <Card title={t("durations_of", { count: number(ended.length) })} more={<span class="quiet">{t("percentiles", { half: fineSpan(at(0.5)), most: fineSpan(at(0.95)) })}</span>}>
            <Chart data={data} height={230} print={fineSpan} label={t("durations")} stamps={ended.map((run) => run.started)} onPick={(index) => go(path("runs", ended[index].run))}
                series={[{ label: t("ended_well"), color: "--good-fill", bars: true }, { label: t("failed"), color: "--bad", bars: true }]} />
        </Card>
    );
}

function Settings({ task }) {
    const rows = ["origin", "file", "triggers", "workers", "priority", "retries", "timeout", "queue_max", "protocol", "expect", "needs", "resources"];
    const print = (value) => (Array.isArray(value) ? value.join("; ") : value && typeof value === "object" ? Object.entries(value).map(([key, each]) => `${key} ${each}`).join(", ") : String(value));
    return <div class="scrolls" role="region" aria-label={t("settings")} tabIndex={0}><table class="table"><tbody>{rows.filter((key) => task[key] !== undefined && print(task[key]) !== "").map((key) => <tr key={key}><th scope="row">{key}</th><td class="mono">{key === "timeout" ? span(task[key]) : print(task[key])}</td></tr>)}</tbody></table></div>;
}

/** A job by hand, with what it is given and when. */
function Put({ task, onClose }) {
    const [payload, setPayload] = useState("{}");
    const [later, setLater] = useState("");
    const [priority, setPriority] = useState("");
    const [fault, setFault] = useState("");
    const send = async () => {
        try {
            const parsed = JSON.parse(payload || "{}");
            if (!parsed || Array.isArray(parsed) || typeof parsed !== "object") throw new Error(t("put_object"));
        } catch (error) {
            return setFault(error.message);
        }
        const options = {};
        if (later) options.in = later;
        if (priority !== "") options.priority = Number(priority);
        const done = await doing(act("lares.put", task.task, payload || "{}", options), t("did_put", { name: task.task }));
        changed("task", "job");
        if (done) onClose();
    };
    return (
        <Dialog title={t("put_title", { name: task.task })} onClose={onClose} actions={<><Button onClick={onClose}>{t("leave_it")}</Button><Button tone="primary" icon="plus" onClick={send}>{t("put_job")}</Button></>}>
            <label class="field"><span>{t("put_payload")}</span><textarea class="mono" rows="6" spellcheck={false} value={payload} onInput={(event) => (setPayload(event.currentTarget.value), setFault(""))} aria-invalid={!!fault} /></label>
            {fault && <p class="field-fault" role="alert">{fault}</p>}
            <div class="fields">
                <label class="field"><span>{t("put_in")}</span><input value={later} placeholder="10 min" onInput={(event) => setLater(event.currentTarget.value)} /></label>
                <label class="field"><span>{t("priority")}</span><input type="number" value={priority} placeholder={String(task.priority ?? 0)} onInput={(event) => setPriority(event.currentTarget.value)} /></label>
            </div>
        </Dialog>
    );
}
