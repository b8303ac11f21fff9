// views/run.jsx: one run: what it was, how it went, its whole log, and how it differs from the one before.

import { useMemo, useState } from "preact/hooks";
import { t } from "../words.js";
import { bytes, date, number, span } from "../format.js";
import { Link, path } from "../router.jsx";
import { changed, useAnswer } from "../store.js";
import { act, call } from "../api.js";
import { may } from "../session.js";
import { runLog } from "../sources.js";
import { doing } from "../parts/toast.jsx";
import { Answered, Button, Card, Choice, Empty, Facts, State, StoryLink } from "../parts/basics.jsx";
import { Log } from "../parts/log.jsx";
import { runTone } from "../parts/tones.js";
import { endWords } from "./runs.jsx";

export function Run({ name }) {
    const answer = useAnswer(`run/${name}`, () => call("lares.run_info", name), { topics: ["run", "job"], every: 3000 });
    if (answer.error && answer.data === undefined && answer.error.kind === "refused")
        return <div class="page"><Empty icon="runs" heads title={t("run_gone", { id: name })} action={<Link class="button" to={path("runs")}>{t("to_runs")}</Link>}>{answer.error.message}</Empty></div>;
    return <Answered answer={answer} lines={8}>{(run) => <One run={run} />}</Answered>;
}

function One({ run }) {
    const source = useMemo(() => runLog(run.run), [run.run]);
    const [tab, setTab] = useState("log");
    const of = run.kind === "job" ? path("tasks", run.subject) : path("programs", run.subject);
    const again = (how) => doing(act("lares.rerun", run.run, how), t("did_rerun")).then(() => changed("job", "task", "run"));
    return (
        <div class="page fills">
            <nav class="crumbs" aria-label={t("crumbs")}><Link to={path("runs")}>{t("view_runs")}</Link><Link to={of}>{run.subject}</Link></nav>
            <header class="page-head">
                <h1 class="capital">{t("noun_run")} <span class="mono">{run.run}</span></h1><State tone={runTone(run)}>{endWords(run)}</State>
                <span class="grow" />
                {may("operator") && run.kind === "job" && run.ended > 0 && <><Button icon="retry" onClick={() => again("as-now")}>{t("rerun_now")}</Button><Button icon="moment" onClick={() => again("as-then")}>{t("rerun_then")}</Button></>}
                <StoryLink subject={run.job ? `job/${run.job}` : `run/${run.run}`} />
            </header>
            {run.words && <p class="why">{run.words}</p>}
            <Facts rows={[
                [t("of_what"), <Link to={of}>{run.subject}</Link>],
                run.job ? [t("noun_job"), <Link to={path("jobs", run.job)}>#{run.job}</Link>] : null,
                [t("started"), date(run.started)],
                [t("lasted"), span(run.ended ? run.wall : Date.now() / 1000 - run.started)],
                run.ended ? [t("cpu"), span(run.cpu)] : [t("pid"), run.pid],
                run.peak_memory ? [t("peak_memory"), bytes(run.peak_memory)] : null,
                run.read_bytes || run.written_bytes ? [t("disk"), `${bytes(run.read_bytes)} / ${bytes(run.written_bytes)}`] : null,
                [t("attempt"), run.attempt || null],
                [t("revision"), run.revision ? number(run.revision) : null],
            ]} />
            <Choice label={t("parts")} value={tab} onChange={setTab} options={[["log", t("log")], ["how", t("how_it_ran")], ["diff", t("differences")]]} />
            {tab === "log" && <Log source={source} name={t("log_of", { name: run.subject })} />}
            {tab === "how" && <How run={run} />}
            {tab === "diff" && <Differences run={run} />}
        </div>
    );
}

function How({ run }) {
    const environment = typeof run.environment === "string" ? run.environment : JSON.stringify(run.environment, null, 2);
    return (
        <div class="scrolls" role="region" aria-label={t("how_it_ran")} tabIndex={0}>
            <Card title={t("command")}><pre class="mono block">{run.command}</pre></Card>
            <table class="table"><tbody>{["directory", "user", "node", "log"].filter((key) => run[key]).map((key) => <tr key={key}><th scope="row">{t(`run_${key}`)}</th><td class="mono">{run[key]}</td></tr>)}</tbody></table>
            <Card title={t("environment")}><pre class="mono block">{environment || t("environment_none")}</pre></Card>
        </div>
    );
}

/** Against another run of the same; the one before to begin with. */
function Differences({ run }) {
    const others = useAnswer(`runs.before/${run.run}`, () => call("lares.runs", { kind: run.kind, subject: run.subject, before: run.run, limit: 20 }));
    const [picked, setPicked] = useState("");
    return (
        <div class="scrolls"><Answered answer={others}>
            {(found) => {
                const list = found.runs;
                if (list.length === 0) return <Empty icon="runs" title={t("diff_first")}>{t("diff_first_words")}</Empty>;
                const other = picked || list[0].run;
                return (
                    <>
                        <label class="picker">{t("compared_with")} <select value={other} onChange={(event) => setPicked(event.currentTarget.value)}>{list.map((each) => <option key={each.run} value={each.run}>{each.run} · {date(each.started)} · {endWords(each)}</option>)}</select></label>
                        <Table before={other} after={run.run} />
                    </>
                );
            }}
        </Answered></div>
    );
}

function Table({ before, after }) {
    const answer = useAnswer(`diff/${before}/${after}`, () => call("lares.run_diff", before, after));
    return (
        <Answered answer={answer}>
            {(found) => found.differences.length === 0 ? <Empty icon="check" title={t("diff_none")} /> : (
                <div class="table-scroll" tabIndex={0} role="region" aria-label={t("differences")}><table class="table"><thead><tr><th>{t("what")}</th><th>{t("before")}</th><th>{t("now")}</th></tr></thead>
                    <tbody>{found.differences.map((each) => <tr key={each.sort + each.field}><th scope="row">{each.field}<span class="quiet"> {t(`diff_${each.sort}`)}</span></th><td class="mono gone">{each.before || "–"}</td><td class="mono came">{each.after || "–"}</td></tr>)}</tbody></table></div>
            )}
        </Answered>
    );
}
