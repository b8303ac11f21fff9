// views/tasks.jsx: every task: what made it run last and how that ended, what makes it run next.

import { useMemo } from "preact/hooks";
import { t } from "../words.js";
import { ago, number, shortSpan } from "../format.js";
import { go, Link, path, useFilter } from "../router.jsx";
import { useMaintenance, useRecentRuns, useTasks } from "../house.js";
import { changed, useNow } from "../store.js";
import { act } from "../api.js";
import { commandTask, isPaused, sure, taskCommands } from "../commands.js";
import { may } from "../session.js";
import { doing } from "../parts/toast.jsx";
import { Ago, Answered, Button, Choice, Empty, Menu, Search, State, word } from "../parts/basics.jsx";
import { List, sorted } from "../parts/list.jsx";
import { Strip } from "../parts/drawings.jsx";
import { jobTone } from "../parts/tones.js";
import { when } from "../format.js";

const kinds = {
    all: () => true,
    trouble: (task) => ["bad", "warn"].includes(taskTone(task)),
    busy: (task) => task.running > 0 || task.ready > 0,
    paused: (task) => isPaused(task) || !task.enabled,
};

export function taskTone(task) {
    if (task.dead > 0 || ["dead", "parked"].includes(task.last_state)) return "bad";
    if (task.late) return "warn";
    if (task.running > 0) return "work";
    if (!task.enabled || task.blocks.length) return "idle";
    return task.last_state ? jobTone(task.last_state) : "note";
}

export function taskWords(task) {
    if (!task.enabled) return t("disabled");
    if (isPaused(task)) return t("paused");
    if (task.running > 0) return task.running > 1 ? t("runs_many", { count: number(task.running) }) : word("running");
    if (task.blocks.length) return t("held");
    if (task.late) return t("late");
    return task.last_state ? word(task.last_state) : t("never_ran");
}

export function Tasks() {
    const tasks = useTasks();
    const recent = useRecentRuns();
    const [search, setSearch] = useFilter("q");
    const [kind, setKind] = useFilter("show", "all");
    const [sort, setSort] = useFilter("sort", "name");
    const list = tasks.data || [];
    const byTask = useMemo(() => {
        const map = new Map();
        for (const run of recent.data?.runs || []) {
            if (!map.has(run.subject)) map.set(run.subject, []);
            map.get(run.subject).push(run);
        }
        return map;
    }, [recent.data]);
    const columns = columnsOf(byTask);
    const rows = useMemo(() => {
        const low = search.toLowerCase();
        return sorted(list.filter((task) => (kinds[kind] || kinds.all)(task) && (!low || `${task.task} ${task.next_by}`.toLowerCase().includes(low))), columns, sort);
    }, [list, search, kind, sort]);
    return (
        <div class="page fills">
            <header class="page-head"><h1>{t("view_tasks")}</h1><span class="grow" /><Hold /></header>
            <Held />
            <div class="tools">
                <Search value={search} onInput={setSearch} label={t("filter_tasks")} />
                <Choice label={t("show")} value={kind} onChange={setKind} options={Object.keys(kinds).map((key) => [key, t(`tasks_${key}`), number(list.filter(kinds[key]).length)])} />
            </div>
            <Answered answer={tasks} lines={8}>
                {() => list.length === 0 ? <Empty icon="tasks" title={t("tasks_none")} action={<Link class="button" to={path("configuration")}>{t("to_configuration")}</Link>}>{t("tasks_none_words")}</Empty>
                    : rows.length === 0 ? <Empty icon="search" title={t("nothing_fits")} action={<Button icon="cancel" onClick={() => (setSearch(""), setKind("all"))}>{t("show_all")}</Button>} />
                        : <List rows={rows} id={(task) => task.task} columns={columns} sort={sort} setSort={setSort} label={t("view_tasks")} open={(task) => go(path("tasks", task.task))} height={50} narrowRow={(task) => narrowRow(task)} />}
            </Answered>
        </div>
    );
}

