// parts/log_lines.js: log text as it comes in pieces, as a bounded list of lines that can be searched.

import { plain, styled } from "./ansi.js";

export const mostLines = 20000;
const longest = 8192; // characters of a line that are shown

export class Lines {
    constructor() {
        this.clear();
    }

    clear() {
        this.list = []; // {raw, plain, style, number}
        this.rest = "";
        this.style = {};
        this.dropped = 0;
        this.count = 0;
        this.version = 0;
    }

    add(text) {
        const pieces = (this.rest + text).split("\n");
        this.rest = pieces.pop();
        if (this.rest.length > longest * 8) this.rest = this.rest.slice(-longest);
        // Of what would scroll out at once only the end is looked at.
        const skip = Math.max(0, pieces.length - mostLines);
        this.dropped += skip;
        this.count += skip;
        for (let i = skip; i < pieces.length; i++) this.push(pieces[i]);
        if (this.list.length > mostLines * 1.1) {
            const over = this.list.length - mostLines;
            this.list.splice(0, over);
            this.dropped += over;
        }
        this.version += 1;
    }

    push(piece) {
        let raw = piece.endsWith("\r") ? piece.slice(0, -1) : piece;
        const back = raw.lastIndexOf("\r");
        if (back >= 0) raw = raw.slice(back + 1); // a progress line shows its last state
        if (raw.length > longest) raw = `${raw.slice(0, longest)} …`;
        this.count += 1;
        const line = { raw, plain: raw.includes("\x1b") ? plain(raw) : plain(raw), style: this.style, number: this.count };
        if (raw.includes("\x1b")) this.style = styled(raw, this.style).style;
        this.list.push(line);
    }

    /** The lines, with what of the last one has come so far. */
    all() {
        if (!this.rest) return this.list;
        const raw = this.rest.slice(this.rest.lastIndexOf("\r") + 1).slice(0, longest);
        return [...this.list, { raw, plain: plain(raw), style: this.style, number: this.count + 1 }];
    }
}

/** Lines as rows of at most so many columns; 0: as long as they are. */
export function rowsOf(lines, columns) {
    if (!columns) return lines.map((line, index) => ({ line, index, from: 0, to: line.plain.length, first: true }));
    const rows = [];
    lines.forEach((line, index) => {
        const length = line.plain.length;
        for (let from = 0; from === 0 || from < length; from += columns)
            rows.push({ line, index, from, to: Math.min(length, from + columns), first: from === 0 });
    });
    return rows;
}

/** The parts of a row: styled text, with what was searched for marked. */
export function partsOf(row, needle) {
    const { line, from, to } = row;
    const parts = [];
    let at = 0;
    for (const part of styled(line.raw, line.style).parts) {
        const begin = Math.max(from, at);
        const end = Math.min(to, at + part.text.length);
        if (begin < end) parts.push({ text: part.text.slice(begin - at, end - at), class: part.class, from: begin });
        at += part.text.length;
    }
    if (!needle) return parts;
    const hits = [];
    const low = line.plain.toLowerCase();
    for (let found = low.indexOf(needle); found >= 0; found = low.indexOf(needle, found + needle.length)) hits.push([found, found + needle.length]);
    return parts.flatMap((part) => split(part, hits));
}

function split(part, hits) {
    const list = [];
    let at = part.from;
    const end = part.from + part.text.length;
    for (const [begin, stop] of hits) {
        if (stop <= at || begin >= end) continue;
        if (begin > at) list.push({ ...part, text: part.text.slice(at - part.from, begin - part.from) });
        const from = Math.max(begin, at);
        const to = Math.min(stop, end);
        list.push({ ...part, text: part.text.slice(from - part.from, to - part.from), hit: true });
        at = to;
    }
    if (at < end) list.push({ ...part, text: part.text.slice(at - part.from) });
    return list;
}
