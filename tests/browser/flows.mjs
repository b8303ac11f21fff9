// tests/browser/flows.mjs: what people do with the page, each once, in whatever language, theme and width it
// is shown. Words come from the page's own tables, so that one flow serves both languages; matrix_test.mjs
// walks them through every look.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lively, until } from "./house.mjs";

/** @typedef look  {page, house, w, like, sound, to, row, number, job}: see matrix_test.mjs */

async function overview({ page, to, w, like, sound }) {
    await to("/");
    await page.locator(".verdict:not(.good) .verdict-words", { hasText: like("needs_you") }).waitFor();
    const restless = page.locator(".needs .item", { hasText: "restless" }).filter({ hasText: w("need_fatal") });
    await restless.waitFor();
    await page.locator(".needs .item", { hasText: like("need_dead_all") }).first().waitFor();
    await page.locator(".tile", { hasText: w("tile_unexplained") }).filter({ hasText: /^0/ }).waitFor();
    await page.getByRole("heading", { name: w("next_hour"), exact: true }).waitFor();
    await sound("overview");
    await restless.getByRole("button", { name: w("look"), exact: true }).first().click();
    await page.getByRole("heading", { level: 1, name: "restless" }).waitFor();
}

async function programs({ page, house, to, row, w, sound }) {
    await to("/page/programs");
    const choose = async (command) => {
        await row("cache").getByRole("button", { name: w("more_of", { name: "cache" }) }).click();
        await page.getByRole("menuitem", { name: w(command), exact: true }).click();
    };
    await choose("do_stop");
    await page.getByRole("dialog").getByText(w("sure_stop_words")).waitFor();
    await sound("the question before a stop");
    await page.getByRole("dialog").getByRole("button", { name: w("leave_it") }).click();
    assert.equal(await house.state("cache"), "RUNNING");
    await choose("do_stop");
    await page.getByRole("dialog").getByRole("button", { name: w("do_stop"), exact: true }).click();
    await row("cache").getByText(w("word_stopped"), { exact: true }).waitFor();
    assert.equal(await house.state("cache"), "STOPPED");
    await row("cache").getByRole("button", { name: `${w("do_start")} cache` }).click();
    await row("cache").getByText(w("word_running"), { exact: true }).waitFor();
}

async function bulk({ page, house, to, w, sound }) {
    const pids = async () => (await house.call("lares.status", ["web:*"], [])).processes.map((each) => each.pid);
    const old = await pids();
    await to("/page/programs");
    await page.getByRole("searchbox", { name: w("filter_programs") }).fill("web_");
    await until(async () => (await page.locator(".row").count()) === 2, "two rows are left");
    await page.getByRole("checkbox", { name: w("select_all"), exact: true }).check();
    await page.getByText(w("chosen", { count: 2 })).waitFor();
    await sound("programs that are chosen");
    await page.getByRole("toolbar").getByRole("button", { name: w("do_restart"), exact: true }).click();
    await page.getByText(w("did_restart", { count: 2 })).waitFor();
    const now = await pids();
    assert.ok(now.length === 2 && now.every((pid) => pid > 0 && !old.includes(pid)));
}

async function graph({ page, to, w, sound }) {
    await to("/page/programs?as=graph");
    const mailer = page.getByRole("link", { name: /^mailer/ });
    await mailer.waitFor();
    assert.equal(await page.locator(".graph .edge").count(), 3);
    await page.getByText(w("graph_alone")).waitFor();
    await sound("the graph");
    await mailer.focus();
    await page.keyboard.press("Enter");
    await until(async () => (await page.getByRole("searchbox").inputValue()) === "mailer", "the graph leads to its program");
}

