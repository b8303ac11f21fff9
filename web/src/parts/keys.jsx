// parts/keys.jsx: the keyboard: letters for views after g, / for the filter, and the help that lists them.

import { useEffect } from "preact/hooks";
import { t } from "../words.js";
import { go, path } from "../router.jsx";
import { shownViews } from "../views.js";
import { Dialog } from "./basics.jsx";

export function useKeys({ palette, help, busy }) {
    useEffect(() => {
        let waiting = 0; // a g was pressed, until then
        const keys = (event) => {
            if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
                event.preventDefault();
                if (!busy) palette();
                return;
            }
            const typing = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
            if (busy || typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
            if (waiting > Date.now()) {
                waiting = 0;
                const view = shownViews.find((each) => each.letter === event.key);
                if (view) {
                    event.preventDefault();
                    return go(path(view.key));
                }
            }
            const acts = {
                "?": help,
                ":": palette,
                "/": () => document.getElementById("filter")?.focus(),
                g: () => (waiting = Date.now() + 1500),
                j: () => document.querySelector("[data-list]")?.focus(),
                Escape: () => document.activeElement?.blur?.(),
                "[": () => history.back(),
            };
            if (!acts[event.key]) return;
            if (event.key !== "Escape") event.preventDefault();
            acts[event.key]();
        };
        addEventListener("keydown", keys);
        return () => removeEventListener("keydown", keys);
    }, [palette, help, busy]);
}

export function Help({ onClose }) {
    const rows = [
        ["Ctrl K", t("key_palette")], ["/", t("key_filter")], ["?", t("key_help")], ["[", t("key_back")],
        ["j  k", t("key_rows")], ["Enter", t("key_open")], ["x", t("key_tick")], ["Home  End", t("key_ends")], ["Esc", t("key_close")],
    ];
    return (
        <Dialog title={t("help_keys")} onClose={onClose} wide>
            <div class="keys">
                <section><h3>{t("keys_everywhere")}</h3>{rows.map(([keys, words]) => <p key={keys}><span>{keys.split("  ").map((key) => <kbd key={key}>{key}</kbd>)}</span>{words}</p>)}</section>
                <section><h3>{t("keys_views")}</h3>{shownViews.map((view) => <p key={view.key}><span><kbd>g</kbd><kbd>{view.letter}</kbd></span>{t(`view_${view.key}`)}</p>)}</section>
            </div>
        </Dialog>
    );
}