function columnsOf(byTask) {
    return [
        { key: "state", name: t("state"), class: "w-state", sort: (task) => ["bad", "warn", "work", "note", "good", "idle"].indexOf(taskTone(task)), cell: (task) => <State tone={taskTone(task)}>{taskWords(task)}</State> },
        { key: "name", name: t("name"), class: "grow", sort: (task) => task.task, cell: (task) => <span class="two"><Link class="name" to={path("tasks", task.task)}>{task.task}</Link><span class="quiet clamp">{task.late ? task.late_words : task.blocks[0]?.words || task.next_by}</span></span> },
        { key: "next", name: t("next"), class: "w-when", hide: true, sort: (task) => task.next || Infinity, cell: (task) => <Next task={task} /> },
        { key: "last", name: t("last"), class: "w-when", hide: true, sort: (task) => -task.last_end, cell: (task) => (task.last_end ? <Ago at={task.last_end} /> : <span class="quiet">{t("never")}</span>) },
        { key: "strip", name: t("last_runs"), class: "w-strip", hide: true, cell: (task) => <Strip runs={byTask.get(task.task) || []} open={(run) => go(path("runs", run.run))} /> },
        { key: "usual", name: t("usual"), class: "w-span right", hide: true, sort: (task) => -task.usual, cell: (task) => (task.usual ? shortSpan(task.usual) : <span class="quiet">–</span>) },
        { key: "depth", name: t("waiting"), class: "w-count right", hide: true, sort: (task) => -task.ready, cell: (task) => <span class={task.ready ? "" : "quiet"}>{number(task.ready)}</span> },
        { key: "acts", name: t("actions"), class: "w-acts right", late: true, hide: true, cell: (task) => <TaskActs task={task} /> },
    ];
}

export function Next({ task }) {
    const now = useNow(1000);
    if (!task.next) return <span class="quiet">{t("next_none")}</span>;
    return <span title={when(task.next, now)}>{task.next * 1000 < now ? t("due_now") : ago(task.next, now)}</span>;
}

export function TaskActs({ task }) {
    if (!may("operator")) return null;
    const fitting = taskCommands.filter((command) => command.fits(task) && (command.key !== "retry_dead" || task.dead == null || task.dead > 0));
    return (
        <span class="acts">
            <Button icon="play" small label={`${t("do_run")} ${task.task}`} onClick={() => commandTask(taskCommands[0], task.task)} />
            <Menu label={t("more_of", { name: task.task })} items={[
                ...fitting.map((command) => ({ label: t(`do_${command.key}`), icon: command.icon, act: () => commandTask(command, task.task) })),
                { label: t("view_runs"), icon: "runs", act: () => go(path("runs", "", { task: task.task })) },
                { label: t("story"), icon: "trace", act: () => go(path("trace", `task/${task.task}`)) },
            ]} />
        </span>
    );
}

function narrowRow(task) {
    return (
        <>
            <span class="two"><Link class="name" to={path("tasks", task.task)}>{task.task}</Link>
                <span class="quiet clamp"><State plain tone={taskTone(task)}>{taskWords(task)}</State>{" · "}{task.next ? <>{t("next")} <Next task={task} /></> : <Ago at={task.last_end} />}</span></span>
            <TaskActs task={task} />
        </>
    );
}

/** Everything at once: a maintenance. */
function Hold() {
    const held = useMaintenance();
    if (!may("operator") || held.data?.on) return null;
    const begin = async () => {
        if (await sure({ title: t("maintenance_begin"), words: t("maintenance_words"), button: t("maintenance_begin_do") }))
            doing(act("lares.maintenance_begin", "1h", [], ""), t("did_maintenance_begin")).then(() => changed("task", "event"));
    };
    return <Button icon="pause" onClick={begin}>{t("maintenance_begin")}</Button>;
}

export function Held() {
    const held = useMaintenance().data;
    if (!held?.on) return null;
    return (
        <div class="notice note" role="status">
            <State plain tone="note">{t("maintenance_on", { until: when(held.until), count: number(held.held) })}</State>{held.reason && <span> · {held.reason}</span>}{held.who && <span class="quiet"> · {held.who}</span>}
            <span class="grow" />
            {may("operator") && <Button small icon="play" onClick={() => doing(act("lares.maintenance_end"), t("did_maintenance_end")).then(() => changed("task", "event"))}>{t("do_maintenance_end")}</Button>}
        </div>
    );
}