async function follows({ page, to, w, sound }) {
    await to("/page/programs/web:web_0");
    const log = page.getByRole("log");
    const last = async () => Number((await log.innerText()).match(/\/orders\/(\d+)/g)?.pop()?.split("/")[2] || 0);
    const begin = await until(last, "the log has lines");
    await until(async () => (await last()) > begin, "the log goes on");
    assert.ok((await log.locator(".f-2").first().innerText()).includes("GET"));
    await page.getByPlaceholder(w("log_search"), { exact: true }).fill("/orders/1");
    await page.locator(".log-hits", { hasText: /\d+ \/ \d+/ }).waitFor();
    await page.getByPlaceholder(w("log_search"), { exact: true }).press("Enter");
    await log.locator("mark").first().waitFor();
    await sound("a log that is searched");
    const follow = page.getByRole("button", { name: w("follow"), exact: true });
    const isFollowing = async () => (await follow.getAttribute("aria-pressed")) === "true";
    if (!(await isFollowing())) await follow.click(); // a log of a few lines is followed all the time
    await until(isFollowing, "the log is followed");
}

async function tasks({ page, house, to, row, w, sound }) {
    const done = (await house.call("lares.task", "report")).done;
    await to("/page/tasks");
    await row("report").getByRole("button", { name: `${w("do_run")} report` }).click();
    await page.getByText(w("did_run", { name: "report" })).waitFor();
    await until(async () => (await house.call("lares.task", "report")).done > done, "the task ran");
    const choose = async (name, command) => {
        await row(name).getByRole("button", { name: w("more_of", { name }) }).click();
        const item = page.getByRole("menuitem", { name: w(command), exact: true });
        await item.waitFor();
        if (command === "do_pause") await sound("tasks, with an open menu");
        await item.click();
    };
    await choose("report", "do_pause");
    await row("report").getByText(w("paused"), { exact: true }).waitFor();
    await choose("report", "do_resume");
    await until(async () => !(await house.call("lares.task", "report")).blocks.length, "the task goes on");
    await choose("fails", "do_retry_dead");
    await page.getByText(w("did_retry_dead", { name: "fails" })).waitFor();
}

async function putsJob({ page, house, to, w, number, sound }) {
    await to("/page/tasks/backup");
    await page.locator(".chart .u-over").waitFor();
    await page.getByRole("button", { name: w("put_job") }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(w("put_payload")).fill("[1]");
    await dialog.getByRole("button", { name: w("put_job") }).click();
    await dialog.getByRole("alert").waitFor();
    await sound("a job that is refused");
    await dialog.getByLabel(w("put_payload")).fill(`{"tray": ${number}}`);
    await dialog.getByRole("button", { name: w("put_job") }).click();
    await page.getByText(w("did_put", { name: "backup" })).waitFor();
    await until(async () => (await house.call("lares.jobs", { task: "backup", limit: 5 })).jobs.some((job) => job.payload?.tray === number), "the job is there");
}

async function dropsFile({ page, house, to, w, number, sound }) {
    const name = `order ${number} <svg onload=alert(1)>.txt`;
    await to("/page/folders/inbox");
    await page.getByRole("button", { name: w("drop_into", { name: "inbox" }) }).waitFor();
    const data = await page.evaluateHandle((called) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["two of everything"], called, { type: "text/plain" }));
        return transfer;
    }, name);
    await page.locator("section.folder").dispatchEvent("drop", { dataTransfer: data });
    await page.getByText(w("dropped", { name })).waitFor();
    const file = page.locator(".row", { hasText: name });
    await file.getByText(new RegExp(["kept", "done", "moved"].map((state) => w(`word_${state}`)).join("|"))).first().waitFor();
    await sound("a folder");
    await file.getByRole("button", { name: new RegExp(`^${w("story_of", { subject: "" }).trim()}`) }).click();
    for (const words of ["is complete in folder 'inbox'", "for task 'invoices'", "exited with 0"]) await page.locator(".story-row", { hasText: words }).waitFor();
    assert.ok((await page.locator(".story-tree .edge").count()) >= 2);
    assert.equal(await page.locator("main svg[onload]").count(), 0);
    await sound("a file's story");
    assert.ok((await house.call("lares.files", { folder: "inbox", limit: 20 })).files.some((each) => each.path.endsWith(`/${name}`) && each.job), "it is a job");
}

