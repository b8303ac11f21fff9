// words.js: every sentence of the page, from one of two tables. {name} is replaced; a key that has
// forms for one and many is a pair, chosen by `count`.

import { en } from "./words/en.js";
import { de } from "./words/de.js";

const tables = { en, de };
let current = "en";

export function choose(wanted) {
    current = tables[wanted] ? wanted : "en";
    document.documentElement.lang = current;
}

export const language = () => current;
export const languages = [["en", "English"], ["de", "Deutsch"]];

export function preferred() {
    const first = (navigator.languages || [navigator.language]).find((each) => tables[each.slice(0, 2)]);
    return first ? first.slice(0, 2) : "en";
}

export function t(key, values = {}) {
    let text = tables[current][key] ?? en[key] ?? key;
    if (Array.isArray(text)) text = text[String(values.count) === "1" ? 0 : 1]; // as it is written: "1.000" is many
    return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

export const has = (key) => key in en;
