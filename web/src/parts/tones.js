// parts/tones.js: what a state means to somebody who looks: one of six tones, for every noun alike.

const ofProgram = {
    RUNNING: "good",
    STARTING: "work",
    STOPPING: "work",
    BACKOFF: "warn",
    FATAL: "bad",
    UNKNOWN: "bad",
    EXITED: "idle",
    STOPPED: "idle",
};

export function programTone(process) {
    const state = process.statename ?? process.state;
    if (state === "EXITED" && process.exitstatus) return "warn";
    return ofProgram[state] || "note";
}

const ofJob = {
    ready: "note",
    running: "work",
    done: "good",
    dead: "bad",
    parked: "warn",
    cancelled: "idle",
    skipped: "idle",
};
export const jobTone = (state) => ofJob[state] || "note";

const ofRun = {
    ok: "good",
    error: "bad",
    timeout: "bad",
    crash: "bad",
    unstartable: "bad",
    overflow: "bad",
    interrupted: "warn",
    lost: "warn",
    cancelled: "idle",
};

export function runTone(run) {
    if (!run.ended) return "work";
    if (run.outcome in ofRun) return ofRun[run.outcome];
    return run.code || run.signal ? "bad" : "good";
}

/** Of an event, by its kind: "job.dead", "program.state". */
export function eventTone(event) {
    const change = /^\S+: \w+ to (\w+)/.exec(event.kind === "program.state" ? event.words || "" : "");
    if (change) return change[1] === "EXITED" && /with [1-9]|signal/i.test(event.words) ? "warn" : programTone({ state: change[1] });
    const text = `${event.kind} ${event.words || ""}`;
    if (/dead|fatal|trouble|\blost\b|refused|circuit\.open/i.test(text)) return "bad";
    if (/retry|backoff|late|missed|parked|unexpected|failed|problem/i.test(text)) return "warn";
    if (/done|running\b|ended well|resumed/i.test(text)) return "good";
    if (/start|begin|put|claimed|due/i.test(text)) return "work";
    return "idle";
}
