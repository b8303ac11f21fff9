// views/program.jsx: one process: how it is and why, its course, its log as it is written, its past.

import { useMemo } from "preact/hooks";
import { t } from "../words.js";
import { bytes, number, percent, span, when } from "../format.js";
import { Link, path, useFilter } from "../router.jsx";
import { course, fullName, upFor, useStatus, useUsed } from "../house.js";
import { useAnswer } from "../store.js";
import { call } from "../api.js";
import { commandProcesses, processCommands } from "../commands.js";
import { may } from "../session.js";
import { programLog } from "../sources.js";
import { isFlapping } from "../troubles.js";
import { Answered, Button, Card, Choice, Empty, Facts, State, StoryLink, word } from "../parts/basics.jsx";
import { Chart } from "../parts/chart.jsx";
import { Graph } from "../parts/graph.jsx";
import { Log } from "../parts/log.jsx";
import { toneOf } from "./programs.jsx";
import { RunList } from "./runs.jsx";
import { Happened } from "./overview.jsx";

export function Program({ name }) {
    const status = useStatus();
    const [tab, setTab] = useFilter("tab", "log");
    return (
        <Answered answer={status} lines={8}>
            {(data) => {
                const process = data.processes.find((each) => fullName(each) === name || `${each.group}:${each.name}` === name);
                if (!process) return <div class="page"><Empty icon="programs" heads title={t("program_gone", { name })} action={<Link class="button" to={path("programs")}>{t("to_programs")}</Link>}>{t("program_gone_words")}</Empty></div>;
                return <One process={process} all={data.processes} tab={tab} setTab={setTab} />;
            }}
        </Answered>
    );
}

function One({ process, all, tab, setTab }) {
    const name = fullName(process);
    const long = `${process.group}:${process.name}`;
    useUsed();
    const flapping = isFlapping(process);
    const values = course(name);
    return (
        <div class="page fills">
            <nav class="crumbs" aria-label={t("crumbs")}><Link to={path("programs")}>{t("view_programs")}</Link></nav>
            <header class="page-head">
                <h1>{name}</h1><State tone={toneOf(process)}>{flapping ? t("flapping") : word(process.statename)}</State>
                <span class="grow" />
                {may("operator") && processCommands.filter((command) => command.fits(process)).map((command) => <Button key={command.key} icon={command.icon} tone={command.tone} onClick={() => commandProcesses(command, [name])}>{t(`do_${command.key}`)}</Button>)}
                <StoryLink subject={`program/${long}`} />
            </header>
            {(process.why || process.waits_for) && <p class="why"><b>{t("why")}</b> {process.waits_for ? t("waits_for", { what: process.waits_for }) : process.why}</p>}
            <Facts rows={[
                [t("uptime"), process.pid ? span(upFor(process)) : null],
                [t("pid"), process.pid || null],
                [t("cpu"), process.pid ? percent(values.cpu[values.cpu.length - 1]) : null],
                [t("memory"), process.pid ? bytes(values.memory[values.memory.length - 1]) : null],
                [t("restarts"), number(process.restarts)],
                [t("started"), when(process.started)],
                [t("last_exit"), process.stopped ? `${when(process.stopped)} · ${process.signal ? t("by_signal", { signal: process.signal }) : t("with_code", { code: process.exitstatus })}` : null],
                [t("ready"), typeof process.ready === "string" ? process.ready : ""],
            ]} />
            <Choice label={t("parts")} value={tab} onChange={setTab} options={[["log", t("log")], ["course", t("course")], ["history", t("history")], ["needs", t("needs")], ["settings", t("settings")]]} />
            {tab === "log" && <ProcessLog name={long} process={process} />}
            {tab === "course" && <Courses values={values} />}
            {tab === "history" && <History long={long} />}
            {tab === "needs" && <div class="scrolls"><Graph processes={all} around={process.program} /></div>}
            {tab === "settings" && <Settings process={process} />}
        </div>
    );
}

function ProcessLog({ name, process }) {
    const [channel, setChannel] = useFilter("channel", "stdout");
    const source = useMemo(() => programLog(name, channel), [name, channel]);
    const none = !(channel === "stderr" ? process.stderr_logfile : process.stdout_logfile);
    if (none && channel === "stdout" && !process.stderr_logfile) return <Empty icon="log" title={t("log_none")}>{t("log_none_words")}</Empty>;
    return <Log source={source} name={t("log_of", { name })} tools={process.stderr_logfile ? <Choice label={t("channel")} value={channel} onChange={setChannel} options={[["stdout", "stdout"], ["stderr", "stderr"]]} /> : null} />;
}

function Courses({ values }) {
    const [data, memory] = useMemo(() => [[[...values.at], [...values.cpu]], [[...values.at], [...values.memory]]], [values.at[values.at.length - 1]]);
    if (values.at.length < 2) return <Empty icon="moment" title={t("course_none")}>{t("course_none_words")}</Empty>;
    return (
        <div class="scrolls" role="region" aria-label={t("course")} tabIndex={0}>
            <Card title={t("cpu")}><Chart data={data} series={[{ label: t("cpu"), color: "--accent", fill: "--accent-soft" }]} print={percent} label={t("cpu")} height={170} /></Card>
            <Card title={t("memory")}><Chart data={memory} series={[{ label: t("memory"), color: "--second", fill: "--second-soft" }]} print={bytes} label={t("memory")} height={170} /></Card>
        </div>
    );
}

function History({ long }) {
    const events = useAnswer(`events.of.${long}`, () => call("lares.events", { subject: `program/${long}`, limit: 40 }), { topics: ["program"], every: 5000 });
    return (
        <div class="scrolls">
            <Card title={t("view_runs")}><RunList filters={{ kind: "program", subject: long }} flat /></Card>
            <Card title={t("view_journal")}><Answered answer={events}>{(found) => <Happened events={found.events} />}</Answered></Card>
        </div>
    );
}

function Settings({ process }) {
    const answer = useAnswer("config.info", () => call("supervisor.getAllConfigInfo"), { topics: ["config"] });
    return (
        <div class="scrolls" role="region" aria-label={t("settings")} tabIndex={0}><Answered answer={answer}>
            {(all) => {
                const one = all.find((each) => each.name === process.name && each.group === process.group);
                if (!one) return <Empty icon="configuration" title={t("settings_none")}>{t("settings_none_words")}</Empty>;
                return <table class="table"><tbody>{Object.entries(one).map(([key, value]) => <tr key={key}><th scope="row">{key}</th><td class="mono">{Array.isArray(value) ? value.join(", ") : String(value)}</td></tr>)}</tbody></table>;
            }}
        </Answered></div>
    );
}
