// tests/browser/browser.mjs: the real browser, by playwright-core; and axe, which knows what people with
// other eyes and hands need.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

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
    page.setDefaultTimeout(Number(process.env.LARES_TEST_PATIENCE || 20) * 1000);
    page.faults = [];
    page.on("pageerror", (error) => page.faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && !/Failed to load resource/.test(message.text()) && page.faults.push(message.text()));
    page.on("request", (request) => !request.url().startsWith(house.base) && !request.url().startsWith("data:") && !request.url().startsWith("blob:") && page.faults.push(`asked elsewhere: ${request.url()}`));
    await page.goto(house.base + path, { waitUntil: "load" });
    await page.waitForSelector("main h1", { state: "attached" });
    return page;
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

/**
 * ms of the page's thread a frame of scrolling (400 px) at which the tests fail. It is NOT the target: that is
 * 16 ms, printed beside each figure and missed on two cores without a graphics card (15 to 21 ms, of
 * which 9 are the page's script, style and layout, the rest drawing). It holds what there is.
 */
export const scrollBound = 32;
