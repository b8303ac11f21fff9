// tests/browser/matrix_test.mjs: every flow in both languages, both themes, and on a desk and a phone: four
// looks, in which the light is turned at each stop. There the page is as wide as its window, says everything
// in its language, and axe has no serious finding, in either theme. Two looks go on side by side, each at a
// house of its own; a flow that fails costs the others nothing.

import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { after, before, test } from "node:test";
import { en } from "../../web/src/words/en.js";
import { de } from "../../web/src/words/de.js";
import { findings, launch, open } from "./browser.mjs";
import { flows } from "./flows.mjs";
import { House, measureMachine, patient, until } from "./house.mjs";

const password = "correct horse battery";
const lanes = Math.max(1, Math.min(2, availableParallelism(), Number(process.env.LARES_LANES || 2)));
let browser;
const houses = [];

async function opened() {
    const house = await new House().up();
    houses.push(house);
    await house.call("lares.run", "backup", {}, { wait: true });
    await house.call("lares.user_set", "anna", "admin", password);
    house.headers = { Authorization: `Basic ${Buffer.from(`anna:${password}`).toString("base64")}` };
    const { token } = await house.call("lares.token_create", "tests", "admin", "1d");
    house.headers = { Authorization: `Bearer ${token}` };
    await house.untilState("restless", "FATAL");
}

before(async () => {
    measureMachine();
    browser = await launch();
    for (let i = 0; i < lanes; i++) await opened();
});

after(async () => {
    await browser?.close();
    for (const house of houses) await house.clean();
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

const looks = ["en-GB", "de-DE"].flatMap((language) => [1280, 360].map((width) => ({ language, width })));

async function signedIn(house, look, w) {
    const page = await open(browser, house, "/", { ...look, theme: "light", height: look.width === 360 ? 740 : 860, axes: true });
    await page.getByLabel(w("user"), { exact: true }).fill("anna");
    await page.getByLabel(w("password"), { exact: true }).fill(password);
    await page.getByRole("button", { name: w("sign_in"), exact: true }).click();
    await page.locator(".verdict").waitFor();
    return page;
}

/** What a look finds anew: two dead letters of its own, a run that has a story, an alert that nobody has in hand. */
async function prepared(house, number) {
    await house.reset();
    for (const alert of (await house.call("lares.alerts", { state: "open" })).alerts) await house.call("lares.resolve", alert.alert);
    await house.call("lares.start", ["restless"], false);
    for (let i = 0; i < 2; i++) await house.call("lares.put", "fails", { look: number, page: i }, {});
    const { job } = await house.call("lares.run", "backup", {}, { wait: true });
    await house.untilState("restless", "FATAL");
    await until(async () => (await house.call("lares.jobs", { task: "fails", state: "dead", limit: 50 })).jobs.filter((each) => each.payload?.look === number).length === 2, "two jobs are dead");
    return job;
}

/** One look at one house: a page, what can be said of it, and how it is begun anew. */
class Look {
    constructor(house, look) {
        Object.assign(this, look, { house, stops: 0, faults: [] });
        this.words = this.language.slice(0, 2);
        this.theme = "light";
        Object.assign(this, wordsOf({ en, de }[this.words]));
    }

    get name() {
        return `${this.language}, ${this.width} px`;
    }

    async begin() {
        // Another number each time: what a beginning that came to nothing has left is not this one's.
        this.number = ++this.house.beginnings;
        this.job = await prepared(this.house, this.number);
        this.page = await signedIn(this.house, this, this.w);
        this.theme = "light";
    }

    /** Whatever its page said goes with it; what it said that is wrong stays. */
    async end() {
        if (!this.page) return;
        this.faults.push(...this.page.faults);
        if (await this.page.evaluate(() => window.broken).catch(() => undefined)) this.faults.push("hostile text ran as a script");
        await this.page.context().close();
        this.page = null;
    }

    async turnLights() {
        this.theme = this.theme === "light" ? "dark" : "light";
        await this.page.emulateMedia({ colorScheme: this.theme, reducedMotion: "reduce" });
        await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    }

    /** In both themes, of which one is on already and the other stays on: so half of what is done is done in the dark. */
    sound = async (where) => {
        this.stops++;
        // The theme changes contrast only: the rest of what axe knows is asked once.
        const found = await findings(this.page, "all");
        found.push(...(await untranslated(this.page, this.words)).map((text) => `not translated: ${text}`));
        const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) found.push(`${wide} px wider than the window`);
        const before = this.theme;
        await this.turnLights();
        found.push(...(await findings(this.page, "contrast")).map((text) => `${this.theme}: ${text}`));
        assert.deepEqual(found, [], `${where} (${before}, then ${this.theme})`);
    };

    to = async (path) => {
        await this.page.goto(this.house.base + path);
        await this.page.waitForSelector("main h1, main .empty", { state: "attached" });
        await until(async () => (await this.page.locator(".waiting").count()) === 0, `${path} has its answers`);
    };

    row = (name) => this.page.locator(".row", { has: this.page.locator(".name", { hasText: new RegExp(`^${name}$`) }) });

    /** True when it went well. What went wrong is said with where, and spoils nothing that comes after it. */
    async walk(name, flow) {
        try {
            await flow(this);
            return true;
        } catch (error) {
            const where = this.page ? await this.page.evaluate(() => `${location.pathname}${location.search}: ${document.querySelector("main")?.innerText.replace(/\s+/g, " ").slice(0, 200)}`).catch(() => "no page") : "no page";
            console.log(`FAILED in ${this.name}, ${this.theme}: ${name}\n    ${String(error.message).split("\n").slice(0, 6).join("\n    ")}\n    at ${where}`);
            await this.end();
            throw error;
        }
    }
}

/** All that a look goes through; a flow has a page and a house in a known state, whatever befell the one before. */
async function walkAll(each, look) {
    const begin = performance.now();
    try {
        for (const [name, flow] of Object.entries(flows)) {
            if (process.env.LARES_FLOWS && !name.includes(process.env.LARES_FLOWS)) continue;
            await each.test(name, { timeout: 6 * patient() }, async () => {
                if (!look.page) await look.begin();
                await look.walk(name, flow);
            });
        }
    } finally {
        await look.end();
    }
    assert.deepEqual(look.faults, []);
    console.log(`${look.name}: ${look.stops} stops in both themes, ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}

// Each lane has a house of its own: what is done in one look is nothing to the other.
test("every look", { concurrency: true }, async (all) => {
    const left = [...looks];
    await Promise.all(houses.map(async (house) => {
        for (let next = left.shift(); next; next = left.shift()) {
            const look = new Look(house, next);
            await all.test(`in ${look.name}`, (each) => walkAll(each, look));
        }
    }));
});