/** Copies of one file are asked about: one is left by its own button, the others are chosen and decided together. */
async function settlesFiles({ page, house, to, row, w, number, sound }) {
    const drop = (letter) => writeFileSync(join(house.folder, "scans", `scan-${number}-${letter}.txt`), `page ${number}`);
    const files = async () => (await house.call("lares.files", { folder: "scans", limit: 100 })).files.filter((each) => each.path.includes(`/scan-${number}-`));
    const file = async (letter) => (await files()).find((each) => each.path.endsWith(`-${letter}.txt`));
    const isAsked = async (letter) => (await file(letter)).state === "asked";
    const isLeft = async (letter) => (await file(letter)).words.startsWith("left by ");
    drop("a");
    await until(async () => (await files()).some((each) => each.job && each.state !== "taken"), "the first is worked on");
    const copies = ["b", "c", "d", "e", "f"];
    copies.forEach(drop);
    await until(async () => (await files()).filter((each) => each.state === "asked").length === copies.length, "the copies are asked about");
    await to("/page/folders/scans");
    await page.getByRole("searchbox", { name: w("filter_files") }).fill(`scan-${number}-`);
    const scan = (letter) => row(`scan-${number}-${letter}\\.txt`);
    await scan("b").getByRole("button", { name: w("do_file_leave", { count: 1 }), exact: true }).click();
    await page.getByText(w("did_file_leave", { count: 1 })).waitFor();
    await until(() => isLeft("b"), "one is left");
    await scan("c").getByRole("button", { name: w("do_file_run", { count: 1 }), exact: true }).click();
    await page.getByText(w("did_file_run", { count: 1 })).waitFor();
    await until(async () => (await file("c")).job, "one is worked on");
    // All are ticked; what nobody is asked about is not meant. Two ways, and a change of mind.
    await page.getByRole("checkbox", { name: w("select_all"), exact: true }).check();
    const bulk = page.getByRole("toolbar");
    await sound("files that are chosen");
    const run = bulk.getByRole("button", { name: w("do_file_run", { count: 3 }), exact: true });
    await run.click();
    await page.getByRole("dialog").getByText(`scan-${number}-d.txt`).waitFor();
    await sound("the question before many files");
    await page.getByRole("dialog").getByRole("button", { name: w("leave_it"), exact: true }).click();
    assert.ok(await isAsked("d"));
    await page.getByRole("checkbox", { name: w("select_all"), exact: true }).uncheck();
    for (const letter of ["d", "e"]) await scan(letter).getByRole("checkbox").check();
    await bulk.getByRole("button", { name: w("do_file_run", { count: 2 }), exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: w("do_file_run", { count: 2 }), exact: true }).click();
    await page.getByText(w("did_file_run", { count: 2 })).waitFor();
    await bulk.waitFor({ state: "detached" });
    await until(async () => (await files()).filter((each) => each.job).length === 4, "the chosen ones are worked on");
    assert.ok(await isAsked("f"));
    // Many are left alone together as they are worked on together.
    ["g", "h"].forEach(drop);
    await scan("h").getByRole("button", { name: w("do_file_run", { count: 1 }), exact: true }).waitFor();
    await scan("g").getByRole("button", { name: w("do_file_run", { count: 1 }), exact: true }).waitFor();
    await page.getByRole("checkbox", { name: w("select_all"), exact: true }).check();
    await bulk.getByRole("button", { name: w("do_file_leave", { count: 3 }), exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: w("do_file_leave", { count: 3 }), exact: true }).click();
    await page.getByText(w("did_file_leave", { count: 3 })).waitFor();
    await until(async () => (await Promise.all(["f", "g", "h"].map(isLeft))).every(Boolean), "the others are left");
}

