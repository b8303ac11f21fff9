// tests/browser/shots.mjs: the manual's pictures of the page, made from a house of its own; each is kept
// below 150 KB. cmake --build --preset release --target manual_pictures

import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { launch, open } from "./browser.mjs";
import { CaptureHouse, password } from "./capture_house.mjs";
import { House, until } from "./house.mjs";

const folder = process.argv[2];
const most = 150 * 1024;

const pictures = [
    { name: "overview", path: "/", theme: "light" },
    { name: "overview-phone", path: "/", theme: "dark", width: 360, height: 740 },
    { name: "programs", path: "/page/programs", theme: "light" },
    { name: "log", path: "/page/programs/web:web_0", theme: "dark" },
    { name: "queue", path: "/page/queue", theme: "light" },
    { name: "story", path: null, theme: "light" },
];

/** The picture, where it is small enough; the page is over then. */
async function keep(page, name) {
    const file = join(folder, `${name}.png`);
    await page.screenshot({ path: file });
    const size = statSync(file).size;
    console.log(`${file}: ${Math.round(size / 1024)} KB`);
    if (size > most) throw new Error(`${file} is larger than 150 KB`);
    await page.context().close();
}

const house = await new House().up();
const browser = await launch();
try {
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 3; i++) await house.call("lares.put", "fails", { page: i }, {});
    await house.call("lares.put", "slow", {}, {});
    const { job } = await house.call("lares.run", "backup", {}, { wait: true });
    await house.untilState("restless", "FATAL");
    await until(async () => (await house.call("lares.work")).dead === 3, "three jobs are dead");
    for (const picture of pictures) {
        const page = await open(browser, house, picture.path ?? `/page/trace/job/${job}`, { width: 1100, height: 760, ...picture });
        await until(async () => (await page.locator(".waiting").count()) === 0, "the answers are there");
        await page.waitForTimeout(/^(log|overview|programs)/.test(picture.name) ? 6000 : 1500); // for courses to have one
        await keep(page, picture.name);
    }
} finally {
    await house.clean();
}

// lares-capture's page, signed in.
const captures = new CaptureHouse();
try {
    await captures.up();
    for (const { name, path, ...look } of [
        { name: "capture", path: "/capture?name=birds", theme: "light", width: 1100, height: 820 },
        { name: "capture-phone", path: "/", theme: "dark", width: 360, height: 740 },
    ]) {
        const page = await open(browser, captures, "/", look);
        await page.getByLabel("Name", { exact: true }).fill("anna");
        await page.getByLabel("Password", { exact: true }).fill(password);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
        await page.goto(captures.base + path);
        await until(async () => (await page.reload()) && (await page.getByText("RUNNING").count()) > 0, "the capture runs");
        await keep(page, name);
    }
} finally {
    await browser.close();
    await captures.clean();
}
