// views/folders.jsx: hot folders: what waits in them and why, what was taken, and a file dropped from here.

import { useRef, useState } from "preact/hooks";
import { t } from "../words.js";
import { bytes, number } from "../format.js";
import { go, Link, path, useFilter } from "../router.jsx";
import { useFolders } from "../house.js";
import { changed, useAnswer } from "../store.js";
import { ask, call, newKey } from "../api.js";
import { commandFiles, fileCommands } from "../commands.js";
import { may } from "../session.js";
import { doing, say } from "../parts/toast.jsx";
import { Ago, Answered, Button, Card, Empty, Search, State, word } from "../parts/basics.jsx";
import { Icon } from "../parts/icons.jsx";
import { List } from "../parts/list.jsx";

const tones = { taken: "work", done: "good", moved: "good", failed: "bad", problem: "warn", asked: "warn", ignored: "idle", left: "idle", withdrawn: "idle", kept: "good", removed: "good" };

export function folderTone(folder) {
    if (folder.trouble) return "bad";
    if (folder.problems) return "warn";
    if (folder.blocked) return "idle";
    return folder.taken ? "work" : "good";
}

export function Folders({ name }) {
    const folders = useFolders();
    const chosen = name || "";
    return (
        <div class="page fills">
            {chosen ? <nav class="crumbs" aria-label={t("crumbs")}><Link to={path("folders")}>{t("view_folders")}</Link></nav> : null}
            <header class="page-head"><h1>{chosen || t("view_folders")}</h1></header>
            <Answered answer={folders}>
                {(list) => {
                    const shown = chosen ? list.filter((folder) => folder.folder === chosen) : list;
                    if (list.length === 0) return <Empty icon="folders" title={t("folders_none")} action={<Link class="button" to={path("configuration")}>{t("to_configuration")}</Link>}>{t("folders_none_words")}</Empty>;
                    if (shown.length === 0) return <Empty icon="folders" title={t("folder_gone", { name: chosen })} action={<Link class="button" to={path("folders")}>{t("view_folders")}</Link>} />;
                    return <div class={chosen ? "" : "cards"}>{shown.map((folder) => <Folder key={folder.folder} folder={folder} alone={!!chosen} />)}</div>;
                }}
            </Answered>
            {(chosen || folders.data?.length > 0) && <Files folder={chosen} />}
        </div>
    );
}

function Folder({ folder, alone }) {
    const [over, setOver] = useState(false);
    const input = useRef();
    const droppable = may("operator");
    const drop = async (files) => {
        for (const file of files) {
            if (file.size > 32 * 1024 * 1024) {
                say(t("drop_large", { name: file.name, most: bytes(32 * 1024 * 1024) }), "bad");
                continue;
            }
            const sent = ask(`/api/v1/folders/${encodeURIComponent(folder.folder)}/files/${encodeURIComponent(file.name)}`, { method: "PUT", raw: file, wait: 120000, headers: { "Content-Type": "application/octet-stream", "Idempotency-Key": newKey() } });
            await doing(sent, t("dropped", { name: file.name }));
        }
        changed("file", "job", "task", "event");
    };
    return (
        <section class={`card folder ${over ? "over" : ""}`} aria-label={folder.folder}
            onDragOver={droppable ? (event) => (event.preventDefault(), setOver(true)) : undefined} onDragLeave={() => setOver(false)}
            onDrop={droppable ? (event) => (event.preventDefault(), setOver(false), drop(event.dataTransfer.files)) : undefined}>
            <header class="card-head">
                <h2>{alone ? <span class="mono path">{folder.path}</span> : <Link to={path("folders", folder.folder)}>{folder.folder}</Link>}</h2>
                <State tone={folderTone(folder)}>{folder.trouble ? t("trouble") : folder.blocked ? t("held") : folder.taken ? t("working") : t("watching")}</State>
            </header>
            {!alone && <p class="mono path clamp" title={folder.path}>{folder.path}</p>}
            {(folder.trouble || folder.blocked) && <p class="why">{folder.trouble || folder.blocked}</p>}
            <dl class="facts small">
                <div><dt>{t("waiting")}</dt><dd>{number(folder.waiting)}</dd></div>
                <div><dt>{t("worked_on")}</dt><dd>{number(folder.taken)}</dd></div>
                <div><dt>{t("problems")}</dt><dd class={folder.problems ? "bad" : ""}>{number(folder.problems)}</dd></div>
                <div><dt>{t("noun_task")}</dt><dd><Link to={path("tasks", folder.task)}>{folder.task}</Link></dd></div>
                {folder.polled && <div><dt>{t("looked_at")}</dt><dd>{t("polled")}</dd></div>}
            </dl>
            {folder.files.length > 0 && (
                <ul class="lines">
                    {folder.files.slice(0, alone ? 50 : 4).map((file) => <li key={file.path}><Icon name="file" size={15} /><span class="clamp" title={file.path}>{file.path.split("/").pop()}</span><span class="quiet clamp">{file.words}</span></li>)}
                </ul>
            )}
            {droppable && (
                <div class="drop">
                    <input ref={input} type="file" multiple class="unseen" tabIndex={-1} aria-hidden="true" onChange={(event) => (drop([...event.currentTarget.files]), (event.currentTarget.value = ""))} />
                    <Button icon="upload" small onClick={() => input.current.click()} label={t("drop_into", { name: folder.folder })}>{t("drop")}</Button><span class="quiet">{t("drop_words")}</span>
                </div>
            )}
        </section>
    );
}