async function queue({ page, house, to, w, number, sound }) {
    await to("/page/queue");
    await page.getByRole("heading", { name: w("throughput") }).waitFor();
    await sound("the queue");
    await to("/page/queue?tab=dead");
    await page.getByRole("searchbox").fill(`"look":${number}`);
    await until(async () => (await page.locator(".row").count()) === 2, "two dead letters are left");
    await page.getByRole("checkbox", { name: w("select_all"), exact: true }).check();
    await page.getByText(w("chosen", { count: 2 })).waitFor();
    await sound("dead letters that are chosen");
    await page.getByRole("toolbar").getByRole("button", { name: w("do_retry"), exact: true }).click();
    await page.getByText(w("did_retry", { count: 2 })).waitFor();
    await until(async () => (await house.call("lares.jobs", { task: "fails", limit: 50 })).jobs.filter((job) => job.payload?.look === number).every((job) => job.attempts >= 2), "both were tried again");
}

async function cancels({ page, house, to, w, sound }) {
    const { job } = await house.call("lares.put", "slow", {}, {});
    await until(async () => (await house.call("lares.running")).some((each) => each.job === job), "it runs");
    await to(`/page/jobs/${job}`);
    await sound("a job");
    await page.getByRole("button", { name: w("do_cancel"), exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: w("do_cancel"), exact: true }).click();
    await page.locator(".page-head").getByText(w("word_cancelled")).waitFor();
}

async function runs({ page, to, w, sound }) {
    await to("/page/runs?task=backup");
    await page.locator(".row").first().waitFor();
    await sound("runs");
    await page.locator(".row").first().click();
    const log = page.getByRole("log");
    await log.getByText("step 3 of the backup").waitFor();
    await page.getByPlaceholder(w("log_search"), { exact: true }).fill("step 2");
    await page.locator(".log-hits", { hasText: "1 / 1" }).waitFor();
    await sound("a run");
    await page.getByRole("button", { name: w("how_it_ran") }).click();
    await page.getByText("step $i of the backup").waitFor();
    await page.getByRole("button", { name: w("differences"), exact: true }).click();
    await page.getByRole("columnheader", { name: w("before"), exact: true }).waitFor();
    await sound("the differences of two runs");
}

async function story({ page, to, job, sound }) {
    await to(`/page/trace/job/${job}`);
    await page.locator(".story-row.asked").first().waitFor();
    assert.ok((await page.locator(".story-tree .edge").count()) >= 2);
    await sound("a story");
    await page.locator(".story-row").getByRole("link", { name: `job/${job}`, exact: true }).first().click();
    await page.getByRole("heading", { level: 1, name: new RegExp(`${job}`) }).waitFor();
}

async function calendar({ page, to, w, like, sound }) {
    await to("/page/calendar");
    await page.getByText(w("begins_with")).first().waitFor();
    await page.getByRole("heading", { name: like("coming_title") }).waitFor();
    await sound("the calendar");
    await page.getByRole("button", { name: w("reach_day"), exact: true }).click();
    await until(async () => (await page.locator(".week tbody tr").count()) === 2, "a day and what reaches into the next");
}

async function messages({ page, house, to, w, like, sound }) {
    await to("/page/messages");
    const open = async () => (await house.call("lares.alerts", { state: "open" })).alerts.filter((each) => each.subject.includes("restless"));
    const alert = page.locator(".alert", { hasText: "restless" });
    await alert.getByText(/ops \(\d+\)/).waitFor();
    await sound("alerts");
    await alert.getByRole("button", { name: w("do_acknowledge") }).click();
    await page.getByText(w("did_acknowledge")).waitFor();
    await until(async () => (await open()).some((each) => each.acknowledged), "it is acknowledged");
    await to("/page/messages?tab=outbox");
    await page.locator(".row", { hasText: "restless" }).first().click();
    await page.getByRole("dialog").locator("pre", { hasText: "restless" }).waitFor();
    await sound("a message");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: like("channels") }).first().click();
    await page.getByRole("button", { name: w("test_channel") }).click();
    await page.getByText(w("did_test_channel", { name: "ops" })).waitFor();
    await sound("channels");
}

