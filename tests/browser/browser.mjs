// tests/browser/browser.mjs: the real browser, by playwright-core; and axe, which knows what people with
// other eyes and hands need.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { patient } from "./house.mjs";

const require = createRequire(join(process.env.LARES_BROWSER_MODULES, "modules.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const launch = () => chromium.launch({ executablePath: process.env.LARES_CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });

/**
 * A page on an address, whose faults are collected: errors of the script, refusals of the policy, loads
 * from elsewhere.
 */
export async function open(browser, house, path, { width = 1280, height = 860, theme = "light", language = "en-GB", axes = false, credentials } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale: language, bypassCSP: axes, reducedMotion: "reduce", extraHTTPHeaders: credentials });
    const page = await context.newPage();
    page.setDefaultTimeout(patient());
    page.faults = [];
    page.on("pageerror", (error) => page.faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && !/Failed to load resource/.test(message.text()) && page.faults.push(message.text()));
    page.on("request", (request) => !request.url().startsWith(house.base) && !request.url().startsWith("data:") && !request.url().startsWith("blob:") && page.faults.push(`asked elsewhere: ${request.url()}`));
    await page.goto(house.base + path, { waitUntil: "load" });
    await page.waitForSelector("main h1", { state: "attached" });
    return page;
}

/** Does something with a page and holds that the page had no fault of its own, and ran no script but its own. */
export async function visit(browser, house, path, options, then) {
    const page = await open(browser, house, path, options);
    try {
        await then(page);
        assert.deepEqual(page.faults, []);
        assert.equal(await page.evaluate(() => window.broken), undefined, "hostile text ran as a script");
    } finally {
        await page.context().close();
    }
}

/** What axe finds that is serious or worse, in words. */
export async function findings(page, rules = "all") {
    await page.evaluate(axe);
    const runOnly = rules === "contrast" ? { type: "rule", values: ["color-contrast"] } : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
    const found = await page.evaluate((only) => window.axe.run(document, { runOnly: only, resultTypes: ["violations"] }), runOnly);
    return found.violations.filter((each) => ["serious", "critical"].includes(each.impact)).map((each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message || ""}`).join(" | ")}`);
}

/** CPU of the page's thread in ms, whatever else the machine does. */
export async function meter(page) {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    return async () => (await session.send("Performance.getMetrics")).metrics.find((each) => each.name === "TaskDuration").value * 1000;
}

/** What is promised: ms of the page's thread for a frame of scrolling (400 px). */
const promised = 16;
/**
 * Work for a frame, in that of a page of plain lines, measured in the same minute: a machine whose cores are
 * shared is slower for both alike. Where plain lines cost what they do on a quiet one (1.4 ms), it is the promise.
 */
const promisedRatio = 11.4;

/**
 * Scrolls the list through 90 frames as fast as anybody reads, and holds the page's work for each to what is
 * promised: how long a frame waits for a processor is the machine's affair.
 *
 * @param meanwhile  begins what goes on beside it
 */
export async function scrolls(page, what, meanwhile = () => {}) {
    const plain = [await plainFrame(page)];
    await frame(page); // what the browser has to learn is learned
    const rounds = [];
    for (let i = 0; i < 3; i++) {
        const done = meanwhile();
        rounds.push(await frame(page));
        await done;
    }
    plain.push(await plainFrame(page));
    const { each, frames } = rounds.sort((a, b) => a.each - b.each)[1];
    const base = (plain[0].each + plain[1].each) / 2;
    const words = `${what}: ${each.toFixed(1)} ms of the page's processor a frame of scrolling (promised ${promised}), ${(each / base).toFixed(1)} times plain lines (${base.toFixed(1)} ms; promised ${promisedRatio}); frames: median ${Math.round(frames[45])} ms, p90 ${Math.round(frames[80])} ms`;
    console.log(words);
    assert.ok(each < promised || each / base < promisedRatio || process.env.LARES_TEST_SANITIZED, words);
}

/** The same scrolling over lines that cost as little as lines can. */
async function plainFrame(page) {
    const other = await page.context().newPage();
    try {
        await other.setContent(`<style>.list{height:800px;overflow:auto}.list div{height:44px;border-bottom:1px solid}</style><div class=list>${"<div>one plain line of text</div>".repeat(1000)}</div>`);
        await frame(other);
        return await frame(other);
    } finally {
        await other.close();
        await page.bringToFront();
    }
}

/** ms of the page's thread for each of 90 frames, and how long frames took, sorted. */
async function frame(page) {
    const used = await meter(page);
    const begin = await used();
    const frames = await page.evaluate(async () => {
        const list = document.querySelector(".list");
        const spans = [];
        let last = performance.now();
        for (let i = 0; i < 90; i++) {
            list.scrollTop = i * 400;
            await new Promise(requestAnimationFrame);
            spans.push(performance.now() - last);
            last = performance.now();
        }
        return spans.sort((a, b) => a - b);
    });
    return { each: ((await used()) - begin) / 90, frames };
}
