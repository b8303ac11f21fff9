// tests/browser/matrix_test.mjs: every flow in both languages, both themes, and on a desk and a phone: eight
// looks at one house in one browser. At each stop the page is as wide as its window, says everything in
// its language, and axe has no serious finding.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { en } from "../../web/src/words/en.js";
import { de } from "../../web/src/words/de.js";
import { findings, launch, open } from "./browser.mjs";
import { flows } from "./flows.mjs";
import { House, until } from "./house.mjs";

const password = "correct horse battery";
let browser;
let house;

before(async () => {
    browser = await launch();
    house = await new House().up();
    await house.call("lares.run", "backup", {}, { wait: true });
    await house.call("lares.user_set", "anna", "admin", password);
    house.headers = { Authorization: `Basic ${Buffer.from(`anna:${password}`).toString("base64")}` };
    const { token } = await house.call("lares.token_create", "tests", "admin", "1d");
    house.headers = { Authorization: `Bearer ${token}` };
    await house.untilState("restless", "FATAL");
});

after(async () => {
    await browser?.close();
    await house?.clean();
});

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The page's own words for a key, as web/src/words.js chooses and fills them. */
function wordsOf(table) {
    const chosen = (key, values) => {
        assert.ok(key in table, `there is no sentence '${key}'`);
        return Array.isArray(table[key]) ? table[key][values.count === 1 ? 0 : 1] : table[key];
    };
    const w = (key, values = {}) => chosen(key, values).replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
    const like = (key) => new RegExp([table[key]].flat().map((text) => text.split(/\{\w+\}/).map(escaped).join(".+")).join("|"));
    return { w, like };
}

// Keys that the page puts together: what follows shows itself when a sentence is missing.
const families = /^(word|need|kind|view|did|do|sure|role|show|tasks|reach|severity|count|noun|diff|run|span|lasts|last|key|theme|group|action|cause)_[a-z0-9_]+$/;
const germans = new Set(Object.values(de).flat());
const named = ["flapping"]; // a program of the house
const strangers = new Set(Object.values(en).flat().filter((text) => !germans.has(text) && text.length > 3 && !named.includes(text)));

/** Texts that are keys, have an empty blank, or are English where German is spoken. */
async function untranslated(page, language) {
    const texts = await page.evaluate(() => {
        const found = new Set();
        const data = "pre, .mono, .log-box, [role=log], option, th[scope=row]"; // of those rows: names of options
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode())
            if (!node.parentElement.closest(data)) found.add(node.nodeValue.trim());
        for (const each of document.querySelectorAll("[aria-label], [title], [placeholder]"))
            for (const name of ["aria-label", "title", "placeholder"]) if (each.hasAttribute(name)) found.add(each.getAttribute(name).trim());
        return [...found];
    });
    return texts.filter((text) => families.test(text) || /\{[a-z]+\}/.test(text) || (language === "de" && strangers.has(text)));
}

const looks = ["en-GB", "de-DE"].flatMap((language) => [1280, 360].flatMap((width) => ["light", "dark"].map((theme) => ({ language, width, theme }))));

async function signedIn(look, w) {
    const page = await open(browser, house, "/", { ...look, height: look.width === 360 ? 740 : 860, axes: true });
    await page.getByLabel(w("user"), { exact: true }).fill("anna");
    await page.getByLabel(w("password"), { exact: true }).fill(password);
    await page.getByRole("button", { name: w("sign_in"), exact: true }).click();
    await page.locator(".verdict").waitFor();
    return page;
}

/** What a look finds anew: two dead letters of its own, a run that has a story, an alert that nobody has in hand. */
async function prepared(number) {
    for (const alert of (await house.call("lares.alerts", { state: "open" })).alerts) await house.call("lares.resolve", alert.alert);
    await house.call("lares.start", ["restless"], false);
    for (let i = 0; i < 2; i++) await house.call("lares.put", "fails", { look: number, page: i }, {});
    const { job } = await house.call("lares.run", "backup", {}, { wait: true });
    await house.untilState("restless", "FATAL");
    await until(async () => (await house.call("lares.jobs", { task: "fails", state: "dead", limit: 50 })).jobs.filter((each) => each.payload?.look === number).length === 2, "two jobs are dead");
    return job;
}

looks.forEach((look, number) =>
    test(`in ${look.language}, ${look.theme}, ${look.width} px`, async (each) => {
        const language = look.language.slice(0, 2);
        const { w, like } = wordsOf({ en, de }[language]);
        const job = await prepared(number);
        const page = await signedIn(look, w);
        let stops = 0;
        // The theme changes contrast only: the rest of what axe knows is asked in the light.
        const sound = async (where) => {
            stops++;
            const found = await findings(page, look.theme === "light" ? "all" : "contrast");
            found.push(...(await untranslated(page, language)).map((text) => `not translated: ${text}`));
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            if (wide > 0) found.push(`${wide} px wider than the window`);
            assert.deepEqual(found, [], where);
        };
        const to = async (path) => {
            await page.goto(house.base + path);
            await page.waitForSelector("main h1, main .empty", { state: "attached" });
            await until(async () => (await page.locator(".waiting").count()) === 0, `${path} has its answers`);
        };
        const row = (name) => page.locator(".row", { has: page.locator(".name", { hasText: new RegExp(`^${name}$`) }) });
        try {
            for (const [name, flow] of Object.entries(flows)) {
                if (process.env.LARES_FLOWS && !name.includes(process.env.LARES_FLOWS)) continue;
                await each.test(name, () => flow({ page, house, w, like, sound, to, row, number, job }));
            }
            assert.deepEqual(page.faults, []);
            assert.equal(await page.evaluate(() => window.broken), undefined, "hostile text ran as a script");
            console.log(`${look.language}, ${look.theme}, ${look.width} px: ${stops} stops`);
        } finally {
            await page.context().close();
        }
    }));