function Files({ folder }) {
    const [search, setSearch] = useFilter("q");
    const [state] = useFilter("state");
    const [chosen, setChosen] = useState(new Set());
    const answer = useAnswer(`files/${folder}/${state}`, () => call("lares.files", { ...(folder && { folder }), ...(state && { state }), limit: 500 }), { topics: ["file", "job"], every: 4000 });
    const low = search.toLowerCase();
    const rows = (answer.data?.files || []).filter((file) => !low || file.path.toLowerCase().includes(low));
    // What waits for a person can be decided together; where nothing does, there is nothing to tick.
    const acts = may("operator") && rows.some((file) => fileCommands.some((command) => command.fits(file)));
    const picked = acts ? rows.filter((file) => chosen.has(file.file)) : [];
    const columns = [
        { key: "state", name: t("state"), class: "w-state", cell: (file) => <State tone={tones[file.state] || "note"}>{word(file.state)}</State> },
        { key: "path", name: t("noun_file"), class: "grow", cell: (file) => <span class="two"><span class="clamp name" title={file.path}>{file.path.split("/").pop()}</span><span class="quiet clamp">{file.words ? word(file.words) : file.destination || file.folder}</span></span> },
        { key: "size", name: t("size"), class: "w-span right", hide: true, cell: (file) => bytes(file.size) },
        { key: "seen", name: t("seen"), class: "w-when", hide: true, cell: (file) => <Ago at={file.seen} /> },
        { key: "job", name: t("noun_job"), class: "w-count right", hide: true, cell: (file) => (file.job ? <Link to={path("jobs", file.job)}>#{file.job}</Link> : <span class="quiet">–</span>) },
        { key: "acts", name: t("actions"), class: "w-acts right", cell: (file) => <FileActs file={file} /> },
    ];
    return (
        <Card title={t("files_seen")} more={<Search value={search} onInput={setSearch} label={t("filter_files")} />} class="grows">
            <Answered answer={answer}>
                {() => rows.length === 0 ? <Empty icon="file" title={search ? t("nothing_fits") : t("files_none")}>{!search && t("files_none_words")}</Empty>
                    : <List rows={rows} id={(file) => file.file} columns={columns} label={t("files_seen")} chosen={acts ? chosen : undefined} setChosen={setChosen} open={(file) => go(file.job ? path("jobs", file.job) : path("trace", `file/${file.path}`))} height={48} tall={56} narrowRow={(file) => narrowRow(file)} />}
            </Answered>
            {picked.length > 0 && <Bulk files={picked} forget={() => setChosen(new Set())} />}
        </Card>
    );
}

function Bulk({ files, forget }) {
    return (
        <div class="bulk" role="toolbar" aria-label={t("chosen_label")}>
            <span>{t("chosen", { count: files.length })}</span>
            {fileCommands.map((command) => {
                const fit = files.filter(command.fits);
                return fit.length > 0 && <Button key={command.key} icon={command.icon} onClick={() => commandFiles(command, fit).then((done) => done && forget())}>{t(`do_${command.key}`, { count: fit.length })}</Button>;
            })}
            <Button icon="cancel" label={t("choose_none")} onClick={forget} />
        </div>
    );
}

/** What waits for a person is run or left; of all else there is its story. */
function FileActs({ file }) {
    const fit = may("operator") ? fileCommands.filter((command) => command.fits(file)) : [];
    if (fit.length)
        return <span class="acts">{fit.map((command) => <Button key={command.key} small icon={command.icon} label={t(`do_${command.key}`, { count: 1 })} onClick={() => commandFiles(command, [file])} />)}</span>;
    return <Button small icon="trace" label={t("story_of", { subject: file.path })} onClick={() => go(path("trace", `file/${file.path}`))} />;
}

const narrowRow = (file) => (
    <>
        <span class="two"><span class="name clamp">{file.path.split("/").pop()}</span>
            <span class="quiet clamp"><State plain tone={tones[file.state] || "note"}>{word(file.state)}</State>{" · "}{bytes(file.size)}{" · "}<Ago at={file.seen} /></span></span>
        <FileActs file={file} />
    </>
);
