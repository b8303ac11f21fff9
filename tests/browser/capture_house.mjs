// tests/browser/capture_house.mjs: lares-capture's page over a real daemon and an archive of made-up posts, for the
// tests of its page and the manual's pictures. Nothing is left behind.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { House, hostile, lares } from "./house.mjs";

const run = promisify(execFile);
const program = process.env.LARES_CAPTURE_BINARY || join(dirname(lares), "lares-capture");
export const password = "correct horse battery";

const birds = ["barn owl", "tawny owl", "kingfisher", "grey heron", "swift", "robin"];
const places = ["by the mill", "over the harbour", "in the old oak", "behind the school", "at the weir"];

/** Posts of the last month, the same ones each time, with one that means ill. */
function posts() {
    const out = [];
    for (let day = 29; day >= 0; day--)
        for (let i = 0; i < 12 + ((day * 7) % 19); i++) {
            const number = out.length;
            out.push({ id: `p${number}`, at: new Date(Date.now() - day * 86_400_000 - i * 60_000).toISOString(), who: `${1 + (number % 4)}`, lang: "en",
                text: `A ${birds[number % birds.length]} ${places[(number * 3) % places.length]}, for ${1 + (number % 9)} minutes` });
        }
    out.push({ id: `p${out.length}`, at: new Date().toISOString(), who: "4", lang: "en", text: `owl ${hostile}` });
    return out;
}

/** Says who is behind a name, as a Mastodon server does. */
const directory = () => new Promise((done) => {
    const names = ["ann", "ben", "cleo", "dora", "emil"];
    const server = createServer((request, answer) => {
        const url = new URL(request.url, "http://x"), name = url.searchParams.get("acct");
        const number = name === null ? Number(url.pathname.split("/").pop()) : names.indexOf(name) + 1;
        answer.writeHead(number ? 200 : 404, { "Content-Type": "application/json" });
        answer.end(number ? JSON.stringify({ id: `${number}`, acct: names[number - 1], locked: false }) : "{}");
    });
    server.listen(0, "127.0.0.1", () => done(server));
});

export class CaptureHouse {
    async up() {
        this.daemon = await new House("").up();
        await this.daemon.call("lares.user_set", "anna", "admin", password);
        this.daemon.headers = { Authorization: `Basic ${Buffer.from(`anna:${password}`).toString("base64")}` };
        this.folder = mkdtempSync(join(tmpdir(), "lares-capture-browser-"));
        this.directory = await directory();
        await this.fill();
        this.page = spawn(program, [...this.options(), "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
        this.ended = new Promise((done) => this.page.once("exit", done));
        this.words = "";
        await new Promise((done, fail) => {
            this.page.once("exit", () => fail(new Error(`the page did not come up: ${this.words}`)));
            this.page.stderr.on("data", (text) => {
                this.words += text;
                const found = /page is at (http:\/\/[0-9.]+:\d+)\//.exec(this.words);
                if (found) done((this.base = found[1]));
            });
        });
        return this;
    }

    options = () => ["--home", join(this.folder, "home"), "--lares", `unix://${this.daemon.folder}/lares.sock`];
    command = async (...words) => (await run(program, [...this.options(), ...words])).stdout;

    async fill() {
        const file = join(this.folder, "posts.json");
        writeFileSync(file, posts().map((post) => `${JSON.stringify(post)}\n`).join(""));
        const dialect = "dialect=lines id=id time=at author=who text=text";
        await this.command("filter", "set", "birds", "service=file", `url=${file}`, dialect, 'words="barn owl", kingfisher, heron, owl, swift, robin');
        await this.command("stream", "birds");
        await this.command("index", "birds");
        // From now on a stream that Lares keeps running, though nobody answers it.
        await this.command("filter", "set", "birds", "service=generic", "url=http://127.0.0.1:9/stream", "active=yes");
        await this.command("filter", "set", "harbour", "service=jetstream", "words=harbour, \"tall ship\"", "languages=en,de");
        const { port } = this.directory.address();
        await this.command("account", "add", "mastodon", "--url", `http://127.0.0.1:${port}`, "ann", "ben", "cleo", "dora");
        await this.command("set", "add", "birders", "--notes", "who count birds");
        await this.command("set", "join", "birders", "mastodon", "ann", "cleo");
    }

    async clean() {
        if (this.page && this.page.exitCode === null) {
            this.page.kill("SIGTERM");
            await this.ended;
        }
        this.directory?.close();
        await this.daemon?.clean();
        if (this.folder) rmSync(this.folder, { recursive: true, force: true });
    }
}
