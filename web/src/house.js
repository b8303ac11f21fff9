// house.js: the questions that several views ask, so that they share their answers.

import { call } from "./api.js";
import { useAnswer } from "./store.js";

export const fullName = (process) => (process.group === process.name ? process.name : `${process.group}:${process.name}`);

export const useStatus = () => useAnswer("status", () => call("lares.status", [], []), { topics: ["program", "config"], every: 2000 });
export const useTasks = () => useAnswer("tasks", () => call("lares.tasks"), { topics: ["task", "job"], every: 3000 });
export const useWork = () => useAnswer("work", () => call("lares.work"), { topics: ["task", "job"], every: 3000 });
export const useFolders = () => useAnswer("folders", () => call("lares.folders"), { topics: ["file"], every: 4000 });
export const useRunning = () => useAnswer("running", () => call("lares.running"), { topics: ["job", "run"], every: 2000 });
export const useAudit = () => useAnswer("audit", () => call("lares.audit", ""), { topics: [], every: 30000 });
export const useMaintenance = () => useAnswer("maintenance", () => call("lares.maintenance"), { topics: ["task"], every: 10000 });
export const useRecentRuns = () => useAnswer("runs.recent", () => call("lares.runs", { kind: "job", limit: 1000 }), { topics: ["run"], every: 5000 });
export const useRecentEvents = (limit = 12) => useAnswer(`events.${limit}`, () => call("lares.events", { limit }), { topics: ["event", "program", "task", "job", "run", "file"], every: 3000 });

/** Courses of CPU and memory by process, kept while the page is open: {cpu: [percent], memory: [bytes], at: [s]}. */
const courses = new Map();
const kept = 120;

export function record(status) {
    const now = Date.now() / 1000;
    const seen = new Set();
    for (const process of status.processes) {
        const key = fullName(process);
        seen.add(key);
        let course = courses.get(key);
        if (!course) courses.set(key, (course = { at: [], cpu: [], memory: [], last: null }));
        const last = course.last;
        if (last && now - last.now < 0.9) continue;
        // Where the house does not tell what a living process uses, that is unknown, not nothing.
        const counted = process.cpu_ms > 0 || process.cpu_percent != null;
        let cpu = process.cpu_percent ?? null;
        if (cpu === null && counted && last && last.pid === process.pid && process.pid && process.cpu_ms >= last.cpu_ms)
            cpu = (process.cpu_ms - last.cpu_ms) / 10 / (now - last.now);
        course.last = { now, pid: process.pid, cpu_ms: process.cpu_ms };
        course.at.push(now);
        course.cpu.push(process.pid ? cpu : 0);
        course.memory.push(process.pid ? process.memory || process.peak_memory || null : 0);
        if (course.at.length > kept) for (const list of [course.at, course.cpu, course.memory]) list.shift();
    }
    for (const key of courses.keys()) if (!seen.has(key)) courses.delete(key);
}

const none = { at: [], cpu: [], memory: [] };
export const course = (name) => courses.get(name) || none;
