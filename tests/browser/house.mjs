// tests/browser/house.mjs: a real daemon with a house of programs, tasks and folders in a folder of its
// own, for the tests of the page. Nothing is left behind; nothing waits for a span of time.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const lares = resolve(process.env.LARES_BINARY || join(here, "../../build/release/bin/lares"));
/** ms that anything may take: LARES_TEST_PATIENCE on a quiet machine, more on one that is slower. */
let patience = Number(process.env.LARES_TEST_PATIENCE || 20) * 1000;
export const patient = () => patience;

/** What the probe takes where nobody else works, in ms. */
const quietProbe = 260;
const slowest = 6;

/**
 * Measures how slow this machine is now, and makes all waits so much longer: computing and making processes, as the
 * page and the house do. Says what it found.
 */
export function measureMachine() {
    const begin = performance.now();
    const bytes = Buffer.alloc(8 << 20, "lares");
    for (let i = 0; i < 16; i++) createHash("sha256").update(bytes).digest();
    for (let i = 0; i < 40; i++) spawnSync("true");
    const took = performance.now() - begin;
    const factor = Math.min(slowest, Math.max(1, took / quietProbe));
    patience *= factor;
    console.log(`this machine needs ${took.toFixed(0)} ms for what a quiet one does in ${quietProbe}: waits end after ${Math.round(patience / 1000)} s`);
}

/** Calls what() until it gives something true, and returns that. */
export async function until(what, words) {
    const end = Date.now() + patience;
    for (;;) {
        let found = null;
        try {
            found = await what();
        } catch (error) {
            found = null;
            words = `${words} (${error.message})`.slice(0, 400);
        }
        if (found) return found;
        if (Date.now() > end) throw new Error(`waited in vain: ${words}`);
        await new Promise((done) => setTimeout(done, 30));
    }
}

const freePort = () => new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
        const { port } = server.address();
        server.close(() => done(port));
    });
});

export const hostile = `<img src=x onerror="window.broken=1">&lt;b&gt;'"\``;

/** A house in which something of every kind happens, one program flapping and one given up. */
export const lively = (folder) => `
[lares]
notify = ops
group_wait = 1s
[program:database]
command = sleep 100000
[program:cache]
command = sleep 100000
[program:web]
command = sh -c 'n=0; while :; do n=$((n+1)); printf "\\033[32mGET\\033[0m /orders/%%s \\033[1;31m200\\033[0m\\n" $n; sleep 0.5; done'
numprocs = 2
process_name = %(program_name)s_%(process_num)d
depends_on = database
[program:mailer]
command = sleep 100000
depends_on = database, cache
[program:markup]
command = sh -c 'while :; do echo "${hostile.replace(/["`\\]/g, "\\$&").replace(/'/g, "")}"; sleep 0.5; done'
[program:flapping]
command = sh -c 'echo up; sleep 1; exit 1'
startsecs = 0
autorestart = true
restart_delay = 1s
[program:restless]
command = sh -c 'echo "cannot find my keys"; exit 3'
startretries = 1
[program:old_thing]
command = sleep 100000
autostart = false
[task:backup]
command = sh -c 'for i in 1 2 3; do echo "step $i of the backup"; done'
schedule = */5 * * * *
[task:report]
command = sh -c 'echo counting; echo done'
after = backup
[task:nightly]
command = true
schedule = 0 3 * * *
[task:cleanup]
command = true
schedule = 0 3 * * *
[task:fails]
command = sh -c 'echo "no paper in tray 2"; exit 1'
retries = 0
circuit = 0
[task:slow]
command = sleep 100
[task:invoices]
command = sh -c 'echo invoicing'
[channel:ops]
type = command
command = sh -c 'cat >> "$1"' tell ${folder}/told
[folder:inbox]
path = ${folder}/inbox
task = invoices
[folder:scans]
path = ${folder}/scans
task = invoices
duplicates = ask
`;

export class House {
    constructor(programs = lively, users = "") {
        this.folder = mkdtempSync(join(tmpdir(), "lares-browser-"));
        for (const name of ["inbox", "scans"]) mkdirSync(join(this.folder, name));
        this.programs = typeof programs === "function" ? programs(this.folder) : programs;
        this.users = users;
        this.beginnings = 100; // of looks, each with work of its own
    }

    async up() {
        this.port ??= await freePort();
        this.base = `http://127.0.0.1:${this.port}`;
        this.write(this.programs);
        this.process = spawn(lares, ["up", "-c", join(this.folder, "lares.conf"), "--foreground"], {
            stdio: ["ignore", "ignore", "pipe"],
            cwd: this.folder,
            env: { ...process.env, STATE_DIRECTORY: join(this.folder, "state") },
        });
        let words = "";
        this.process.stderr.on("data", (text) => (words = (words + text).slice(-1000)));
        this.ended = new Promise((done) => this.process.once("exit", done));
        await until(async () => {
            if (this.process.exitCode !== null) return true;
            return (await fetch(`${this.base}/ok.html`, { headers: this.headers })).status < 500;
        }, "lares comes up");
        if (this.process.exitCode !== null) throw new Error(`lares did not come up: ${words} ${this.log()}`);
        return this;
    }

    write(programs) {
        writeFileSync(join(this.folder, "lares.conf"), `[supervisord]
logfile = ${this.folder}/lares.log
pidfile = ${this.folder}/lares.pid
childlogdir = ${this.folder}
identifier = testhouse
[unix_http_server]
file = ${this.folder}/lares.sock
[inet_http_server]
port = 127.0.0.1:${this.port}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl = unix://${this.folder}/lares.sock
${this.users}
${programs}
`);
    }

    log() {
        try {
            return readFileSync(join(this.folder, "lares.log"), "utf8").slice(-2000);
        } catch {
            return "";
        }
    }

    async call(operation, ...parameters) {
        const answer = await fetch(`${this.base}/api/v1/call/${operation}`, { method: "POST", headers: { "Content-Type": "application/json", ...this.headers }, body: JSON.stringify(parameters) });
        const told = await answer.json();
        if (!answer.ok) throw new Error(told.detail);
        return told.result;
    }

    state = async (name) => (await this.call("lares.status", [name], [])).processes[0]?.statename;
    untilState = (name, state) => until(async () => (await this.state(name)) === state, `'${name}' is not ${state}`);

    /** What a flow that was broken off may have left: all as it was before it. */
    async reset() {
        this.write(this.programs);
        await this.call("lares.update", []);
        await this.call("lares.resume", "all").catch(() => {});
        for (const job of await this.call("lares.running")) if (job.task === "slow") await this.call("lares.cancel", job.job).catch(() => {});
        await this.call("lares.start", ["database", "cache", "mailer", "web:*", "markup"], true);
        for (const user of await this.call("lares.users")) if (user.name.startsWith("guest")) await this.call("lares.user_remove", user.name);
        for (const token of await this.call("lares.tokens")) if (token.name.startsWith("script")) await this.call("lares.token_revoke", token.name);
    }

    async down() {
        if (!this.process || this.process.exitCode !== null) return;
        this.process.kill("SIGTERM");
        const timer = setTimeout(() => this.process.kill("SIGKILL"), patience);
        await this.ended;
        clearTimeout(timer);
    }

    async clean() {
        await this.down();
        rmSync(this.folder, { recursive: true, force: true });
    }
}
