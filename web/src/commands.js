// commands.js: what can be asked of a process, a task or a job, once for rows, menus, bulk bars and the
// palette alike: words, drawing, the operation, and whether it asks back first.

import { act } from "./api.js";
import { changed } from "./store.js";
import { t } from "./words.js";
import { doing } from "./parts/toast.jsx";

const isUp = (process) => ["RUNNING", "STARTING", "BACKOFF"].includes(process.statename);

// clang-format off
export const processCommands = [
    { key: "start",   icon: "play",    fits: (process) => !isUp(process), run: (names) => act("lares.start", names, true) },
    { key: "restart", icon: "restart", fits: () => true,                  run: (names) => act("lares.restart", names, true, false) },
    { key: "stop",    icon: "stop",    fits: isUp,                        run: (names) => act("lares.stop", names, true), asks: true, tone: "risky" },
];
export const taskCommands = [
    { key: "run",        icon: "play",   fits: () => true,                  run: (task) => act("lares.put", task, {}, {}) },
    { key: "pause",      icon: "pause",  fits: (task) => !isPaused(task),   run: (task) => act("lares.pause", task, "") },
    { key: "resume",     icon: "play",   fits: (task) => isPaused(task),    run: (task) => act("lares.resume", task) },
    { key: "retry_dead", icon: "retry",  fits: (task) => task.dead !== 0,   run: (task) => act("lares.retry_dead", task) },
];
export const jobCommands = [
    { key: "retry",  icon: "retry",  fits: (job) => ["dead", "parked", "cancelled", "skipped"].includes(job.state) || (job.state === "ready" && job.attempts > 0), run: (job) => act("lares.retry", job) },
    { key: "cancel", icon: "cancel", fits: (job) => ["ready", "running", "parked"].includes(job.state), run: (job) => act("lares.cancel", job), asks: true, tone: "risky" },
];
/** Of files that wait for a person: to be worked on, or left where they are. */
const waits = (file) => ["asked", "problem"].includes(file.state);
export const fileCommands = [
    { key: "file_run",   icon: "play",   fits: waits, run: (file) => act("lares.settle_file", file, true) },
    { key: "file_leave", icon: "cancel", fits: waits, run: (file) => act("lares.settle_file", file, false) },
];
// clang-format on

export function isPaused(task) {
    return (task.blocks || []).some((block) => block.kind === "paused");
}

let confirm = () => Promise.resolve(true);
export const setConfirm = (next) => (confirm = next);
/** Asks back in the page's own window: {title, words, button}. */
export const sure = (question) => confirm(question);

export async function commandProcesses(command, names) {
    if (names.length === 0) return false;
    if (command.asks && !(await sure({ title: t(`sure_${command.key}`, { count: names.length, name: names[0] }), words: names.length > 1 ? names.slice(0, 8).join(", ") + (names.length > 8 ? ` +${names.length - 8}` : "") : t(`sure_${command.key}_words`), button: t(`do_${command.key}`) }))) return false;
    const asked = command.run(names);
    setTimeout(() => changed("program"), 150);
    const done = await doing(asked, t(`did_${command.key}`, { count: names.length, name: names[0] }));
    changed("program", "event");
    return done;
}

export async function commandTask(command, name) {
    const done = await doing(command.run(name), t(`did_${command.key}`, { name }));
    changed("task", "job", "run", "event");
    return done;
}

/** A few at a time: the house has other things to do. Gives those that were refused. */
async function each(ids, run, noun) {
    const refused = [];
    for (let i = 0; i < ids.length; i += 8)
        refused.push(...(await Promise.all(ids.slice(i, i + 8).map((id) => run(id).then(() => null, (error) => ({ [noun]: id, ok: false, words: error.message }))))));
    return refused.filter(Boolean);
}

/** @param files  those that are meant, whole: refusals name them */
export async function commandFiles(command, files) {
    if (files.length === 0) return false;
    const many = files.length > 1;
    const names = files.map((file) => file.path.split("/").pop());
    if (many && !(await sure({ title: t(`sure_${command.key}`, { count: files.length }), words: names.slice(0, 8).join(", ") + (names.length > 8 ? ` +${names.length - 8}` : ""), button: t(`do_${command.key}`, { count: files.length }) }))) return false;
    const asked = each(files.map((file) => file.file), command.run, "file").then((refused) => refused.map((entry) => ({ ...entry, name: names[files.findIndex((file) => file.file === entry.file)] })));
    const done = await doing(asked, t(`did_${command.key}`, { count: files.length }));
    changed("file", "job", "task", "event");
    return done;
}

export async function commandJobs(command, ids) {
    if (ids.length === 0) return false;
    if (command.asks && !(await sure({ title: t(`sure_${command.key}`, { count: ids.length, name: ids[0] }), words: t(`sure_${command.key}_words`), button: t(`do_${command.key}`) }))) return false;
    const done = await doing(each(ids, command.run, "job"), t(`did_${command.key}`, { count: ids.length, name: ids[0] }));
    changed("job", "task", "run", "event");
    return done;
}
