// house.js: the questions that several views ask, so that they share their answers.

import { useEffect, useState } from "preact/hooks";
import { call, houseNow, json } from "./api.js";
import { useAnswer } from "./store.js";

/** Seconds that a process has been up: by the clock, not by when the house was last asked. */
export const upFor = (process) => (process.pid && process.started ? Math.max(0, houseNow() - process.started) : 0);

export const fullName = (process) => (process.group === process.name ? process.name : `${process.group}:${process.name}`);

export const useStatus = () => useAnswer("status", () => call("lares.status", [], []), { topics: ["program", "config"], every: 2000, streamed: ["program"] });
export const useTasks = () => useAnswer("tasks", () => call("lares.tasks"), { topics: ["task", "job", "config"], every: 3000, streamed: ["task", "job"] });
export const useWork = () => useAnswer("work", () => call("lares.work"), { topics: ["task", "job"], every: 3000 });
export const useFolders = () => useAnswer("folders", () => call("lares.folders"), { topics: ["file", "config"], every: 4000, streamed: ["file"] });
export const useChannels = () => useAnswer("channels", () => call("lares.channels"), { topics: ["message", "config"], every: 5000 });
export const useRunning = () => useAnswer("running", () => call("lares.running"), { topics: ["job", "run"], every: 2000, streamed: ["job", "run"] });
export const useAudit = () => useAnswer("audit", () => call("lares.audit", ""), { topics: [], every: 30000 });
export const useMaintenance = () => useAnswer("maintenance", () => call("lares.maintenance"), { topics: ["task"], every: 10000 });
export const useRecentRuns = () => useAnswer("runs.recent", () => call("lares.runs", { kind: "job", limit: 1000 }), { topics: ["run"], every: 5000 });
export const useRecentEvents = (limit = 12) => useAnswer(`events.${limit}`, () => call("lares.events", { limit }), { topics: ["event"], every: 3000, streamed: ["event"] });

/** Courses of CPU and memory by process, kept while the page is open: {cpu: [percent], memory: [bytes], at: [s]}. */
const courses = new Map();
const kept = 150;

const watchers = new Set();

/** Renders again when the house tells what is used; a number that is another each time. */
export function useUsed() {
    const [times, tell] = useState(0);
    useEffect(() => {
        const listener = () => document.hidden || tell((count) => count + 1);
        watchers.add(listener);
        return () => watchers.delete(listener);
    }, []);
    return times;
}

/** What living processes use, as the house tells it every two seconds. What has gone ends at nothing. */
export function use(told) {
    const now = told.at || Date.now() / 1000;
    const seen = new Set();
    for (const each of told.usage) {
        const key = fullName(each);
        seen.add(key);
        let course = courses.get(key);
        if (!course) courses.set(key, (course = { at: [], cpu: [], memory: [], last: null }));
        const last = course.last;
        if (last && now - last.now < 0.5) continue;
        const known = last && last.pid === each.pid && each.cpu_seconds >= last.cpu;
        put(course, now, known ? ((each.cpu_seconds - last.cpu) / (now - last.now)) * 100 : null, each.memory);
        course.last = { now, pid: each.pid, cpu: each.cpu_seconds };
    }
    for (const [key, course] of courses)
        if (!seen.has(key)) {
            put(course, now, 0, 0);
            course.last = null;
            if (course.cpu.every((value) => !value)) courses.delete(key);
        }
    for (const tell of watchers) tell();
}

function put(course, at, cpu, memory) {
    course.at.push(at);
    course.cpu.push(cpu);
    course.memory.push(memory);
    if (course.at.length > kept) for (const list of [course.at, course.cpu, course.memory]) list.shift();
}

/** For as long as the house does not tell it by itself. */
export const useUsage = (wanted) => useAnswer(wanted ? "usage" : null, async () => {
    const told = await json("/api/v1/usage");
    use(told);
    return told;
}, { every: 2500 });

const none = { at: [], cpu: [], memory: [] };
export const course = (name) => courses.get(name) || none;
