// live.js: the house tells what changes (server-sent events), and the answers about it are asked again.
//
// The browser connects again by itself after a break; whether it is connected is told, and while it is
// not, the answers' own clocks go on.

import { changed } from "./store.js";
import { link, setLink } from "./api.js";

export function live() {
    if (link.login || typeof EventSource === "undefined") return () => {};
    let source = null;
    let timer = 0;
    let closed = false;
    const take = (event) => {
        let told = {};
        try {
            told = JSON.parse(event.data);
        } catch {
            return;
        }
        const topic = String(told.kind || "").split(".")[0];
        changed(topic, "event", ...(topic === "job" ? ["task", "run"] : topic === "run" ? ["job", "task"] : topic === "trigger" ? ["task"] : []));
    };
    const open = () => {
        if (closed) return;
        source = new EventSource("/api/v1/events");
        source.addEventListener("change", take);
        source.onmessage = take;
        source.onopen = () => {
            setLink({ live: true, online: true });
            changed("all");
        };
        source.onerror = () => {
            setLink({ live: false });
            // Refused, not broken: the browser does not try again by itself.
            if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, 30000);
        };
    };
    open();
    return () => ((closed = true), clearTimeout(timer), source && source.close());
}
