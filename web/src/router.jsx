// router.js: which view an address means. Addresses are /page/VIEW/NAME?filters, so that every view,
// with its filters, can be sent to somebody else.

import { useEffect, useState } from "preact/hooks";

const listeners = new Set();

export function where() {
    const parts = location.pathname.replace(/^\/(page\/?)?/, "").split("/").map(decode);
    // Names may have slashes of their own, also two in a row: "file//var/in/a.pdf".
    return { view: parts[0] || "overview", name: parts.slice(1).join("/").replace(/\/$/, ""), query: new URLSearchParams(location.search) };
}

function decode(part) {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}

export function path(view, name = "", query = {}) {
    const base = view === "overview" && !name ? "/" : `/page/${view}`;
    const tail = name === "" ? "" : "/" + String(name).split("/").map(encodeURIComponent).join("/");
    const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value != null)).toString();
    return base + tail + (search ? `?${search}` : "");
}

export function go(to, { replace = false } = {}) {
    if (to === location.pathname + location.search) return;
    history[replace ? "replaceState" : "pushState"](null, "", to);
    for (const each of listeners) each();
}

addEventListener("popstate", () => listeners.forEach((each) => each()));

export function useWhere() {
    const [place, set] = useState(where);
    useEffect(() => {
        const listener = () => set(where());
        listeners.add(listener);
        return () => listeners.delete(listener);
    }, []);
    return place;
}

/** A filter that stands in the address. */
export function useFilter(name, otherwise = "") {
    const place = useWhere();
    const value = place.query.get(name) ?? otherwise;
    const set = (next) => {
        const query = new URLSearchParams(location.search);
        if (next === otherwise || next === "") query.delete(name);
        else query.set(name, next);
        const search = query.toString();
        go(location.pathname + (search ? `?${search}` : ""), { replace: true });
    };
    return [value, set];
}

/** A link within the page; other clicks (new tab, save) stay the browser's. */
export function Link({ to, children, onClick, ...rest }) {
    const follow = (event) => {
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        if (onClick) onClick(event);
        go(to);
        const main = document.getElementById("main");
        if (main) main.scrollTop = 0;
    };
    return <a href={to} onClick={follow} {...rest}>{children}</a>;
}
