// parts/palette.jsx: everything by a few letters: views, programs, tasks, folders, numbers of jobs and
// runs, and what can be done with them.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t, languages } from "../words.js";
import { go, path } from "../router.jsx";
import { shownViews } from "../views.js";
import { fullName, useFolders, useStatus, useTasks } from "../house.js";
import { commandProcesses, commandTask, processCommands, taskCommands } from "../commands.js";
import { may } from "../session.js";
import { Icon } from "./icons.jsx";

/** How well the letters of a search fit a name: higher is better, 0 does not. */
export function fits(name, search) {
    const text = name.toLowerCase();
    const at = text.indexOf(search);
    if (at === 0) return 1000 - text.length;
    if (at > 0) return (/[\s:._-]/.test(text[at - 1]) ? 800 : 600) - at;
    let from = 0;
    let gaps = 0;
    for (const letter of search) {
        const found = text.indexOf(letter, from);
        if (found < 0) return 0;
        gaps += found - from;
        from = found + 1;
    }
    return Math.max(1, 300 - gaps);
}

export function Palette({ onClose, onTheme, onLanguage, onHelp }) {
    const [search, setSearch] = useState("");
    const [at, setAt] = useState(0);
    const input = useRef();
    const box = useRef();
    const status = useStatus().data;
    const tasks = useTasks().data;
    const folders = useFolders().data;
    useEffect(() => {
        const before = document.activeElement;
        box.current.showModal();
        input.current.focus();
        return () => before && before.focus && before.focus();
    }, []);

    const entries = useMemo(() => {
        const list = shownViews.map((view) => ({ icon: view.key, name: t(`view_${view.key}`), note: t("palette_view"), act: () => go(path(view.key)), base: 40, keys: `g ${view.letter}` }));
        for (const process of status?.processes || []) {
            const name = fullName(process);
            list.push({ icon: "programs", name, note: t("noun_program"), act: () => go(path("programs", name)), base: 20 });
            if (may("operator")) for (const command of processCommands) if (command.fits(process)) list.push({ icon: command.icon, name: `${t(`do_${command.key}`)} ${name}`, note: t("noun_program"), act: () => commandProcesses(command, [name]), base: 0 });
        }
        for (const task of tasks || []) {
            list.push({ icon: "tasks", name: task.task, note: t("noun_task"), act: () => go(path("tasks", task.task)), base: 20 });
            if (may("operator")) for (const command of taskCommands) if (command.fits(task)) list.push({ icon: command.icon, name: `${t(`do_${command.key}`)} ${task.task}`, note: t("noun_task"), act: () => commandTask(command, task.task), base: 0 });
        }
        for (const folder of folders || []) list.push({ icon: "folders", name: folder.folder, note: t("noun_folder"), act: () => go(path("folders", folder.folder)), base: 15 });
        for (const theme of ["auto", "light", "dark"]) list.push({ icon: theme === "dark" ? "dark" : "light", name: t(`theme_${theme}`), note: t("appearance"), act: () => onTheme(theme), base: 5 });
        for (const [key, name] of languages) list.push({ icon: "messages", name, note: t("language"), act: () => onLanguage(key), base: 5 });
        list.push({ icon: "keyboard", name: t("help_keys"), note: t("help"), act: onHelp, base: 5, keys: "?" });
        return list;
    }, [status, tasks, folders]);

    const found = useMemo(() => {
        const low = search.trim().toLowerCase();
        if (!low) return entries.filter((entry) => entry.base >= 5).sort((a, b) => b.base - a.base).slice(0, 40);
        const list = entries.map((entry) => ({ ...entry, score: fits(entry.name, low) })).filter((entry) => entry.score > 0);
        list.sort((a, b) => b.score + b.base - a.score - a.base);
        const id = low.match(/^(?:job|run|#|lauf)?\s*(\d+)$/);
        if (id) list.unshift({ icon: "queue", name: t("palette_job", { id: id[1] }), note: t("noun_job"), act: () => go(path("jobs", id[1])) },
            { icon: "runs", name: t("palette_run", { id: id[1] }), note: t("noun_run"), act: () => go(path("runs", id[1])) });
        if (search.startsWith("/") || search.includes("/")) list.unshift({ icon: "trace", name: t("palette_trace", { subject: search.trim() }), note: t("noun_story"), act: () => go(path("trace", search.trim().startsWith("/") ? `file/${search.trim()}` : search.trim())) });
        return list.slice(0, 40);
    }, [search, entries]);

    const take = (entry) => {
        if (!entry) return;
        onClose();
        setTimeout(entry.act, 0);
    };
    const keys = (event) => {
        const step = event.key === "ArrowDown" || (event.ctrlKey && event.key === "n") ? 1 : event.key === "ArrowUp" || (event.ctrlKey && event.key === "p") ? -1 : 0;
        if (step) setAt((at + step + found.length) % Math.max(found.length, 1));
        else if (event.key === "Enter") take(found[at]);
        else return;
        event.preventDefault();
    };
    useEffect(() => box.current?.querySelector(`[data-at="${at}"]`)?.scrollIntoView({ block: "nearest" }), [at]);

    return (
        <dialog class="palette" ref={box} aria-label={t("find")} onCancel={(event) => (event.preventDefault(), onClose())} onClick={(event) => event.target === box.current && onClose()}>
            <div class="palette-body">
                <label class="palette-input">
                    <Icon name="search" />
                    <input ref={input} value={search} placeholder={t("find_words")} aria-label={t("find_words")} role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={found[at] ? `palette-${at}` : undefined}
                        autocomplete="off" spellcheck={false} onInput={(event) => (setSearch(event.currentTarget.value), setAt(0))} onKeyDown={keys} />
                    <kbd>Esc</kbd>
                </label>
                <ul id="palette-list" role="listbox" aria-label={t("find")}>
                    {found.map((entry, i) => (
                        <li key={entry.name + entry.note} id={`palette-${i}`} data-at={i} role="option" aria-selected={i === at} onPointerMove={() => i !== at && setAt(i)} onClick={() => take(entry)}>
                            <Icon name={entry.icon} size={17} /><span class="palette-name">{entry.name}</span>{entry.keys && <kbd>{entry.keys}</kbd>}<small>{entry.note}</small>
                        </li>
                    ))}
                    {found.length === 0 && <li class="palette-none" role="option" aria-selected="false">{t("palette_none", { search })}</li>}
                </ul>
            </div>
        </dialog>
    );
}
