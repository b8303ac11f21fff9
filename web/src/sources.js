// sources.js: where log text comes from, for parts/log.jsx: by server-sent events where the house offers
// a stream, and by asking again where it does not.

import { call, json } from "./api.js";

const first = 262144; // bytes of a log's end that are shown at once; the rest is there by scrolling up
const piece = 262144;
const behind = 4 << 20; // a log that grows faster than it is read is gone on with at its end, with a note

/**
 * Reads from an offset to the end and follows.
 * @param read  (offset, length) -> {text, offset (of what comes next), size, ended}
 */
function follow(key, read, { whole = false } = {}) {
    return {
        key,
        open({ text, state, fault, reset }) {
            let closed = false;
            let timer = 0;
            let offset = whole ? 0 : -first;
            let quiet = 0;
            let skipped = 0;
            const turn = async () => {
                if (closed) return;
                try {
                    const found = await read(offset, piece);
                    if (closed) return;
                    if (offset >= 0 && found.size < offset) {
                        reset(); // rotated or cleared
                        offset = 0;
                    } else {
                        if (offset < 0 && found.size > first) skipped += found.size - first;
                        offset = found.offset;
                        if (!found.ended && offset > 0 && found.size - offset > behind) {
                            skipped += found.size - first - offset;
                            offset = found.size - first;
                        }
                    }
                    if (found.text) text(found.text);
                    state({ size: found.size, ended: found.ended, skipped });
                    quiet = found.text ? 0 : quiet + 1;
                    if (found.ended && offset >= found.size) return;
                    timer = setTimeout(turn, offset < found.size ? 0 : document.hidden ? 5000 : Math.min(300 + quiet * 100, 1000));
                } catch (error) {
                    if (closed) return;
                    fault(error);
                    if (error.kind === "offline" || error.kind === "slow") timer = setTimeout(turn, 3000);
                }
            };
            turn();
            return () => ((closed = true), clearTimeout(timer));
        },
    };
}

export const runLog = (run) => follow(`run/${run}`, (offset, length) => call("lares.run_log", run, offset, length).then((found) => (offset < 0 && found.size > 0 && !found.text ? { ...found, offset: 0 } : found)), { whole: true });

let reads = true; // whether the house reads logs from an offset, or only their ends

export function programLog(name, channel) {
    const ends = programEnds(name, channel);
    return follow(`program/${name}/${channel}`, async (offset, length) => {
        if (reads)
            try {
                return await json(`/api/v1/programs/${encodeURIComponent(name)}/log?stream=${channel}&offset=${offset}&length=${length}`);
            } catch (error) {
                if (error.status !== 404 || error.type.endsWith("bad-name")) throw error;
                reads = false;
            }
        return ends(offset, length);
    });
}

/** By the operation that gives the last `length` bytes and the size: what is new since is their end. */
function programEnds(name, channel) {
    const operation = channel === "stderr" ? "supervisor.tailProcessStderrLog" : "supervisor.tailProcessStdoutLog";
    let known = -1;
    return async (offset, length) => {
        const [text, size] = await call(operation, name, 0, length);
        const bytes = new TextEncoder().encode(text);
        const fresh = known < 0 || size < known ? bytes.length : Math.min(bytes.length, size - known);
        const cut = bytes.length - fresh;
        known = size;
        return { text: cut ? new TextDecoder().decode(bytes.subarray(cut)) : text, offset: size, size, ended: false };
    };
}
