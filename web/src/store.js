// store.js: what is known of the house, by question. A question is asked once however many parts of
// the page look at its answer; it is asked again when the house says that something of its topics
// changed, or after a while. The last answer stays visible while a newer one is on its way.

import { useEffect, useState } from "preact/hooks";
import { link, onLink } from "./api.js";

const questions = new Map();
const kept = 60000; // ms an answer nobody looks at is remembered, for the way back

function questionOf(key, fetcher, topics, every, told, streamed) {
    let question = questions.get(key);
    if (!question) {
        question = { key, watchers: new Set(), data: undefined, error: null, at: 0, cost: 0, busy: false };
        questions.set(key, question);
    }
    Object.assign(question, { fetcher, topics, every, told, streamed });
    return question;
}

async function refresh(question) {
    if (question.busy) {
        question.again = true;
        return;
    }
    question.busy = true;
    question.again = false;
    clearTimeout(question.timer);
    const begin = performance.now();
    try {
        question.data = await question.fetcher();
        question.error = null;
        question.at = Date.now();
    } catch (error) {
        question.error = error;
    }
    question.cost = performance.now() - begin;
    question.busy = false;
    question.last = performance.now();
    for (const tell of question.watchers) tell({});
    if (question.again) soon(question);
    else plan(question);
}

function plan(question) {
    clearTimeout(question.timer);
    if (question.watchers.size === 0 || !question.every) return;
    // While the house tells what changes, the clock is only there for what it may have left out.
    const every = question.told && link.live ? question.every * 10 : question.every;
    const wait = question.error ? Math.max(3000, every) : every;
    question.timer = setTimeout(() => (document.hidden ? plan(question) : refresh(question)), wait);
}

/** Asks again, but never so often that asking is all that happens. */
function soon(question) {
    if (question.watchers.size === 0) {
        question.at = 0;
        return;
    }
    const since = performance.now() - (question.last || 0);
    const wait = Math.max(0, Math.max(150, question.cost * 4) - since);
    clearTimeout(question.timer);
    question.timer = setTimeout(() => refresh(question), wait);
}

/** Something of these topics changed: "program", "task", "job", "run", "file", "event", "config", "message". */
export function changed(...topics) {
    for (const question of questions.values()) {
        const heard = question.streamed && link.live ? question.topics.filter((topic) => !question.streamed.includes(topic)) : question.topics;
        if (topics.includes("all") ? question.topics.length : heard.some((topic) => topics.includes(topic))) soon(question);
    }
}

/** Puts what was told into the answer that is there, without asking. */
export function patch(key, change) {
    const question = questions.get(key);
    if (!question || question.data === undefined) return;
    question.data = change(question.data);
    for (const tell of question.watchers) tell({});
}

/**
 * The answer to a question as {data, error, at, refresh}; null key: no question.
 * @param every  ms after which it is asked again without being told to; 0: never
 * @param told      the house says when it changes: asked by the clock ten times less while it does
 * @param streamed  topics whose changes live.js puts into the answer itself: not asked again for them
 */
export function useAnswer(key, fetcher, { topics = [], every = 0, told = topics.length > 0, streamed } = {}) {
    const [, tell] = useState({});
    const question = key === null ? null : questionOf(key, fetcher, topics, every, told, streamed);
    useEffect(() => {
        if (!question) return undefined;
        question.watchers.add(tell);
        clearTimeout(question.forget);
        if (!question.at || Date.now() - question.at > 2000 || question.error) refresh(question);
        else plan(question);
        return () => {
            question.watchers.delete(tell);
            if (question.watchers.size) return;
            clearTimeout(question.timer);
            question.forget = setTimeout(() => questions.delete(key), kept);
        };
    }, [key]);
    if (!question) return { data: undefined, error: null, at: 0, refresh: () => {} };
    return { data: question.data, error: question.error, at: question.at, refresh: () => refresh(question) };
}

export function useLink() {
    const [, tell] = useState({});
    useEffect(() => onLink(() => tell({})), []);
    return link;
}

/** Renders again every so many ms, for what counts up ("12 s ago"). */
export function useNow(every = 1000) {
    const [now, set] = useState(Date.now());
    useEffect(() => {
        const timer = setInterval(() => document.hidden || set(Date.now()), every);
        return () => clearInterval(timer);
    }, [every]);
    return now;
}

/** A value that stays in this browser. */
export function useKept(name, otherwise) {
    const [value, set] = useState(() => {
        try {
            return JSON.parse(localStorage.getItem(`lares.${name}`)) ?? otherwise;
        } catch {
            return otherwise;
        }
    });
    const keep = (next) => {
        set(next);
        try {
            localStorage.setItem(`lares.${name}`, JSON.stringify(next));
        } catch {
            // Private windows forget; that is their point.
        }
    };
    return [value, keep];
}
