// live.js: the house tells what changes (server-sent events), and the answers about it are asked again.
//
// The browser connects again by itself after a break; whether it is connected is told, and while it is
// not, the answers' own clocks go on.

import { changed } from "./store.js";
import { link, setLink } from "./api.js";

export function live() {
    if (link.login || typeof EventSource === "undefined") return () => {};
    const source = new EventSource("/api/v1/events");
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
    source.addEventListener("change", take);
    source.onmessage = take;
    source.onopen = () => {
        setLink({ live: true, online: true });
        changed("all");
    };
    source.onerror = () => setLink({ live: false });
    return () => source.close();
}
