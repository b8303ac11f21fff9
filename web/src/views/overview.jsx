// views/overview.jsx: "is everything all right?", in one glance; then what needs whom, what runs, what
// comes within the hour, and what just happened.

import { t } from "../words.js";
import { ago, bytes, minute, number, percent, shortSpan, span, when } from "../format.js";
import { go, Link, path } from "../router.jsx";
import { course, fullName, useAudit, useRecentEvents, useRunning, useStatus, useTasks, useUsed, useWork } from "../house.js";
import { useNow } from "../store.js";
import { useNeeds } from "../needs.js";
import { commandProcesses, commandTask, processCommands, taskCommands } from "../commands.js";
import { may } from "../session.js";
import { act } from "../api.js";
import { changed } from "../store.js";
import { doing } from "../parts/toast.jsx";
import { Ago, Answered, Button, Card, Empty, State } from "../parts/basics.jsx";
import { Icon, Shape } from "../parts/icons.jsx";
import { Progress, Spark } from "../parts/drawings.jsx";
import { eventTone } from "../parts/tones.js";
import { iconOf, subjectPath } from "../parts/story.jsx";
import { AlertActs } from "./messages.jsx";

export function Overview() {
    const status = useStatus();
    const tasks = useTasks();
    const work = useWork();
    const audit = useAudit();
    const needs = useNeeds();
    const events = useRecentEvents();
    return (
        <div class="page overview">
            <h1 class="unseen">{t("view_overview")}</h1>
            <Answered answer={status} lines={8}>
                {(data) => {
                    const list = needs ? needs.list : [];
                    return (
                        <>
                            <Verdict needs={needs} status={data} work={work.data} audit={audit} tasks={tasks.data} />
                            {list.length > 0 && <Needs list={list} />}
                            <div class="columns">
                                <div>
                                    <NextHour tasks={tasks.data} />
                                    <Now />
                                </div>
                                <div>
                                    <Load status={data} />
                                    <Card title={t("just_happened")} more={<Link to={path("journal")}>{t("view_journal")}</Link>}>
                                        <Answered answer={events}>{(found) => <Happened events={found.events} />}</Answered>
                                    </Card>
                                </div>
                            </div>
                        </>
                    );
                }}
            </Answered>
        </div>
    );
}

function Verdict({ needs, status, work, audit, tasks }) {
    const { worst, count } = needs || { worst: "good", count: 0 };
    const up = status.processes.filter((process) => process.statename === "RUNNING").length;
    const wanted = status.processes.filter((process) => !["STOPPED", "EXITED"].includes(process.statename)).length;
    const now = Date.now() / 1000;
    const soon = (tasks || []).filter((task) => task.next && task.next < now + 3600).length;
    return (
        <section class={`verdict ${worst}`} aria-label={t("verdict")}>
            <div class="verdict-head">
                <span class="verdict-mark"><Icon name={worst === "good" ? "check" : "alerts"} size={30} /></span>
                <div>
                    <p class="verdict-words">{worst === "good" ? t("all_right") : t("needs_you", { count })}</p>
                    <p class="quiet">{t("up_since", { name: status.identifier, span: span(now - status.started) })}</p>
                </div>
            </div>
            <ul class="tiles">
                <Tile to={path("programs")} tone={up === wanted ? "good" : "bad"} value={`${number(up)}`} of={`/ ${number(status.processes.length)}`} name={t("tile_programs")} />
                <Tile to={path("queue")} tone={work?.running ? "work" : "idle"} value={work ? number(work.running) : "–"} of={work && work.ready ? t("tile_waiting", { count: number(work.ready) }) : ""} name={t("tile_running")} />
                <Tile to={path("queue", "", { tab: "dead" })} tone={work?.dead ? "bad" : "good"} value={work ? number(work.dead) : "–"} name={t("tile_dead")} />
                <Tile to={path("journal", "", { tab: "audit" })} tone={audit.data?.unexplained ? "bad" : "good"} value={audit.data ? number(audit.data.unexplained) : audit.error ? "?" : "–"} name={t("tile_unexplained")} note={audit.data && t("tile_unexplained_note", { jobs: number(audit.data.jobs), instants: number(audit.data.instants) })} />
                <Tile to={path("calendar")} tone="idle" value={number(soon)} name={t("tile_next_hour")} />
            </ul>
        </section>
    );
}

function Tile({ to, tone, value, of, name, note }) {
    return (
        <li><Link to={to} class="tile" title={note}>
            <span class="tile-value">{value}{of && <small> {of}</small>}</span>
            <span class="tile-name"><Shape tone={tone} size={10} />{name}</span>
        </Link></li>
    );
}

