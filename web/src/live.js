// live.js: the house tells what changes (server-sent events, docs/manual/api.md). States are put into the
// answers that are there; where only a change is told, the answers about it are asked again.
//
// What comes after a pause is put in at once, what comes thick is gathered. The browser connects again
// by itself after a break; while it is not connected, the answers' own clocks go on faster. A page that
// nobody sees lets go of its stream: browsers have six connections for all pages of one house.

import { changed, patch } from "./store.js";
import { link, setLink } from "./api.js";
import { use } from "./house.js";
import { merged } from "./merge.js";

const address = "/api/v1/stream?topics=programs,tasks,folders,jobs,events,usage";
const gathered = 60; // ms within which changes are put in together
const unseen = 15000; // ms after which a page that is not looked at lets go
const newest = 12; // events that the overview shows

const nouns = { program: ["program"], job: ["job", "run", "task"], run: ["run", "job"], trigger: ["task"], folder: ["file"], task: ["task"], config: ["config", "program", "task"],
    operator: [], circuit: ["task"], expect: ["task"], maintenance: ["task"], daemon: ["program"], message: ["message"], channel: ["message"], delivery: ["message"], alert: ["message"] };

const nameOf = (process) => `${process.group}:${process.name}`;

export function live() {
    if (link.login || typeof EventSource === "undefined") return () => {};
    let source = null;
    let again = 0;
    let timer = 0;
    let last = 0;
    let letting = 0;
    let closed = false;
    const events = [];
    const programs = new Map();
    const tasks = new Map();
    const folders = new Map();
    const topics = new Set();

    const put = () => {
        timer = 0;
        last = performance.now();
        if (events.length) patch(`events.${newest}`, (found) => ({ ...found, events: added(found.events, events) }));
        events.length = 0;
        if (programs.size) patch("status", (status) => ({ ...status, processes: merged(status.processes, programs, nameOf) }));
        if (tasks.size) patch("tasks", (list) => merged(list, tasks, (task) => task.task));
        if (folders.size) patch("folders", (list) => merged(list, folders, (folder) => folder.folder));
        for (const each of [programs, tasks, folders]) each.clear();
        if (topics.size) changed(...topics);
        topics.clear();
    };
    const later = () => {
        if (timer) return;
        const since = performance.now() - last;
        if (since >= gathered) put();
        else timer = setTimeout(put, gathered - since);
    };
    const acts = {
        hello: (told) => {
            setLink({ live: true, online: true, skew: told.at ? told.at - Date.now() / 1000 : 0 });
            changed("all");
        },
        program: (told) => programs.set(nameOf(told), told),
        "program-gone": (told) => programs.set(nameOf(told), null),
        task: (told) => tasks.set(told.task, told),
        "task-gone": (told) => tasks.set(told.task, null),
        folder: (told) => folders.set(told.folder, told),
        "folder-gone": (told) => folders.set(told.folder, null),
        running: (told) => patch("running", (list) => merged(list, new Map([[told.job, told]]), (job) => job.job)),
        "run-over": (told) => patch("running", (list) => list.filter((job) => job.job !== told.job)),
        work: (told) => patch("work", (work) => ({ ...work, ...told })),
        usage: (told) => use(told),
        journal: (told) => events.push(told) && ["event", ...(nouns[String(told.kind).split(".")[0]] || [])].forEach((topic) => topics.add(topic)),
        gap: () => topics.add("all"),
        daemon: () => topics.add("program"),
    };
    const open = () => {
        if (closed || source) return;
        source = new EventSource(address);
        for (const [name, act] of Object.entries(acts))
            source.addEventListener(name, (event) => {
                try {
                    act(JSON.parse(event.data));
                } catch {
                    return; // of a newer house, in words this page does not know
                }
                later();
            });
        source.onerror = () => {
            setLink({ live: false });
            // Refused, not broken: the browser does not try again by itself.
            if (source.readyState === EventSource.CLOSED) (source = null), (again = setTimeout(open, 30000));
        };
    };
    const shut = () => {
        clearTimeout(again);
        if (source) source.close();
        source = null;
    };
    const seen = () => {
        clearTimeout(letting);
        if (!document.hidden) open();
        else letting = setTimeout(() => (shut(), setLink({ live: false })), unseen);
    };
    document.addEventListener("visibilitychange", seen);
    open();
    return () => {
        closed = true;
        document.removeEventListener("visibilitychange", seen);
        clearTimeout(letting);
        clearTimeout(timer);
        shut();
    };
}

/** The newest first, each once. */
function added(list, told) {
    const fresh = told.filter((event) => !list.some((each) => each.event === event.event));
    return [...fresh.reverse(), ...list].sort((a, b) => b.event - a.event).slice(0, newest);
}