async function configuration({ page, house, to, w, like, number, sound }) {
    const newcomer = `newcomer${number}`;
    await to("/page/configuration");
    await page.getByText(w("plan_none"), { exact: true }).waitFor();
    house.write(`${lively(house.folder)}\n[program:${newcomer}]\ncommand = sleep 1000\n`);
    // The page hears of the changed file by itself; who asks at that moment finds no button any more.
    const item = page.locator(".item", { hasText: newcomer });
    await page.getByRole("button", { name: w("read_again") }).click({ timeout: 2000 }).catch(() => {});
    await item.waitFor();
    await sound("a plan");
    await page.getByRole("button", { name: w("apply"), exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: w("apply"), exact: true }).click();
    await page.getByText(w("did_apply")).waitFor();
    await house.untilState(newcomer, "RUNNING");
    house.write(lively(house.folder));
    await page.getByRole("button", { name: w("history"), exact: true }).click();
    await page.locator("tr", { hasText: w("in_force") }).getByRole("button", { name: w("differences"), exact: true }).click();
    await page.getByRole("dialog").locator(".gone", { hasText: newcomer }).first().waitFor();
    await sound("the differences of a revision");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: w("rollback") }).first().click();
    await page.getByRole("dialog").getByRole("button", { name: w("rollback") }).click();
    await page.getByText(like("did_rollback")).first().waitFor();
    await until(async () => (await house.state(newcomer)) === undefined, "the newcomer is gone");
}

async function people({ page, house, to, w, number, sound }) {
    const [user, token] = [`guest${number}`, `script${number}`];
    const dialog = page.getByRole("dialog");
    await to("/page/people");
    await page.getByRole("button", { name: w("new_user") }).click();
    await dialog.getByLabel(w("name"), { exact: true }).fill(user);
    await dialog.getByRole("radio", { name: new RegExp(w("role_operator")) }).check();
    await dialog.getByLabel(w("password"), { exact: true }).fill("a good password");
    await sound("a new user");
    await dialog.getByRole("button", { name: w("do_new_user"), exact: true }).click();
    const item = (name) => page.locator(".people .item", { has: page.getByText(name, { exact: true }) });
    await item(user).getByText(w("role_operator")).waitFor();
    await page.getByRole("button", { name: w("new_token") }).click();
    await dialog.getByLabel(w("name"), { exact: true }).fill(token);
    await dialog.getByLabel(w("token_lasts")).selectOption("1d");
    await dialog.getByRole("button", { name: w("do_new_token"), exact: true }).click();
    const secret = await dialog.getByLabel(w("token"), { exact: true }).inputValue();
    await sound("a token's only showing");
    await dialog.getByRole("button", { name: w("token_kept") }).click();
    const asks = () => fetch(`${house.base}/api/v1/status`, { headers: { Authorization: `Bearer ${secret}` } }).then((answer) => answer.status);
    assert.equal(await asks(), 200);
    await sound("people");
    await page.getByRole("button", { name: w("revoke_token", { name: token }), exact: true }).click();
    await dialog.getByRole("button", { name: w("do_revoke"), exact: true }).click();
    await until(async () => (await item(token).count()) === 0, "the token is gone");
    assert.equal(await asks(), 401);
    await page.getByRole("button", { name: w("remove_user", { name: user }), exact: true }).click();
    await dialog.getByRole("button", { name: w("remove"), exact: true }).click();
    await until(async () => (await item(user).count()) === 0, "the user is gone");
}

