// tests/browser/parts_test.mjs: the page's pure parts, without a browser: colours of logs, lines, merging.

import assert from "node:assert/strict";
import { test } from "node:test";
import { classOf, plain, styled } from "../../web/src/parts/ansi.js";
import { Lines, mostLines, partsOf, rowsOf } from "../../web/src/parts/log_lines.js";
import { merged } from "../../web/src/merge.js";
import { t } from "../../web/src/words.js";

const text = (line) => styled(line).parts.map((part) => part.text).join("");

test("colours become classes of a closed list, and go on in the next line", () => {
    const { parts, style } = styled("a\x1b[1;31mb\x1b[0mc\x1b[32m");
    assert.deepEqual(parts, [{ text: "a", class: "" }, { text: "b", class: "f-1 a-bold" }, { text: "c", class: "" }]);
    assert.equal(styled("d", style).parts[0].class, "f-2");
    assert.equal(styled("\x1b[38;5;196mx").parts[0].class, "f-9");
    assert.equal(styled("\x1b[38;2;0;200;0mx").parts[0].class, "f-10");
    assert.equal(styled("\x1b[7mx").parts[0].class, "f-ground b-text");
    for (const code of ["999", "38;5", "38;2;1", "38;5;99999", "-1", "1;;;;", "\"><b>"]) assert.match(classOf(styled(`\x1b[${code}mx`).style), /^([fb]-(\d+|text|ground)|a-[a-z]+| )*$/);
});

test("whatever a program writes, no escape and no control character is left", () => {
    for (const line of ["\x1b]0;title\x07x", "\x1b]8;;http://evil\x1b\\x", "\x1b[2J\x1b[Hx", "\x1bcx", "\x1b[?25lx", "x\x1b", "x\x1b[", "\x00\x08x\x7f", "\x1b[31"]) {
        assert.ok(!/[\x00-\x08\x1b\x7f]/.test(text(line)), JSON.stringify(line));
        assert.equal(text(line).length, plain(line).length, "what is found lies where it is shown");
    }
    let seed = 7;
    const random = (most) => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
    const pieces = ["\x1b", "[", "3", "8", ";", "5", "m", "]", "\x07", "a", "<", "\r", "\x9b", "0", "H", "?"];
    for (let i = 0; i < 20000; i++) {
        const line = Array.from({ length: random(14) }, () => pieces[random(pieces.length)]).join("");
        assert.equal(text(line), plain(line), JSON.stringify(line));
    }
});

test("lines come in pieces, and a progress line shows its last state", () => {
    const lines = new Lines();
    for (const piece of ["one\ntw", "o\r\nthree", " and more"]) lines.add(piece);
    assert.deepEqual(lines.all().map((line) => line.plain), ["one", "two", "three and more"]);
    lines.add("\n10%\r20%\r30%\n");
    assert.equal(lines.all().at(-1).plain, "30%");
    assert.deepEqual(lines.all().map((line) => line.number), [1, 2, 3, 4]);
});

test("a log without end is bounded, and says what scrolled out", () => {
    const lines = new Lines();
    for (let i = 0; i < 30; i++) lines.add("x\n".repeat(5000));
    assert.ok(lines.list.length <= mostLines * 1.1);
    assert.equal(lines.dropped + lines.list.length, 150000);
    assert.equal(lines.all().at(-1).number, 150000);
    lines.clear();
    lines.add("y".repeat(10_000_000));
    lines.add("\n");
    assert.ok(lines.all()[0].plain.length < 9000);
});

test("a wrapped row shows its part, with what was searched for marked", () => {
    const lines = new Lines();
    lines.add("\x1b[31mabcdefgh\x1b[0mijkl\n");
    const rows = rowsOf(lines.all(), 5);
    assert.deepEqual(rows.map((row) => [row.from, row.to, row.first]), [[0, 5, true], [5, 10, false], [10, 12, false]]);
    assert.deepEqual(partsOf(rows[1], "hi").map((part) => [part.text, part.class, !!part.hit]), [["fg", "f-1", false], ["h", "f-1", true], ["i", "", true], ["j", "", false]]);
    for (const row of rows) assert.equal(partsOf(row, "cde").map((part) => part.text).join(""), row.line.plain.slice(row.from, row.to));
});

test("rows that were told take their places, new ones come last, gone ones go", () => {
    const list = [{ id: 1, a: 1, b: 1 }, { id: 2, a: 2 }, { id: 3, a: 3 }];
    const next = merged(list, new Map([[1, { id: 1, a: 9 }], [2, null], [4, { id: 4 }], [5, null]]), (row) => row.id);
    assert.deepEqual(next, [{ id: 1, a: 9, b: 1 }, { id: 3, a: 3 }, { id: 4 }]);
    assert.equal(next[1], list[2]);
});

test("of what there is one of, the page says one, however the number is written", () => {
    assert.equal(t("need_dead_all", { count: 1 }), "One dead job");
    assert.equal(t("plan_title", { count: "1" }), "One change");
    assert.equal(t("plan_title", { count: "1.000" }), "1.000 changes"); // a German thousand
    assert.equal(t("need_dead_all", { count: 0 }), "0 dead jobs");
});