function targetOf(item) {
    const places = {
        program: () => path("programs", item.subject),
        task: () => path("tasks", item.subject),
        folder: () => path("folders", item.subject),
        queue: () => path("queue", "", { tab: item.key === "parked" ? "parked" : "dead" }),
        config: () => path("configuration"),
        audit: () => path("journal", "", { tab: "audit" }),
        alert: () => path("messages"),
        channel: () => path("messages", "", { tab: "channels" }),
        maintenance: () => path("tasks"),
    };
    return places[item.sort] ? places[item.sort]() : path("journal");
}

function Needs({ list }) {
    const shown = list.slice(0, 12);
    return (
        <Card title={t("needs_title")} class="needs">
            <ul class="items">
                {shown.map((item) => (
                    <li key={`${item.key}/${item.subject}/${item.words}`} class="item">
                        <Shape tone={item.tone} size={14} />
                        <div class="item-words">
                            <Link to={targetOf(item)} class="item-title">{item.subject && <b>{item.subject}</b>} {t(`need_${item.key}`, { count: number(item.count ?? 0), code: item.code, when: item.until ? when(item.until) : "" })}</Link>
                            {needWords(item) && <span class="quiet clamp" title={needWords(item)}>{needWords(item)}</span>}
                            {item.alert?.acknowledged ? <span class="quiet">{t("in_hand_of", { who: item.alert.who })}</span> : null}
                        </div>
                        <NeedActs item={item} />
                    </li>
                ))}
            </ul>
            {list.length > shown.length && <p class="card-foot quiet">{t("and_more", { count: list.length - shown.length })}</p>}
        </Card>
    );
}

const needWords = (item) => item.words || (item.key === "flapping" && item.code ? `${t("last_exit")}: ${t("with_code", { code: item.code })}` : "");

function NeedActs({ item }) {
    const acts = may("operator");
    const process = (key) => processCommands.find((each) => each.key === key);
    const task = (key) => taskCommands.find((each) => each.key === key);
    if (item.sort === "alert") return <span class="acts"><AlertActs alert={item.alert} /><Button icon="next" small onClick={() => go(targetOf(item))}>{t("look")}</Button></span>;
    if (item.sort === "program")
        return (
            <span class="acts">
                <Button icon="log" small onClick={() => go(path("programs", item.subject))}>{t("look")}</Button>
                {acts && item.key !== "waits" && <Button icon="restart" small onClick={() => commandProcesses(process(item.key === "flapping" ? "restart" : "start"), [item.subject])}>{t(item.key === "flapping" ? "do_restart" : "do_start")}</Button>}
            </span>
        );
    if (item.sort === "task" && item.key === "paused" && acts) return <span class="acts"><Button icon="play" small onClick={() => commandTask(task("resume"), item.subject)}>{t("do_resume")}</Button></span>;
    if (item.sort === "task" && item.key === "dead") return <span class="acts"><Button icon="queue" small onClick={() => go(path("queue", "", { tab: "dead", task: item.subject }))}>{t("look")}</Button>{acts && <Button icon="retry" small onClick={() => commandTask(task("retry_dead"), item.subject)}>{t("do_retry_dead")}</Button>}</span>;
    if (item.sort === "maintenance" && acts) return <span class="acts"><Button icon="play" small onClick={() => doing(act("lares.maintenance_end"), t("did_maintenance_end")).then(() => changed("all"))}>{t("do_maintenance_end")}</Button></span>;
    if (item.sort === "config") return <span class="acts"><Button icon="configuration" small onClick={() => go(path("configuration"))}>{t("see_plan")}</Button></span>;
    return <span class="acts"><Button icon="next" small onClick={() => go(targetOf(item))}>{t("look")}</Button></span>;
}

/** The coming sixty minutes as one line. */
function NextHour({ tasks }) {
    const now = useNow(5000) / 1000;
    const coming = (tasks || []).filter((task) => task.next && task.next < now + 3600).sort((a, b) => a.next - b.next);
    return (
        <Card title={t("next_hour")} more={<Link to={path("calendar")}>{t("view_calendar")}</Link>}>
            {tasks && coming.length === 0 ? <Empty icon="calendar" title={t("next_hour_none")}>{t("next_hour_none_words")}</Empty> : (
                <>
                    <div class="hour" role="img" aria-label={t("next_hour_label", { count: coming.length })}>
                        {[0, 15, 30, 45, 60].map((mark) => <span key={mark} class="hour-mark" style={{ left: `${(mark / 60) * 100}%` }}>{minute(now + mark * 60)}</span>)}
                        {coming.map((task) => <i key={task.task} class={task.blocks?.length ? "idle" : "work"} style={{ left: `${Math.max(0, Math.min(100, ((task.next - now) / 3600) * 100))}%` }} title={`${task.task} · ${minute(task.next)}`} />)}
                    </div>
                    <ul class="lines">
                        {coming.slice(0, 6).map((task) => (
                            <li key={task.task}><Link to={path("tasks", task.task)}>{task.task}</Link><span class="quiet clamp">{task.next_by}</span><span class="right">{minute(task.next)}</span><span class="right quiet">{ago(task.next, now * 1000)}</span></li>
                        ))}
                    </ul>
                    {coming.length > 6 && <p class="card-foot quiet">{t("and_more", { count: coming.length - 6 })}</p>}
                </>
            )}
        </Card>
    );
}

