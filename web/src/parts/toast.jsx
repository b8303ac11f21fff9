// parts/toast.jsx: what was done, or why it was not, said once at the edge of the page.

import { useEffect, useState } from "preact/hooks";
import { t } from "../words.js";
import { Button } from "./basics.jsx";
import { Shape } from "./icons.jsx";

let show = () => {};
let number = 0;

export const say = (words, tone = "good") => show({ words, tone, key: ++number });

/** Does something and says how it went. Gives whether it went well. */
export async function doing(promise, words) {
    try {
        const answer = await promise;
        const failed = Array.isArray(answer) ? answer.filter((entry) => entry && (entry.ok === false || (entry.status != null && entry.status !== 80))) : [];
        if (failed.length) {
            say(failed.slice(0, 3).map((entry) => `${entry.group ? `${entry.group}:` : ""}${entry.name ?? entry.job ?? ""}: ${entry.description ?? entry.words}`).join("; ") + (failed.length > 3 ? ` (+${failed.length - 3})` : ""), "bad");
            return false;
        }
        if (words) say(words);
        return true;
    } catch (error) {
        say(error.kind === "denied" ? t("denied", { words: error.message }) : error.message, "bad");
        return false;
    }
}

export function Toasts() {
    const [list, set] = useState([]);
    useEffect(() => {
        show = (toast) => {
            set((before) => [...before.slice(-3), toast]);
            if (toast.tone !== "bad") setTimeout(() => set((before) => before.filter((each) => each.key !== toast.key)), 5000);
        };
        return () => (show = () => {});
    }, []);
    return (
        <div class="toasts" role="status" aria-live="polite">
            {list.map((toast) => (
                <div class="toast" key={toast.key}>
                    <Shape tone={toast.tone} />
                    <span>{toast.words}</span>
                    <Button icon="cancel" small label={t("close")} onClick={() => set((before) => before.filter((each) => each.key !== toast.key))} />
                </div>
            ))}
        </div>
    );
}
