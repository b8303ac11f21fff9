// views/moment.jsx: the time machine: how everything was at a moment, told from the journal.

import { useEffect, useState } from "preact/hooks";
import { t } from "../words.js";
import { date, number, span, when } from "../format.js";
import { Link, path, useFilter } from "../router.jsx";
import { useAnswer } from "../store.js";
import { call } from "../api.js";
import { Answered, Button, Card, Choice, Empty, State, word } from "../parts/basics.jsx";
import { programTone } from "../parts/tones.js";
import { Happened } from "./overview.jsx";

const reaches = { hour: 3600, day: 86400, week: 7 * 86400 };

const local = (at) => {
    const time = new Date(at * 1000 - new Date(at * 1000).getTimezoneOffset() * 60000);
    return time.toISOString().slice(0, 19);
};

export function Moment() {
    const [reach, setReach] = useFilter("reach", "hour");
    const [kept, setKept] = useFilter("at");
    const [end] = useState(() => Math.floor(Date.now() / 1000) - 1);
    const [at, setAt] = useState(Number(kept) || end);
    const [asked, setAsked] = useState(at);
    useEffect(() => {
        const timer = setTimeout(() => (setAsked(at), setKept(at === end ? "" : String(at))), 200);
        return () => clearTimeout(timer);
    }, [at]);
    const length = reaches[reach] || 3600;
    const picture = useAnswer(`at/${asked}`, () => call("lares.at", asked));
    const around = useAnswer(`around/${asked}`, () => call("lares.events", { until: asked, limit: 15 }));
    const step = (by) => setAt(Math.min(end, at + by));
    return (
        <div class="page fills">
            <header class="page-head"><h1>{t("view_moment")}</h1><Choice label={t("reach")} value={reach} onChange={setReach} options={Object.keys(reaches).map((key) => [key, t(`last_${key}`)])} /></header>
            <section class="card dial">
                <Button icon="back" small label={t("step_back")} onClick={() => step(-Math.round(length / 60))} />
                <input type="range" min={end - length} max={end} step="1" value={at} aria-label={t("moment")} aria-valuetext={date(at)} onInput={(event) => setAt(Number(event.currentTarget.value))} />
                <Button icon="next" small label={t("step_on")} onClick={() => step(Math.round(length / 60))} />
                <input type="datetime-local" step="1" value={local(at)} max={local(end)} aria-label={t("moment")} onChange={(event) => event.currentTarget.value && setAt(Math.min(end, Math.floor(new Date(event.currentTarget.value).getTime() / 1000)))} />
                <Button small onClick={() => setAt(end)}>{t("to_now")}</Button>
            </section>
            <div class="scrolls"><Answered answer={picture} lines={8}>
                {(found) => (
                    <>
                        <p class="why"><b>{date(found.at)}</b> {found.revision === "" && found.programs.length === 0 ? t("was_before") : found.daemon ? t("was_up", { revision: found.revision }) : t("was_down")}{found.cut && ` · ${t("trace_cut")}`}</p>
                        <div class="columns">
                            <div>
                                <Card title={`${t("view_programs")} · ${number(found.programs.length)}`}>
                                    {found.programs.length === 0 ? <Empty icon="programs" title={t("moment_no_programs")} /> : <ul class="lines">{found.programs.slice(0, 200).map((program) => <li key={program.program}><State tone={programTone({ state: program.state })}>{word(program.state)}</State><Link to={path("programs", program.program)}>{program.program}</Link><span class="quiet clamp">{program.words}</span><span class="right quiet">{span(found.at - program.since)}</span></li>)}</ul>}
                                </Card>
                            </div>
                            <div>
                                <Card title={`${t("jobs")} · ${number(found.jobs.length)}`}>
                                    {found.jobs.length === 0 ? <Empty icon="queue" title={t("moment_no_jobs")} /> : <ul class="lines">{found.jobs.slice(0, 100).map((job) => <li key={job.job}><State tone={job.running ? "work" : "note"}>{word(job.running ? "running" : "ready")}</State><Link to={path("jobs", job.job)}>#{job.job} {job.task}</Link><span class="right quiet">{span(found.at - job.since)}</span></li>)}</ul>}
                                </Card>
                                {found.conditions.length > 0 && <Card title={t("conditions")}><ul class="lines">{found.conditions.map((each) => <li key={each.kind + each.subject}><State tone="note">{each.kind}</State><span>{each.subject}</span><span class="quiet clamp">{each.words}</span><span class="right quiet">{when(each.since)}</span></li>)}</ul></Card>}
                                <Card title={t("before_that")}><Answered answer={around}>{(events) => <Happened events={events.events} />}</Answered></Card>
                            </div>
                        </div>
                    </>
                )}
            </Answered></div>
        </div>
    );
}