function Now() {
    const running = useRunning();
    const tasks = useTasks().data;
    const now = useNow(1000) / 1000;
    return (
        <Card title={t("running_now")} more={<Link to={path("queue")}>{t("view_queue")}</Link>}>
            <Answered answer={running} lines={2}>
                {(list) => list.length === 0 ? <Empty icon="check" title={t("running_none")} action={may("operator") && tasks?.length > 0 ? <Button icon="tasks" small onClick={() => go(path("tasks"))}>{t("to_tasks")}</Button> : undefined}>{t("running_none_words")}</Empty> : (
                    <ul class="lines">
                        {list.slice(0, 8).map((job) => {
                            const usual = tasks?.find((task) => task.task === job.task)?.usual || 0;
                            const since = Math.max(0, now - job.started);
                            const share = job.progress >= 0 ? job.progress / 100 : usual ? Math.min(0.97, since / usual) : 0.5;
                            return (
                                <li key={job.job}>
                                    <Link to={path("jobs", job.job)}>{job.task}</Link>
                                    <span class="quiet clamp">{job.progress_words || `#${job.job}`}</span>
                                    <Progress share={share} label={`${job.task} #${job.job}`} />
                                    <span class="right quiet">{shortSpan(since)}{usual > 0 && ` / ${shortSpan(usual)}`}</span>
                                </li>
                            );
                        })}
                    </ul>
                )}
            </Answered>
        </Card>
    );
}

function Load({ status }) {
    useUsed();
    const all = status.processes.map((process) => ({ name: fullName(process), process, course: course(fullName(process)) }));
    const length = Math.max(0, ...all.map((each) => each.course.at.length));
    const sum = (what) => Array.from({ length }, (_, i) => all.reduce((total, each) => {
        const value = each.course[what][each.course[what].length - length + i];
        return value == null ? total : (total ?? 0) + value;
    }, null));
    const cpu = sum("cpu");
    const memory = sum("memory");
    const last = (each, what) => each.course[what][each.course[what].length - 1] ?? null;
    const top = [...all].sort((a, b) => last(b, "cpu") - last(a, "cpu") || last(b, "memory") - last(a, "memory")).filter((each) => each.process.pid).slice(0, 4);
    if (length === 0) return null; // the house does not tell
    return (
        <Card title={t("load")} more={<Link to={path("programs", "", { sort: "-cpu" })}>{t("view_programs")}</Link>}>
            <div class="loads">
                <div><span class="quiet">{t("cpu")}</span><b>{percent(cpu[cpu.length - 1])}</b><Spark values={cpu} width={150} height={34} label={t("cpu")} /></div>
                <div><span class="quiet">{t("memory")}</span><b>{bytes(memory[memory.length - 1])}</b><Spark values={memory} width={150} height={34} label={t("memory")} tone="second" /></div>
            </div>
            <ul class="lines">
                {top.map((each) => <li key={each.name}><Link to={path("programs", each.name)}>{each.name}</Link><span class="grow" /><span class="right">{percent(last(each, "cpu"))}</span><span class="right quiet">{bytes(last(each, "memory"))}</span></li>)}
            </ul>
        </Card>
    );
}

export function Happened({ events, most = 12 }) {
    if (events.length === 0) return <Empty icon="journal" title={t("journal_none")}>{t("journal_none_words")}</Empty>;
    return (
        <ul class="happened">
            {events.slice(0, most).map((event) => {
                const to = subjectPath(String(event.subject));
                return (
                    <li key={event.event}>
                        <Icon name={iconOf(event)} size={16} />
                        <span class="happened-words"><span class="clamp">{event.words || event.kind}</span><span class="quiet clamp">{to ? <Link to={to}>{event.subject}</Link> : event.subject}</span></span>
                        <State tone={eventTone(event)} plain><Ago at={event.at} /></State>
                        <Link to={path("trace", `event/${event.event}`)} class="icon-link" aria-label={t("story_of", { subject: event.words || event.kind })} title={t("story")}><Icon name="trace" size={16} /></Link>
                    </li>
                );
            })}
        </ul>
    );
}
