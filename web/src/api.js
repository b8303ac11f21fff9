// api.js: the one place that talks to Lares. Every call has a deadline, every failure has words, and
// whether the house can be reached is known to the whole page (the banner reads it).

export class Trouble extends Error {
    constructor(kind, words, more = {}) {
        super(words);
        this.kind = kind; // "offline" | "slow" | "login" | "denied" | "refused"
        Object.assign(this, more);
    }
}

const patience = 20000; // ms; what waits for a process to get somewhere says so itself
const listeners = new Set();
export const link = { online: true, live: false, since: Date.now(), login: false, user: null, role: null, kind: null, skew: 0 };

export function onLink(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

export function setLink(change) {
    const before = JSON.stringify(link);
    Object.assign(link, change);
    if (JSON.stringify(link) !== before) for (const each of listeners) each();
}

function headersOf(method, body, given) {
    const headers = { Accept: "application/json, application/problem+json", ...given };
    if (body !== undefined && !headers["Content-Type"]) headers["Content-Type"] = "application/json";
    // No page of another site can send it: what stands on the cookie and changes something must. And who
    // sends it is refused without the browser's own window for a password, which would lie over ours.
    headers["X-Lares-Request"] = "1";
    return headers;
}

async function troubleOf(response) {
    let problem = {};
    try {
        problem = await response.json();
    } catch {
        // Not JSON: the status says enough.
    }
    const words = problem.detail || problem.title || `${response.status} ${response.statusText}`;
    const more = { status: response.status, type: problem.type || "", field: problem.field, hint: problem.hint };
    if (response.status === 401) {
        setLink({ login: true });
        return new Trouble("login", words, more);
    }
    return new Trouble(response.status === 403 ? "denied" : "refused", words, more);
}

/** Fetches and gives the response, or throws a Trouble. */
export async function ask(path, { method = "GET", body, raw, headers = {}, wait = patience, signal } = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort("slow"), wait);
    const forward = () => stop.abort("left");
    if (signal) signal.addEventListener("abort", forward);
    try {
        const response = await fetch(path, {
            method,
            headers: headersOf(method, raw ?? body, headers),
            body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
            signal: stop.signal,
            credentials: "same-origin",
            cache: "no-store",
        });
        if (!link.online) setLink({ online: true, since: Date.now() });
        if (!response.ok) throw await troubleOf(response);
        return response;
    } catch (error) {
        if (error instanceof Trouble) throw error;
        if (signal && signal.aborted) throw new Trouble("left", "left");
        const slow = stop.signal.aborted;
        if (link.online && !slow) setLink({ online: false, since: Date.now() });
        throw new Trouble(slow ? "slow" : "offline", slow ? "no answer in time" : "not reachable");
    } finally {
        clearTimeout(timer);
        if (signal) signal.removeEventListener("abort", forward);
    }
}

export async function json(path, options) {
    const response = await ask(path, options);
    return response.status === 204 ? null : response.json();
}

/** One operation of the table by its name, with its parameters in order. */
export async function call(operation, ...parameters) {
    const answer = await json(`/api/v1/call/${operation}`, { method: "POST", body: parameters });
    return answer && typeof answer === "object" && "result" in answer ? answer.result : answer;
}

/** As call, for what waits until processes got somewhere. */
export async function act(operation, ...parameters) {
    const answer = await json(`/api/v1/call/${operation}`, {
        method: "POST",
        body: parameters,
        wait: 180000,
        headers: { "Idempotency-Key": newKey() },
    });
    return answer && typeof answer === "object" && "result" in answer ? answer.result : answer;
}

export function newKey() {
    const bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The house's clock, in seconds: the browser's may be off. */
export const houseNow = () => Date.now() / 1000 + link.skew;
