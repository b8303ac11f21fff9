// views/job.jsx: one job: where it came from, what it was given, its attempts, its last words.

import { useMemo } from "preact/hooks";
import { t } from "../words.js";
import { number, shortSpan, when } from "../format.js";
import { go, Link, path } from "../router.jsx";
import { useAnswer } from "../store.js";
import { call } from "../api.js";
import { commandJobs, jobCommands } from "../commands.js";
import { may } from "../session.js";
import { runLog } from "../sources.js";
import { Answered, Button, Card, Empty, Facts, State, StoryLink, word } from "../parts/basics.jsx";
import { Log } from "../parts/log.jsx";
import { jobTone, runTone } from "../parts/tones.js";
import { Happened } from "./overview.jsx";

export function Job({ name }) {
    const answer = useAnswer(`job/${name}`, () => call("lares.job", name), { topics: ["job"], every: 2000 });
    if (answer.error && answer.data === undefined && answer.error.kind === "refused")
        return <div class="page"><Empty icon="queue" heads title={t("job_gone", { id: name })} action={<Link class="button" to={path("queue")}>{t("to_queue")}</Link>}>{answer.error.message}</Empty></div>;
    return <div class="page"><Answered answer={answer} lines={8}>{(job) => <One job={job} />}</Answered></div>;
}

function One({ job }) {
    const source = useMemo(() => (job.run ? runLog(job.run) : null), [job.run]);
    const waits = job.waits_for || [];
    return (
        <>
            <nav class="crumbs" aria-label={t("crumbs")}><Link to={path("queue")}>{t("view_queue")}</Link><Link to={path("tasks", job.task)}>{job.task}</Link></nav>
            <header class="page-head">
                <h1 class="capital">{t("noun_job")} #{job.job}</h1><State tone={jobTone(job.state)}>{word(job.state)}</State>
                <span class="grow" />
                {may("operator") && jobCommands.filter((command) => command.fits(job)).map((command) => <Button key={command.key} icon={command.icon} tone={command.tone} onClick={() => commandJobs(command, [job.job])}>{t(`do_${command.key}`)}</Button>)}
                <StoryLink subject={`job/${job.job}`} />
            </header>
            {(job.why || waits.length > 0) && <p class="why"><b>{t("why")}</b> {waits.length ? waits.map((reason) => reason.words).join("; ") : job.why}</p>}
            <Facts rows={[
                [t("noun_task"), <Link to={path("tasks", job.task)}>{job.task}</Link>],
                [t("source"), job.source],
                [t("created"), when(job.created)],
                [t("due"), job.due ? when(job.due) : null],
                [t("not_before"), job.not_before && job.state === "ready" ? when(job.not_before) : null],
                [t("ended"), job.ended ? when(job.ended) : null],
                [t("attempts"), number(job.attempts)],
                [t("priority"), number(job.priority)],
                [t("key"), job.key],
                [t("noun_file"), job.files.length ? job.files.map((file) => <Link key={file.file} to={path("trace", `file/${file.path}`)}>{file.path.split("/").pop()}</Link>) : null],
            ]} />
            <div class="columns">
                <div>
                    <Card title={t("given")}><pre class="mono block">{pretty(job.payload) || job.payload_file}</pre></Card>
                    {job.result && <Card title={t("result")}><pre class="mono block">{pretty(job.result)}</pre></Card>}
                    <Card title={t("attempts")}>
                        {job.runs.length === 0 ? <Empty icon="runs" title={t("attempts_none")}>{t("attempts_none_words")}</Empty> : (
                            <ul class="lines">
                                {job.runs.map((run) => (
                                    <li key={run.run} class="opens" onClick={() => go(path("runs", run.run))}>
                                        <State plain tone={runTone(run)}>{word(run.outcome || "running")}</State><Link to={path("runs", run.run)}>{t("noun_run")} {run.run}</Link>
                                        <span class="quiet clamp">{run.words}</span><span class="right quiet">{when(run.started)}</span><span class="right">{shortSpan(run.ended ? run.wall : Date.now() / 1000 - run.started)}</span>
                                    </li>
                                ))}
                            </ul>
                        )}
                    </Card>
                </div>
                <Card title={t("view_journal")}><Happened events={[...job.events].reverse()} /></Card>
            </div>
            {source && <Card title={t("last_lines")} more={<Link to={path("runs", job.run)}>{t("whole_log")}</Link>}><Log source={source} height="280px" name={t("log_of", { name: `#${job.job}` })} /></Card>}
        </>
    );
}

/** JSON as text or as what it holds, for people. */
export function pretty(text) {
    if (text == null) return "";
    if (typeof text !== "string") return JSON.stringify(text, null, 2);
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}
