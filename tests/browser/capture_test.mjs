// tests/browser/capture_test.mjs: lares-capture's page in both languages, both themes, on a desk and a phone: at each
// stop it is as wide as its window, says everything in its language, and axe has no serious finding.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { findings, launch, open, visit } from "./browser.mjs";
import { CaptureHouse, password } from "./capture_house.mjs";
import { until } from "./house.mjs";

let browser;
let house;

before(async () => {
    browser = await launch();
    house = await new CaptureHouse().up();
});

after(async () => {
    await browser?.close();
    await house?.clean();
});

const words = {
    en: { user: "Name", password: "Password", sign_in: "Sign in", overview: "Overview", captures: "Captures", posts: "Posts", start: "Start", dry: "Try without saving", matched: /\d+ of \d+ posts would have matched/, running: "done" },
    de: { user: "Name", password: "Kennwort", sign_in: "Anmelden", overview: "Überblick", captures: "Sammlungen", posts: "Beiträge", start: "Beginnen", dry: "Probieren ohne Speichern", matched: /\d+ von \d+ Beiträgen hätten gepasst/, running: "fertig" },
};
const english = ["Captures", "Posts", "Accounts", "Sets", "Work", "Save", "Search", "Files", "Gaps", "Words", "People", "Start", "Remove", "Overview", "Size", "Time (UTC)"];

async function signedIn(look) {
    const w = words[look.language];
    const page = await open(browser, house, "/", { ...look, height: look.width === 360 ? 740 : 860, axes: true });
    if (look.language === "de") await page.getByRole("link", { name: "Deutsch" }).click();
    await page.getByLabel(w.user, { exact: true }).fill("anna");
    await page.getByLabel(w.password, { exact: true }).fill(password);
    await page.getByRole("button", { name: w.sign_in, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: w.overview }).waitFor();
    return page;
}

async function sound(page, look, where) {
    const found = await findings(page, look.theme === "light" ? "all" : "contrast");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) found.push(`${wide} px wider than the window`);
    assert.equal(await page.evaluate(() => document.documentElement.lang), look.language);
    if (look.language === "de") {
        const texts = await page.evaluate(() => [...document.querySelectorAll("th, label > span, button, h1, h2, nav a, summary")].map((each) => each.textContent.trim()));
        found.push(...texts.filter((text) => english.includes(text) && text !== "Format").map((text) => `not translated: ${text}`));
    }
    assert.deepEqual(found, [], where);
}

const stops = ["/", "/captures", "/capture?name=birds", "/capture?name=harbour", "/posts", "/posts?q=owl&source=birds", "/posts?q=nothing", "/accounts", "/account?service=mastodon&id=1", "/sets", "/set?name=birders", "/jobs", "/work", "/nowhere"];
const looks = ["en", "de"].flatMap((language) => [1280, 360].flatMap((width) => ["light", "dark"].map((theme) => ({ language, width, theme }))));

for (const look of looks)
    test(`in ${look.language}, ${look.theme}, ${look.width} px`, async () => {
        const w = words[look.language];
        const page = await signedIn(look);
        try {
            for (const stop of stops) {
                await page.goto(house.base + stop);
                await sound(page, look, stop);
                if (process.env.LARES_SHOTS) await page.screenshot({ path: `${process.env.LARES_SHOTS}/${look.language}-${look.theme}-${look.width}-${stop.replace(/\W+/g, "_")}.png`, fullPage: true });
            }
            // A dry run, and an export: each is watched by the page's own script until it is over.
            await page.goto(`${house.base}/capture?name=birds`);
            await page.getByRole("textbox", { name: /^(Words|Wörter)/ }).fill('"barn owl"');
            await page.getByRole("button", { name: w.dry }).click();
            await page.getByText(w.matched).waitFor();
            await sound(page, look, "a dry run");
            await page.goto(`${house.base}/capture?name=birds`);
            await page.getByRole("button", { name: w.start }).click();
            await page.getByText(w.running, { exact: true }).first().waitFor();
            await sound(page, look, "an export");
            const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /-birds.*\.csv$/ }).first().click()]);
            assert.match(file.suggestedFilename(), /-birds.*\.csv$/);
            assert.deepEqual(page.faults, []);
            assert.equal(await page.evaluate(() => window.broken), undefined, "hostile text ran as a script");
        } finally {
            await page.context().close();
        }
    });

