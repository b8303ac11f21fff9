// session.js: who one is. A session is a cookie the script cannot read; without one the house may still
// let in whoever may connect, and says as whom.

import { json, link, setLink } from "./api.js";
import { changed } from "./store.js";

function take(session) {
    const kind = session.kind || "open";
    setLink({ user: kind === "open" ? null : session.name || session.user || null, role: session.role || null, kind, session: kind === "session", until: session.expires || 0, login: false });
}

export async function begin() {
    try {
        take(await json("/api/v1/session"));
    } catch (error) {
        if (error.kind === "login") setLink({ login: true });
        else if (error.kind === "offline" || error.kind === "slow") setTimeout(begin, 2000);
    }
}

/** @param proof  {name, password} or {token} */
export async function signIn(proof) {
    take(await json("/api/v1/session", { method: "POST", body: proof }));
    changed("all");
}

export async function signOut() {
    await json("/api/v1/session", { method: "DELETE" });
    setLink({ user: null, role: null, kind: null, session: false, until: 0 });
    await begin();
}

const ranks = { none: 0, viewer: 1, operator: 2, admin: 3 };
/** Whether one may do what needs this role; unknown: the house will say. */
export const may = (role) => !link.role || (ranks[link.role] ?? 0) >= ranks[role];
