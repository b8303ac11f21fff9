// tests/browser/people_test.mjs: who may what: signing in and out, roles, users and tokens made on the page;
// and what hostile names, texts and other sites' pages get done, which is nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { findings, launch, open, visit } from "./browser.mjs";
import { House, until } from "./house.mjs";

const markup = "<img src=x onerror=window.broken=1>";
const tag = "\"'><script>window.broken=1"; // as much of it as the name of a program may have
const quoted = `"'><svg onload=window.broken=1>`;
const spell = `\\033]0;${markup}\\007\\033]8;;javascript:window.broken=1\\033\\\\${markup}\\033[31;<b>m\\033[1m<script>window.broken=1</script>\\033[0m &lt;b&gt; <iframe src=javascript:window.broken=1>`;

/** Everything that people, programs and strangers may name has markup in it. */
const hostile = (folder) => `
[program:${tag}]
command = sleep 100000
[program:speaks]
command = sh -c 'while :; do printf "${spell.replace(/%/g, "%%")}\\n"; sleep 0.3; done'
[program:dies]
command = sh -c 'echo "${markup}"; exit 3'
startretries = 0
[task:work]
command = sh -c 'echo "<script>window.broken=1</script>"; echo "${markup}" >&2; exit 1'
retries = 0
[task:files]
command = true
[channel:ops]
type = command
command = sh -c 'cat >> "$1"' tell ${folder}/told
[folder:inbox]
path = ${folder}/inbox
task = files
`;

let browser;
let house;
const password = { anna: "correct horse 1", vic: "correct horse 2", olga: "correct horse 3" };

before(async () => {
    browser = await launch();
    house = await new House(hostile).up();
    await house.call("lares.put", "work", { page: markup, [markup]: quoted, deep: ["</script>", { a: quoted }] }, { key: markup.slice(0, 40) });
    await house.call("lares.notify", ["ops"], { title: `${markup} title`, text: `${quoted} ${markup}` });
    await house.call("lares.pause", "files", `${markup} reason`);
    writeFileSync(join(house.folder, "inbox", `${markup.replaceAll("/", "")}.txt`), "x");
    await until(async () => (await house.call("lares.work")).dead === 1, "a job is dead");
});

after(async () => {
    await browser?.close();
    await house?.clean();
});

const on = (path, options, then) => visit(browser, house, path, options, then);

async function signIn(page, name, secret = password[name]) {
    await page.getByLabel("User").fill(name);
    await page.getByLabel("Password").fill(secret);
    await page.getByRole("button", { name: "Sign in" }).click();
}

const everywhere = ["/", "/page/programs", "/page/programs?as=graph", `/page/programs/${encodeURIComponent(tag)}`, "/page/programs/speaks", "/page/programs/dies?tab=history", "/page/programs/dies?tab=settings", "/page/tasks", "/page/tasks/work?tab=jobs",
    "/page/tasks/work?tab=settings", "/page/folders", "/page/queue", "/page/queue?tab=dead", "/page/messages", "/page/messages?tab=outbox", "/page/messages?tab=channels", "/page/runs", "/page/journal", "/page/calendar", "/page/moment", "/page/configuration",
    "/page/configuration?tab=history", "/page/configuration?tab=managed", "/page/people", "/page/trace/task/work", "/page/jobs/1"];

