// format.js: numbers for people, in the language of the page. Times come as seconds since 1970, 0 for
// none; spans as seconds.

import { language, t } from "./words.js";

const cache = new Map();
function formatter(kind, options) {
    const key = kind + language() + JSON.stringify(options);
    if (!cache.has(key)) {
        const locale = language() === "de" ? "de-DE" : "en-GB";
        cache.set(key, kind === "date" ? new Intl.DateTimeFormat(locale, options) : new Intl.NumberFormat(locale, options));
    }
    return cache.get(key);
}

export const number = (value, digits = 0) => formatter("number", { maximumFractionDigits: digits }).format(value);

/** "412 ms", "3.2 s", "4 min 05 s", "2 h 10 min", "3 d 4 h". */
export function span(seconds) {
    if (seconds == null || !isFinite(seconds)) return "–";
    const value = Math.abs(seconds);
    if (value < 1) return `${number(value * 1000)} ms`;
    if (value < 10) return `${number(value, 1)} s`;
    if (value < 60) return `${number(value)} s`;
    const whole = Math.floor(value);
    const two = (part) => String(part).padStart(2, "0");
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
    if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
    return `${number(Math.floor(whole / 86400))} d ${Math.floor(whole / 3600) % 24} h`;
}

/** As span, with one unit: for columns. */
export function shortSpan(seconds) {
    const value = Math.abs(seconds);
    if (value < 1) return `${number(value * 1000)} ms`;
    if (value < 99.5) return `${number(value)} s`;
    if (value < 5400) return `${number(value / 60)} min`;
    if (value < 36 * 3600) return `${number(value / 3600)} h`;
    return `${number(value / 86400)} d`;
}

/** As shortSpan, but "1.2 s": for scales. */
export const fineSpan = (seconds) => (seconds >= 1 && seconds < 10 ? `${number(seconds, 1)} s` : shortSpan(seconds));

export function ago(at, now = Date.now()) {
    if (!at) return t("never");
    const seconds = now / 1000 - at;
    if (seconds < -0.5) return t("in", { span: shortSpan(Math.max(1, -seconds)) });
    if (seconds < 1.5) return t("just_now");
    return t("ago", { span: shortSpan(seconds) });
}

export const clock = (at) => (at ? formatter("date", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at * 1000) : "–");
export const minute = (at) => (at ? formatter("date", { hour: "2-digit", minute: "2-digit" }).format(at * 1000) : "–");
export const day = (at) => formatter("date", { weekday: "short", day: "numeric", month: "short" }).format(at * 1000);
export const date = (at) => (at ? formatter("date", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at * 1000) : "–");

/** With the day only when it is another one. */
export function when(at, now = Date.now()) {
    if (!at) return "–";
    const same = new Date(at * 1000).toDateString() === new Date(now).toDateString();
    return same ? clock(at) : `${day(at)}, ${minute(at)}`;
}

export function bytes(count) {
    if (count == null || !isFinite(count)) return "–";
    const units = ["B", "KB", "MB", "GB", "TB"];
    let value = count;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
        value /= 1024;
        unit += 1;
    }
    return `${number(value, value < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`;
}

export const percent = (value) => (value == null || !isFinite(value) ? "–" : `${number(value, value < 10 ? 1 : 0)} %`);
