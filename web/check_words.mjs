// web/check_words.mjs: both tables have every sentence that the source asks for, with the same blanks.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const source = join(dirname(fileURLToPath(import.meta.url)), "src");
const { en } = await import(join(source, "words/en.js"));
const { de } = await import(join(source, "words/de.js"));
const faults = [];

const files = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]));
const blanks = (text) => [...new Set([text].flat().join(" ").match(/\{\w+\}/g) || [])].sort().join(" ");

for (const key of Object.keys(en)) if (!(key in de)) faults.push(`de.js lacks '${key}'`);
for (const key of Object.keys(de)) if (!(key in en)) faults.push(`en.js lacks '${key}'`);
for (const key of Object.keys(en)) {
    if (blanks(en[key]) !== blanks(de[key] ?? "")) faults.push(`'${key}' has other blanks in German`);
    if (Array.isArray(en[key]) !== Array.isArray(de[key])) faults.push(`'${key}' has forms in one language only`);
    if ([en[key], de[key]].flat().some((text) => !text)) faults.push(`'${key}' is empty`);
}

const used = new Set();
const patterns = [];
for (const file of files(source).filter((name) => /\.jsx?$/.test(name) && !name.includes("/words/"))) {
    const text = readFileSync(file, "utf8");
    for (const [, key] of text.matchAll(/\bt\("([a-z_0-9]+)"/g)) used.add(key);
    for (const call of text.matchAll(/\bt\(((?:[^()`]|\([^()]*\)|`[^`]*`)*)\)/g)) {
        for (const [, key] of call[1].split(/,\s*\{/)[0].matchAll(/"([a-z][a-z_0-9]*)"/g)) used.add(key);
        for (const [, template] of call[1].matchAll(/^\s*`([^`]*)`/g)) patterns.push(new RegExp(`^${template.replace(/\$\{[^}]*\}/g, ".+")}$`));
    }
    for (const [, template] of text.matchAll(/\bt\(`([^`]*)`/g)) patterns.push(new RegExp(`^${template.replace(/\$\{[^}]*\}/g, ".+")}$`));
    for (const [, key] of text.matchAll(/"([a-z]+(?:_[a-z0-9]+)+)"/g)) if (key in en) used.add(key);
}
for (const key of used) if (!(key in en) && !/^(bad|ready|stop|start|trace|running|parked)$/.test(key)) faults.push(`the source asks for '${key}', which no table has`);
for (const key of Object.keys(en)) if (!used.has(key) && !patterns.some((each) => each.test(key))) faults.push(`nobody asks for '${key}'`);

if (faults.length) {
    console.error(faults.join("\n"));
    process.exit(1);
}
console.log(`${Object.keys(en).length} sentences in two languages`);
