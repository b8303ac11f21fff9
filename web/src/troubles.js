// troubles.js: what needs a person, worst first, from what is known: a pure function, so that the
// overview, the mark at the top and the tests agree.
//
// tone: bad (something does not work), warn (it may soon not), note (somebody wanted it so).

import { fullName, upFor } from "./house.js";
import { isPaused } from "./commands.js";

const order = { bad: 0, warn: 1, note: 2 };

export function troubles({ status, tasks, work, folders, audit, maintenance, alerts, channels }) {
    const list = [];
    const add = (tone, key, more) => list.push({ tone, key, ...more });
    if (work && work.trouble) add("bad", "store", { words: work.trouble });
    for (const process of status?.processes || []) {
        const name = fullName(process);
        const more = { subject: name, sort: "program", words: process.why || process.spawnerr || (process.pid ? "" : process.description) };
        if (process.statename === "FATAL") add("bad", "fatal", more);
        else if (process.statename === "UNKNOWN") add("bad", "unknown", more);
        else if (process.statename === "BACKOFF") add("warn", "backoff", more);
        else if (isFlapping(process)) add("warn", "flapping", { ...more, count: process.restarts, code: process.exitstatus });
        else if (process.statename === "EXITED" && process.exitstatus) add("warn", "exited", { ...more, code: process.exitstatus });
        else if (process.waits_for) add("note", "waits", { ...more, words: process.waits_for });
    }
    if (status?.config_trouble) add("bad", "config", { sort: "config", words: status.config_trouble });
    if (audit?.unexplained > 0) add("bad", "unexplained", { sort: "audit", count: audit.unexplained });
    for (const task of tasks || []) {
        if (task.dead > 0) add("bad", "dead", { sort: "task", subject: task.task, count: task.dead });
        if (task.late) add("warn", "late", { sort: "task", subject: task.task, words: task.late_words });
        for (const block of task.blocks || [])
            if (block.kind !== "paused" && block.kind !== "maintenance" && block.kind !== "disabled") add("warn", "blocked", { sort: "task", subject: task.task, words: block.words });
        if (isPaused(task)) add("note", "paused", { sort: "task", subject: task.task, words: task.blocks.find((block) => block.kind === "paused").words });
    }
    // Where tasks do not tell their dead jobs the house does, and the alert says of which task.
    const told = (tasks || []).some((task) => task.dead != null);
    if (!told && work?.dead > 0) add("bad", "dead_all", { sort: "queue", count: work.dead, words: (alerts || []).filter((alert) => !alert.ended && /^task\//.test(alert.subject)).map((alert) => alert.subject.slice(5)).join(", ") });
    if (work?.parked > 0) add("warn", "parked", { sort: "queue", count: work.parked });
    for (const folder of folders || []) {
        if (folder.trouble) add("bad", "folder", { sort: "folder", subject: folder.folder, words: folder.trouble });
        if (folder.problems > 0) add("warn", "files", { sort: "folder", subject: folder.folder, count: folder.problems });
        if (folder.blocked) add("note", "folder_held", { sort: "folder", subject: folder.folder, words: folder.blocked });
    }
    // What keeps all of them from sending is one trouble, not one a channel.
    const silent = (channels || []).filter((channel) => channel.trouble);
    const isOne = silent.length > 1 && silent.length === channels.length && silent.every((channel) => channel.trouble === silent[0].trouble);
    if (isOne) add("bad", "no_sender", { sort: "channel", words: silent[0].trouble });
    else for (const channel of silent) add("bad", "channel", { sort: "channel", subject: channel.channel, words: channel.trouble });
    for (const alert of alerts || []) {
        if (alert.ended) continue;
        const name = String(alert.subject).replace(/^\w+\//, "");
        const same = list.filter((each) => each.key === "dead_all" && each.words.split(", ").includes(name) && String(alert.subject).startsWith("task/") || each.subject && (each.subject === name || `${each.subject}:${each.subject}` === name));
        // Told above already: who has it in hand needs nobody else.
        if (same.length) for (const each of same) Object.assign(each, { alert, tone: alert.acknowledged ? "note" : each.tone });
        else add(alert.acknowledged ? "note" : ["critical", "error"].includes(alert.severity) ? "bad" : "warn", "alert", { sort: "alert", subject: alert.subject, words: alert.words, alert });
    }
    if (status?.config_drift) add("note", "drift", { sort: "config", words: (status.config_drift_files || []).join(", ") });
    if (maintenance?.on) add("note", "maintenance", { sort: "maintenance", words: maintenance.reason, until: maintenance.until });
    return list.sort((a, b) => order[a.tone] - order[b.tone]);
}

/** Up, but not for long, and not for the first time; or just down again, on the way up. */
export function isFlapping(process) {
    if (process.restarts < 3) return false;
    if (process.statename === "EXITED") return /restart/.test(process.why || "");
    return ["RUNNING", "STARTING"].includes(process.statename) && upFor(process) < 60;
}