// What people do with forms, and what they are told when it does not go, each in the page's language.
const told = {
    en: { names: /^Names/, server: /^Server/, add: "Add", look: "Look after", done: "done", failed: "failed", nobody: "nobody\tnot added: 'nobody': there is no such account", checked: "5 accounts checked",
        split: "Posts a file, to split", start: "Start", save: "Save", level: /^Level/, options: "All options", refused: "That did not work", wrong: "level = '77': must be a whole number, 1 to 9", credential: "Credentials", token: "Token", name: "Name", remove: "Remove" },
    de: { names: /^Namen/, server: /^Server/, add: "Hinzufügen", look: "Nachsehen", done: "fertig", failed: "gescheitert", nobody: "nobody\tnicht hinzugefügt: 'nobody': dieses Konto gibt es nicht", checked: "5 Konten geprüft",
        split: "Beiträge je Datei, zum Teilen", start: "Beginnen", save: "Speichern", level: /^Stufe/, options: "Alle Einstellungen", refused: "Das ging nicht", wrong: "Stufe = '77': muss sein: eine ganze Zahl von 1 bis 9", credential: "Zugänge", token: "Token", name: "Name", remove: "Entfernen" },
};
for (const look of [{ language: "en", width: 1280, theme: "light" }, { language: "de", width: 360, theme: "dark" }])
    test(`accounts, credentials, parts of an export and refusals, in ${look.language}, ${look.width} px`, async () => {
        const w = told[look.language];
        const page = await signedIn(look);
        const server = `http://127.0.0.1:${house.directory.address().port}`;
        try {
            await page.goto(`${house.base}/accounts`);
            const adding = page.locator('form[action="/accounts"][method="post"]');
            await adding.getByRole("textbox", { name: w.names }).fill("@emil, nobody");
            await adding.getByRole("textbox", { name: w.server }).fill(server);
            await adding.getByRole("button", { name: w.add, exact: true }).click();
            await page.getByText(w.nobody).first().waitFor();
            await page.getByText(w.failed, { exact: true }).first().waitFor();
            await sound(page, look, "accounts of which one is not there");
            await page.goto(`${house.base}/accounts`);
            await page.getByRole("link", { name: "emil", exact: true }).waitFor();
            const looking = page.locator('form[action="/accounts/refresh"]');
            await looking.getByRole("textbox", { name: w.server }).fill(server);
            await looking.getByRole("button", { name: w.look, exact: true }).click();
            await page.getByText(w.checked).first().waitFor();
            // A token goes in and does not come out.
            await page.goto(`${house.base}/accounts`);
            const keeping = page.locator('form[action="/credentials"]');
            await keeping.getByLabel(w.name, { exact: true }).fill("reading");
            await keeping.getByLabel(w.token, { exact: true }).fill("a-token-of-somebody");
            await keeping.getByRole("button", { name: w.save, exact: true }).click();
            await page.getByRole("cell", { name: "reading" }).waitFor();
            assert.ok(!(await page.content()).includes("a-token-of-somebody"));
            assert.match(page.url(), /\/accounts$/);
            await sound(page, look, "credentials");
            await page.locator('form[action="/credentials/remove"]').getByRole("button").click();
            await page.getByRole("cell", { name: "reading" }).waitFor({ state: "detached" });
            // An export in parts.
            await page.goto(`${house.base}/capture?name=birds`);
            await page.getByLabel(w.split, { exact: true }).fill("200");
            await page.getByRole("button", { name: w.start, exact: true }).click();
            await page.getByRole("link", { name: /-birds-0003\.csv$/ }).first().waitFor();
            await sound(page, look, "an export in parts");
            for (let left = await page.getByRole("button", { name: w.remove, exact: true }).count(); left > 0; left--) {
                await page.getByRole("button", { name: w.remove, exact: true }).first().click();
                await page.waitForLoadState();
            }
            // What is refused.
            await page.goto(`${house.base}/capture?name=harbour`);
            await page.getByText(w.options, { exact: true }).click();
            await page.getByRole("textbox", { name: w.level }).fill("77");
            await page.getByRole("button", { name: w.save, exact: true }).first().click();
            await page.getByRole("heading", { level: 1, name: w.refused }).waitFor();
            await page.getByText(w.wrong).waitFor();
            await sound(page, look, "a refusal");
            assert.deepEqual(page.faults.filter((each) => !/400/.test(each)), []);
        } finally {
            await page.context().close();
        }
    });

test("everything is reached by keys, and the first of them leads past the sections", () => visit(browser, house, "/", {}, async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.name), "name");
    await page.keyboard.type("anna");
    await page.keyboard.press("Tab");
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}));

test("without scripts everything works but the watching", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
        const page = await context.newPage();
        await page.goto(house.base);
        await page.getByLabel("Name", { exact: true }).fill("anna");
        await page.getByLabel("Password", { exact: true }).fill(password);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.goto(`${house.base}/capture?name=harbour`);
        await page.getByRole("textbox", { name: /^Words/ }).fill("harbour, regatta");
        await page.getByRole("button", { name: "Save", exact: true }).click();
        await page.getByRole("heading", { level: 1, name: "harbour" }).waitFor();
        assert.match(await house.command("filter", "show", "harbour"), /words = harbour, regatta/);
        await page.getByRole("button", { name: "Switch on" }).click();
        await page.getByRole("button", { name: "Switch off" }).waitFor();
        await until(async () => (await house.daemon.call("lares.status", ["capture-harbour"], [])).processes.length === 1, "Lares has the program");
        await page.getByRole("button", { name: "Switch off" }).click();
        await page.getByRole("button", { name: "Switch on" }).waitFor();
    } finally {
        await context.close();
    }
});
