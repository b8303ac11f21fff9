// views/calendar.jsx: what is coming, by day and hour, and where several things want the same moment.

import { useMemo } from "preact/hooks";
import { t } from "../words.js";
import { ago, day, minute, number, shortSpan, when } from "../format.js";
import { Link, path, useFilter } from "../router.jsx";
import { useTasks } from "../house.js";
import { useAnswer, useNow } from "../store.js";
import { json } from "../api.js";
import { Answered, Card, Choice, Empty } from "../parts/basics.jsx";
import { Shape } from "../parts/icons.jsx";
import { useNarrow } from "../parts/list.jsx";

const spans = { day: 1, week: 7, month: 28 };
const most = 5000;

/** Runs that begin within a minute of each other, or while another is likely still running. */
export function collisions(runs, tasks) {
    const usual = new Map(tasks.map((task) => [task.task, task.usual || 1]));
    const found = [];
    let open = [];
    for (const run of [...runs].sort((a, b) => a.at - b.at)) {
        open = open.filter((each) => each.until > run.at);
        const others = open.filter((each) => each.run.task !== run.task);
        if (others.length) found.push({ at: run.at, task: run.task, others: [...new Set(others.map((each) => each.run.task))], same: others.some((each) => run.at - each.run.at < 60) });
        open.push({ run, until: run.at + Math.max(usual.get(run.task) || 1, 1) });
    }
    return found;
}

export function Calendar() {
    const [reach, setReach] = useFilter("reach", "week");
    const tasks = useTasks();
    const days = spans[reach] || 7;
    const answer = useAnswer(`coming/${days}`, () => json(`/api/v1/coming?days=${days}&limit=${most}`).then((found) => found.runs.map((run) => ({ task: run.task, at: run.at, by: run.expression }))), { topics: ["config"], every: 60000 });
    const list = tasks.data || [];
    const known = answer.data !== undefined;
    const runs = known ? answer.data : list.filter((task) => task.next).map((task) => ({ task: task.task, at: task.next, by: task.next_by }));
    const clashes = useMemo(() => collisions(runs, list), [runs, list]);
    return (
        <div class="page fills">
            <header class="page-head"><h1>{t("view_calendar")}</h1><Choice label={t("reach")} value={reach} onChange={setReach} options={[["day", t("reach_day")], ["week", t("reach_week")], ["month", t("reach_month")]]} /></header>
            <div class="scrolls">
                <Answered answer={tasks}>
                    {() => runs.length === 0 ? <Empty icon="calendar" title={t("coming_none")} action={<Link class="button" to={path("tasks")}>{t("to_tasks")}</Link>}>{t("coming_none_words")}</Empty> : (
                        <>
                            <Week runs={runs} days={days} clashes={clashes} />
                            <div class="columns">
                                <Agenda runs={runs} />
                                <Clashes clashes={clashes} />
                            </div>
                        </>
                    )}
                </Answered>
            </div>
        </div>
    );
}

/** Days down, hours across; a field is darker the more comes in it. */
function Week({ runs, days, clashes }) {
    const narrow = useNarrow();
    const now = new Date();
    const begin = new Date(now.getFullYear(), now.getMonth(), now.getDate());
    const step = narrow ? 3 : 1;
    const fields = new Map();
    for (const run of runs) {
        const at = new Date(run.at * 1000);
        const row = Math.round((new Date(at.getFullYear(), at.getMonth(), at.getDate()) - begin) / 86400000);
        const key = `${row}/${Math.floor(at.getHours() / step)}`;
        if (!fields.has(key)) fields.set(key, new Map());
        const of = fields.get(key);
        of.set(run.task, (of.get(run.task) || 0) + 1);
    }
    const clashing = new Set(clashes.map((clash) => {
        const at = new Date(clash.at * 1000);
        return `${Math.round((new Date(at.getFullYear(), at.getMonth(), at.getDate()) - begin) / 86400000)}/${Math.floor(at.getHours() / step)}`;
    }));
    const rows = Array.from({ length: days + (days === 1 ? 1 : 0) }, (_, row) => row);
    const hours = Array.from({ length: 24 / step }, (_, hour) => hour);
    return (
        <Card title={t("coming_title", { count: number(runs.length) })}>
            <div class="table-scroll" tabIndex={0} role="region" aria-label={t("view_calendar")}>
                <table class="week"><thead><tr><td />{hours.map((hour) => <th key={hour} scope="col">{String(hour * step).padStart(2, "0")}</th>)}</tr></thead>
                    <tbody>{rows.map((row) => (
                        <tr key={row}><th scope="row">{day(begin.getTime() / 1000 + row * 86400 + 43200)}</th>
                            {hours.map((hour) => {
                                const of = fields.get(`${row}/${hour}`);
                                const count = of ? [...of.values()].reduce((sum, value) => sum + value, 0) : 0;
                                const names = of ? [...of].map(([task, times]) => (times > 1 ? `${task} ×${times}` : task)).join(", ") : "";
                                const clash = clashing.has(`${row}/${hour}`);
                                const past = row === 0 && (hour + 1) * step <= now.getHours();
                                return <td key={hour} class={`${count ? `n${Math.min(4, Math.ceil(Math.log2(count + 1)))}` : ""} ${past ? "past" : ""}`} title={names}>{count > 0 && <span>{number(count)}{clash && <Shape tone="warn" size={9} />}</span>}{names && <span class="unseen">{names}{clash ? ` (${t("collision")})` : ""}</span>}</td>;
                            })}</tr>
                    ))}</tbody></table>
            </div>
        </Card>
    );
}

function Agenda({ runs }) {
    const now = useNow(10000);
    const next = [...runs].sort((a, b) => a.at - b.at).filter((run) => run.at * 1000 > now).slice(0, 20);
    return (
        <Card title={t("coming_next")}>
            <ul class="lines">{next.map((run, i) => <li key={i}><span class="w-when">{when(run.at, now)}</span><Link to={path("tasks", run.task)}>{run.task}</Link><span class="quiet clamp">{run.by}</span><span class="right quiet">{ago(run.at, now)}</span></li>)}</ul>
        </Card>
    );
}

function Clashes({ clashes }) {
    return (
        <Card title={t("collisions")}>
            {clashes.length === 0 ? <Empty icon="check" title={t("collisions_none")}>{t("collisions_none_words")}</Empty> : (
                <ul class="lines">{clashes.slice(0, 20).map((clash, i) => <li key={i}><Shape tone={clash.same ? "warn" : "note"} /><span>{day(clash.at)} {minute(clash.at)}</span><span class="clamp"><Link to={path("tasks", clash.task)}>{clash.task}</Link> {t(clash.same ? "begins_with" : "begins_during")} {clash.others.map((other, j) => <>{j > 0 && ", "}<Link key={other} to={path("tasks", other)}>{other}</Link></>)}</span></li>)}</ul>
            )}
            {clashes.length > 20 && <p class="card-foot quiet">{t("and_more", { count: clashes.length - 20 })}</p>}
        </Card>
    );
}

export const lasting = shortSpan;
