// sources.js: where log text comes from, for parts/log.jsx: what is there by asking for it, and from where
// that ends on by server-sent events (`log:NAME`, `run:N`). Where no stream can be had (too many viewers,
// something between that holds it up), it is asked again instead.

import { call, json } from "./api.js";

const first = 262144; // bytes of a log's end that are shown at once; the rest is there by scrolling up
const piece = 262144;
const behind = 4 << 20; // a log that grows faster than it is read is gone on with at its end, with a note
const unseen = 15000; // ms after which a log that is not looked at lets go of its stream

/**
 * Reads from an offset to the end and follows.
 * @param read    (offset, length) -> {text, offset (of what comes next), size, ended}
 * @param stream  {topic, event}: by which the house tells what is added
 */
function follow(key, read, stream, { whole = false } = {}) {
    return {
        key,
        open({ text, state, fault, reset }) {
            let closed = false;
            let timer = 0;
            let offset = whole ? 0 : -first;
            let quiet = 0;
            let skipped = 0;
            let source = null;
            let refused = false; // the stream; then it is asked again and again
            const shut = () => {
                if (source) source.close();
                source = null;
            };
            const listen = () => {
                source = new EventSource(`/api/v1/stream?topics=${encodeURIComponent(stream.topic)}&from=${offset}`);
                source.addEventListener(stream.event, ({ data }) => {
                    const told = JSON.parse(data);
                    offset = told.offset;
                    if (told.text) text(told.text);
                    state({ size: Math.max(told.size ?? 0, offset), ended: told.ended, skipped });
                    if (told.ended) shut();
                });
                source.addEventListener("gap", ({ data }) => {
                    skipped += Number(JSON.parse(data).skipped) || 0;
                    state({ skipped });
                });
                source.onerror = () => {
                    if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again, from where it was
                    shut();
                    refused = true;
                    timer = setTimeout(turn, 1000);
                };
            };
            const seen = () => {
                clearTimeout(timer);
                if (!document.hidden) {
                    if (!source) turn();
                } else if (source) timer = setTimeout(shut, unseen);
            };
            document.addEventListener("visibilitychange", seen);
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
                    if (!refused && offset >= found.size && typeof EventSource !== "undefined") return listen();
                    timer = setTimeout(turn, offset < found.size ? 0 : document.hidden ? 5000 : Math.min(300 + quiet * 100, 1000));
                } catch (error) {
                    if (closed) return;
                    fault(error);
                    if (error.kind === "offline" || error.kind === "slow") timer = setTimeout(turn, 3000);
                }
            };
            turn();
            return () => {
                closed = true;
                document.removeEventListener("visibilitychange", seen);
                clearTimeout(timer);
                shut();
            };
        },
    };
}

export const runLog = (run) => follow(`run/${run}`, (offset, length) => call("lares.run_log", run, offset, length), { topic: `run:${run}`, event: "run" }, { whole: true });

/** @param name  with its group: "web:web_0" */
export const programLog = (name, channel) => follow(`program/${name}/${channel}`,
    (offset, length) => json(`/api/v1/programs/${encodeURIComponent(name)}/log?stream=${channel}&offset=${offset}&length=${length}`),
    { topic: `log:${name}${channel === "stderr" ? ":stderr" : ""}`, event: "log" });

/** The daemon's own. */
export const mainLog = () => follow("mainlog", (offset, length) => json(`/api/v1/log?offset=${offset}&length=${length}`), { topic: "mainlog", event: "log" });