async function moment({ page, to, w, like, sound }) {
    await to("/page/moment");
    await page.getByText(like("was_up")).waitFor();
    await page.getByRole("link", { name: "database:database" }).waitFor();
    await sound("the time machine");
    await page.getByRole("slider").focus();
    await page.keyboard.press("Home");
    await page.getByText(w("was_before")).waitFor();
}

async function journal({ page, to, w, like, sound }) {
    await to("/page/journal");
    await page.getByLabel(w("kind"), { exact: true }).selectOption("job");
    await page.locator(".row", { hasText: "job/" }).first().waitFor();
    await page.getByRole("searchbox").fill("backup");
    await until(async () => (await page.locator(".row").count()) > 0 && (await page.locator(".row", { hasNotText: "backup" }).count()) === 0, "only those are shown");
    await sound("the journal");
    await page.getByRole("button", { name: new RegExp(`^${w("audit")}`) }).click();
    await page.getByText(w("unexplained", { count: 0 })).first().waitFor();
    await page.getByText(like("audit_words")).waitFor();
    await sound("the audit");
}

async function keyboard({ page, to, row, w, sound }) {
    await to("/");
    await page.locator(".verdict").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill(`${w("do_restart").toLowerCase()} mail`);
    await page.getByRole("option", { name: `${w("do_restart")} mailer` }).first().waitFor();
    await sound("the palette");
    await page.keyboard.press("Enter");
    await page.getByText(w("did_restart", { count: 1, name: "mailer" })).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByRole("heading", { level: 1, name: w("view_tasks"), exact: true }).waitFor();
    await row("backup").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "cleanup" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.getByRole("heading", { level: 1, name: w("view_programs"), exact: true }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("flap");
    await until(async () => (await page.locator(".row").count()) === 1, "one row is left");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: w("help_keys") }).waitFor();
    await sound("the help");
    await page.keyboard.press("Escape");
    await until(async () => (await page.getByRole("dialog").count()) === 0, "the help is closed");
}

/** What no flow comes by: it is sound, and not blank. */
async function rest({ page, to, sound }) {
    const paths = ["/page/programs", "/page/programs/flapping?tab=history", "/page/programs/cache?tab=settings", "/page/tasks/fails", "/page/tasks/backup?tab=settings", "/page/folders", "/page/messages?tab=past",
        "/page/configuration?tab=managed", "/page/configuration?tab=diff", "/page/trace/task/backup", "/page/nowhere"];
    for (const path of paths) {
        await to(path);
        await sound(path);
        assert.ok((await page.evaluate(() => document.querySelector("main").innerText.trim().length)) > 3, `${path} is blank`);
    }
}

/** In an order in which none is in another's way. */
export const flows = {
    "the overview says at once what needs a person, and leads there": overview,
    "a program is stopped after a question, and started from its row": programs,
    "several programs are chosen and restarted together": bulk,
    "the graph draws who needs whom": graph,
    "a log is followed, coloured and searched": follows,
    "a task is run by hand, paused, goes on, and its dead jobs are tried again": tasks,
    "a job is put from the task's page, which refuses what is no object": putsJob,
    "a file is dropped into a folder, becomes a job, and has a story": dropsFile,
    "files that wait for a person are decided about one by one and together": settlesFiles,
    "dead letters are found by what they were given, and tried again together": queue,
    "a running job is cancelled from its page": cancels,
    "a run shows its whole log, how it ran, and how it differs from the one before": runs,
    "a story is a picture that leads to what it tells of": story,
    "the calendar knows what comes and what collides": calendar,
    "an alert is taken in hand, its message stands in the outbox, its channel is tried": messages,
    "a change of the files is planned, applied, compared, and taken back": configuration,
    "users and tokens come and go": people,
    "the time machine tells how it was": moment,
    "the journal is filtered, and its audit says that nothing is unexplained": journal,
    "the palette does everything; the keyboard goes everywhere": keyboard,
    "every other view": rest,
};
