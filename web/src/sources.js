// sources.js: where log text comes from, for parts/log.jsx: by server-sent events where the house offers
// a stream, and by asking again where it does not.

import { ask, call } from "./api.js";

const first = 262144; // bytes of a log's end that are shown at once; the rest is there by scrolling up
const piece = 262144;

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
            const turn = async () => {
                if (closed) return;
                try {
                    const found = await read(offset, piece);
                    if (closed) return;
                    if (offset >= 0 && found.size < offset) {
                        reset(); // rotated or cleared
                        offset = 0;
                    } else {
                        if (offset < 0 && found.size > first) state({ skipped: found.size - first });
                        offset = found.offset;
                    }
                    if (found.text) text(found.text);
                    state({ size: found.size, ended: found.ended });
                    quiet = found.text ? 0 : quiet + 1;
                    if (found.ended && offset >= found.size) return;
                    timer = setTimeout(turn, offset < found.size ? 0 : document.hidden ? 5000 : Math.min(400 + quiet * 100, 1500));
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

export function programLog(name, channel) {
    const operation = channel === "stderr" ? "supervisor.tailProcessStderrLog" : "supervisor.tailProcessStdoutLog";
    let known = -1;
    return follow(`program/${name}/${channel}`, async (offset, length) => {
        // The operation gives the last `length` bytes and the size; what is new since is their end.
        const [text, size] = await call(operation, name, 0, offset < 0 ? length : Math.min(length, 1048576));
        const bytes = new TextEncoder().encode(text);
        const fresh = known < 0 || size < known ? bytes.length : Math.min(bytes.length, size - known);
        const cut = bytes.length - fresh;
        known = size;
        return { text: cut ? new TextDecoder().decode(bytes.subarray(cut)) : text, offset: size, size, ended: false };
    });
}

export const download = async (path, name) => {
    const blob = await (await ask(path)).blob();
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