test("names, log lines, payloads, file names and messages with markup in them stay text, in every view", () => on("/", {}, async (page) => {
    for (const path of everywhere) {
        await page.goto(house.base + path);
        await page.waitForSelector("main h1, main .empty", { state: "attached" });
        await until(async () => (await page.locator(".waiting").count()) === 0, `${path} has its answers`);
        const found = await page.evaluate(() => [...document.querySelectorAll("#page :is(img, script, iframe, b[class=''], svg[onload], [onerror], [onload], a[href^='javascript'])")].map((each) => each.outerHTML.slice(0, 80)));
        assert.deepEqual(found, [], path);
    }
    await page.goto(`${house.base}/page/programs/speaks`);
    await page.getByRole("log").getByText("<script>window.broken=1</script>").first().waitFor();
    assert.ok(!(await page.getByRole("log").innerText()).includes("javascript:window.broken=1\u001b"), "the address of a link is not shown as text");
    await page.goto(`${house.base}/page/queue?tab=dead`);
    await page.getByText(markup).first().waitFor();
    await page.goto(`${house.base}/page/messages?tab=outbox`);
    await page.locator(".row", { hasText: "title" }).first().click();
    await page.getByRole("dialog").locator("pre", { hasText: markup }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("script>win");
    await page.getByRole("option", { name: tag }).first().waitFor();
    assert.equal(await page.locator("dialog img").count(), 0);
}));

test("the policy of the page holds: no script of a line, none from elsewhere, no frame around it", () => on("/", {}, async (page) => {
    const broken = await page.evaluate(async (base) => {
        const seen = [];
        document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
        const box = document.createElement("div");
        box.innerHTML = "<img src='data:image/gif;base64,x' onerror='window.ran=1'>";
        document.body.append(box);
        const script = document.createElement("script");
        script.textContent = "window.ran=2";
        document.body.append(script);
        await fetch("http://127.0.0.2:9/").catch(() => {});
        const frame = document.createElement("iframe");
        frame.src = base;
        document.body.append(frame);
        await new Promise((done) => setTimeout(done, 300));
        return { seen, ran: window.ran };
    }, house.base);
    assert.equal(broken.ran, undefined);
    assert.ok(broken.seen.some((each) => /script/.test(each)) && broken.seen.includes("connect-src"), broken.seen.join());
    page.faults.length = 0; // they were asked for
}));

test("on an open house the first user must be able to make others, and closes the door", () => on("/page/people", {}, async (page) => {
    await page.getByText("an open door: nobody has to sign in").waitFor();
    await page.getByRole("button", { name: "New user" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio", { name: /viewer/ }).check();
    await dialog.getByText("The first user must be an administrator").waitFor();
    assert.ok(await dialog.getByRole("button", { name: "Create" }).isDisabled());
    await dialog.getByRole("radio", { name: /administrator/ }).check();
    await dialog.getByLabel("Name").fill("anna");
    await dialog.getByLabel("Password").fill(password.anna);
    await dialog.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: /sign in/i }).waitFor();
    house.headers = { Authorization: `Basic ${Buffer.from(`anna:${password.anna}`).toString("base64")}` };
    await signIn(page, "anna", "wrong horse 1");
    await page.getByText("Name or password is wrong.").waitFor();
    await signIn(page, "anna");
    await page.getByRole("heading", { level: 1, name: "People" }).waitFor();
    await page.locator(".facts", { hasText: "anna" }).getByText("administrator", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Password").waitFor();
}));

test("an administrator makes, changes and removes users, and nobody else may", () => on("/page/people", {}, async (page) => {
    await signIn(page, "anna");
    for (const [name, role] of [["vic", "viewer"], ["olga", "operator"], ["gone", "viewer"]]) {
        await page.getByRole("button", { name: "New user" }).click();
        await page.getByRole("dialog").getByLabel("Name").fill(name);
        await page.getByRole("dialog").getByRole("radio", { name: new RegExp(role) }).check();
        await page.getByRole("dialog").getByLabel("Password").fill(password[name] || "some password");
        await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
        await page.locator(".people .item", { hasText: name }).getByText(role).waitFor();
    }
    await page.getByRole("button", { name: "New user" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("vic");
    await page.getByRole("dialog").getByLabel("Password").fill("another password");
    await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    await page.getByRole("dialog").getByText("There is a user vic already").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Change gone" }).click();
    await page.getByRole("dialog").getByRole("radio", { name: /operator/ }).check();
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.locator(".people .item", { hasText: "gone" }).getByText("operator").waitFor();
    await page.getByRole("button", { name: "Remove gone" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await until(async () => (await page.locator(".people .item", { hasText: "gone" }).count()) === 0, "the user is gone");
    assert.deepEqual((await house.call("lares.users")).map((user) => `${user.name} ${user.role}`), ["anna admin", "olga operator", "vic viewer"]);
}));

test("a token is shown once, works, and is refused once it was revoked", () => on("/page/people", {}, async (page) => {
    await signIn(page, "anna");
    await page.getByRole("button", { name: "New token" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("script");
    await page.getByRole("dialog").getByLabel("Lasts").selectOption("1d");
    await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
    const token = await page.getByRole("dialog").getByLabel("token").inputValue();
    assert.ok(token.length >= 24);
    await page.getByRole("dialog").getByRole("button", { name: "I have kept it" }).click();
    const asks = (method = "GET", path = "/api/v1/status") => fetch(house.base + path, { method, headers: { Authorization: `Bearer ${token}` } }).then((answer) => answer.status);
    assert.equal(await asks(), 200);
    assert.equal(await asks("POST", "/api/v1/programs/speaks/restart"), 403, "a viewer's token changes nothing");
    assert.ok(!(await page.content()).includes(token), "nothing of it is left on the page");
    const item = page.locator(".people .item", { hasText: "script" });
    await item.getByText(/until/).waitFor();
    await page.getByRole("button", { name: "Revoke script" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
    await until(async () => (await item.count()) === 0, "the token is gone");
    assert.equal(await asks(), 401);
}));

test("a viewer sees everything and no button that changes something; a forged role changes nothing either", () => on("/", {}, async (page) => {
    await signIn(page, "vic");
    await page.locator(".verdict").waitFor();
    const acts = /^(Start|Stop|Restart|Run now|Pause(?!d)|Resume|Retry|Cancel|Apply|Go back to it|New job|New user|New token|Drop|Send a test|Remove|Revoke|I have it in hand|Maintenance|Run it|Hold)(?!s)/;
    for (const path of everywhere) {
        await page.goto(house.base + path);
        await page.waitForSelector("main h1, main .empty", { state: "attached" });
        await until(async () => (await page.locator(".waiting").count()) === 0, `${path} has its answers`);
        const found = await page.evaluate(() => [...document.querySelectorAll("main button, main input[type=file], main textarea")].map((each) => each.getAttribute("aria-label") || each.innerText || each.tagName));
        assert.deepEqual(found.filter((name) => acts.test(name) || /TEXTAREA|INPUT/.test(name)), [], path);
    }
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("restart speaks");
    assert.equal(await page.getByRole("option", { name: /^Restart speaks/ }).count(), 0);
    await page.keyboard.press("Escape");
    // The page is lied to about the role: it shows the buttons, and the house refuses.
    await page.route("**/api/v1/session", async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...(await answer.json()), role: "admin" } });
    });
    await page.goto(`${house.base}/page/programs/speaks`);
    const pid = (await house.call("lares.status", ["speaks"], [])).processes[0].pid;
    await page.getByRole("button", { name: "Restart", exact: true }).click();
    await page.getByText(/You may not do that here/).waitFor();
    assert.equal((await house.call("lares.status", ["speaks"], [])).processes[0].pid, pid);
    for (const [method, path, body] of [["POST", "call/lares.user_set", ["vic", "admin", ""]], ["PUT", "users/vic", { role: "admin" }], ["POST", "tokens", { name: "mine", role: "admin" }], ["POST", "config/apply", { fingerprint: "" }], ["POST", "call/supervisor.shutdown", []], ["PUT", "folders/inbox/files/x", "x"]])
        assert.equal(await page.evaluate(([m, p, b]) => fetch(`/api/v1/${p}`, { method: m, headers: { "Content-Type": "application/json", "X-Lares-Request": "1" }, body: JSON.stringify(b) }).then((answer) => answer.status), [method, path, body]), 403, `${method} ${path}`);
    assert.equal((await house.call("lares.users")).find((user) => user.name === "vic").role, "viewer");
}));

test("an operator runs the house and does not change it", () => on("/page/programs", {}, async (page) => {
    await signIn(page, "olga");
    await page.getByRole("button", { name: "Restart speaks" }).click();
    await page.getByText("speaks was restarted").waitFor();
    await page.goto(`${house.base}/page/people`);
    await page.getByText("Who else may come in is shown to administrators").waitFor();
    await page.goto(`${house.base}/page/configuration`);
    await page.getByRole("button", { name: "Read again" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Apply" }).count(), 0);
}));

test("a session brought along is not taken over, and ends when one signs out", () => on("/", {}, async (page) => {
    const cookie = async () => (await page.context().cookies(house.base)).find((each) => each.name === "lares_session");
    const asks = (value) => fetch(`${house.base}/api/v1/status`, { headers: { Cookie: `lares_session=${value}` } }).then((answer) => answer.status);
    await page.context().addCookies([{ name: "lares_session", value: "planted-by-somebody", url: house.base }]);
    await signIn(page, "anna");
    await page.locator(".verdict").waitFor();
    const first = await cookie();
    assert.notEqual(first.value, "planted-by-somebody");
    assert.ok(first.httpOnly && first.sameSite === "Strict");
    assert.equal(await page.evaluate(() => document.cookie), "", "no script reads it");
    assert.equal(await asks("planted-by-somebody"), 401);
    assert.equal(await asks(first.value), 200);
    await page.goto(`${house.base}/page/people`);
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.getByLabel("Password").waitFor();
    assert.equal(await asks(first.value), 401, "the old session is over");
}));

test("a page of another origin changes nothing with the session of who looks at it", async () => {
    let body = "";
    const evil = createServer((request, response) => (response.setHeader("Content-Type", "text/html"), response.end(body)));
    await new Promise((done) => evil.listen(0, "127.0.0.1", done));
    const page = await open(browser, house, "/", {});
    try {
        await signIn(page, "anna");
        await page.locator(".verdict").waitFor();
        const pid = (await house.call("lares.status", ["speaks"], [])).processes[0].pid;
        // The same host with another port is the same site: the cookie travels along, and it does not help.
        const target = `${house.base}/api/v1/programs/speaks/restart`;
        body = `<form id=f method=post enctype=text/plain action="${target}"><input name='{"a":"' value='"}'></form>`;
        const other = await page.context().newPage();
        await other.goto(`http://127.0.0.1:${evil.address().port}/`);
        const told = await other.evaluate(async (url) => {
            const tries = [{ mode: "no-cors" }, { mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: "{}" }, { headers: { "X-Lares-Request": "1" } }, { headers: { "Content-Type": "application/json" }, body: "{}" }];
            return Promise.all(tries.map((each) => fetch(url, { method: "POST", credentials: "include", ...each }).then((answer) => answer.type, () => "refused")));
        }, target);
        assert.ok(told.every((each) => each === "opaque" || each === "refused"), told.join());
        const read = await other.evaluate((url) => fetch(url, { credentials: "include" }).then((answer) => answer.text(), () => "refused"), `${house.base}/api/v1/status`);
        assert.equal(read, "refused");
        const answer = other.waitForResponse((each) => each.url() === target && each.request().method() === "POST");
        await other.evaluate(() => document.getElementById("f").submit());
        assert.equal((await answer).status(), 403);
        assert.equal((await house.call("lares.status", ["speaks"], [])).processes[0].pid, pid, "it was not restarted");
    } finally {
        await page.context().close();
        await new Promise((done) => evil.close(done));
    }
});

for (const look of [{ theme: "light", language: "en-GB", width: 1280 }, { theme: "dark", language: "de-DE", width: 360, height: 740 }])
    test(`signing in and the windows for users and tokens are for everybody: ${look.theme}, ${look.language}`, () => on("/page/people", { ...look, axes: true }, async (page) => {
        const found = [...(await findings(page))];
        await page.getByLabel(/^(User|Benutzer|Name)$/).fill("anna");
        await page.getByLabel(/^(Password|Kennwort)$/).fill(password.anna);
        await page.keyboard.press("Enter");
        await page.locator(".people").first().waitFor();
        found.push(...(await findings(page)));
        for (const name of [/New user|Neuer Benutzer/, /New token|Neues Token/]) {
            await page.getByRole("button", { name }).click();
            await page.getByRole("dialog").waitFor();
            found.push(...(await findings(page)));
            assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
            await page.keyboard.press("Escape");
        }
        assert.deepEqual(found, []);
    }));
