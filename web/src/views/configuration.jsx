// views/configuration.jsx: what is applied, what the files say now, and the way from one to the other:
// plan, apply, history, differences, back.

import { useState } from "preact/hooks";
import { t } from "../words.js";
import { date, number } from "../format.js";
import { useFilter } from "../router.jsx";
import { useStatus } from "../house.js";
import { changed, useAnswer } from "../store.js";
import { act, call } from "../api.js";
import { sure } from "../commands.js";
import { may } from "../session.js";
import { doing } from "../parts/toast.jsx";
import { Answered, Button, Card, Choice, Dialog, Empty, Facts, State } from "../parts/basics.jsx";
import { Picker } from "./runs.jsx";

const tones = { start: "good", add: "good", added: "good", stop: "bad", remove: "bad", removed: "bad", restart: "warn", change: "warn", changed: "warn", adapt: "note", keep: "idle" };

export function Configuration() {
    const status = useStatus();
    const [tab, setTab] = useFilter("tab", "plan");
    return (
        <div class="page fills">
            <header class="page-head"><h1>{t("view_configuration")}</h1></header>
            {status.data && (
                <>
                    {status.data.config_trouble && <div class="notice bad" role="alert"><State plain tone="bad">{t("config_trouble")}</State><span>{status.data.config_trouble}</span></div>}
                    {status.data.config_drift && <div class="notice note"><State plain tone="note">{t("drift")}</State><span class="mono clamp">{status.data.config_drift_files.join(", ")}</span></div>}
                    <Facts rows={[[t("main_file"), <span class="mono">{status.data.config}</span>], [t("state"), status.data.config_drift ? t("drift_short") : t("in_step")]]} />
                </>
            )}
            <Choice label={t("parts")} value={tab} onChange={setTab} options={[["plan", t("plan")], ["history", t("history")], ["diff", t("differences")], ["managed", t("managed")]]} />
            <div class="scrolls">
                {tab === "plan" && <Plan />}
                {tab === "history" && <History />}
                {tab === "diff" && <Diff />}
                {tab === "managed" && <Managed />}
            </div>
        </div>
    );
}

function Plan() {
    const answer = useAnswer("plan", () => call("lares.plan", ""), { topics: ["config"], every: 15000 });
    const apply = async (plan) => {
        if (!(await sure({ title: t("apply_sure"), words: t("apply_words", { count: plan.changes.length }), button: t("apply") }))) return;
        await doing(act("lares.apply", plan.fingerprint), t("did_apply"));
        changed("all");
    };
    if (!may("operator")) return <Empty icon="configuration" title={t("plan_denied")}>{t("plan_denied_words")}</Empty>;
    return (
        <Answered answer={answer}>
            {(plan) => (
                <>
                    {plan.errors.map((words) => <div key={words} class="notice bad" role="alert"><State plain tone="bad">{t("error")}</State><span class="mono">{words}</span></div>)}
                    {plan.warnings.map((words) => <div key={words} class="notice note"><State plain tone="warn">{t("warning")}</State><span class="mono">{words}</span></div>)}
                    {plan.changes.length === 0 ? <Empty icon="check" title={plan.errors.length ? t("plan_faulty") : t("plan_none")} action={<Button icon="retry" onClick={answer.refresh}>{t("read_again")}</Button>}>{plan.errors.length ? t("plan_faulty_words") : t("plan_none_words")}</Empty> : (
                        <Card title={t("plan_title", { count: number(plan.changes.length) })} more={may("admin") && plan.errors.length === 0 && <Button tone="primary" icon="check" onClick={() => apply(plan)}>{t("apply")}</Button>}>
                            <ul class="items">{plan.changes.map((change) => (
                                <li class="item top" key={change.action + change.name}>
                                    <State tone={tones[change.action] || "note"}>{t(`action_${change.action}`)}</State>
                                    <div class="item-words"><b>{change.name}</b><span class="quiet">{change.why}</span>
                                        {change.lines.length > 0 && <pre class="mono block diff">{change.lines.map((line, i) => <span key={i} class={lineClass(line)}>{line}{"\n"}</span>)}</pre>}
                                        {change.dependants.length > 0 && <span class="quiet">{t("dependants", { names: change.dependants.join(", ") })}</span>}
                                    </div>
                                </li>
                            ))}</ul>
                        </Card>
                    )}
                </>
            )}
        </Answered>
    );
}

const lineClass = (line) => (/^\s*[+]/.test(line) ? "came" : /^\s*-/.test(line) ? "gone" : /^@@/.test(line) ? "mark" : "");

const byWords = (by) => (by === "start" ? "Lares" : by === "client" ? t("by_client") : by);

/** "rollback to 3", "put web": what made a revision, as the page says it. */
function causeWords(cause) {
    const [verb, ...rest] = cause.split(" ");
    return ["start", "apply", "update", "rollback", "put", "remove"].includes(verb) ? t(`cause_${verb}`, { name: rest.join(" ").replace(/^to /, "").slice(0, 40) }) : cause;
}

const useRevisions = () => useAnswer("config.history", () => call("lares.config_history"), { topics: ["config"] });

function History() {
    const answer = useRevisions();
    const [diff, setDiff] = useState(null);
    const back = async (revision) => {
        if (!(await sure({ title: t("rollback_sure", { revision }), words: t("rollback_words"), button: t("rollback") }))) return;
        await doing(act("lares.config_rollback", revision), t("did_rollback", { revision }));
        changed("all");
    };
    return (
        <Answered answer={answer}>
            {(list) => list.length === 0 ? <Empty icon="configuration" title={t("revisions_none")}>{t("revisions_none_words")}</Empty> : (
                <>
                    <div class="table-scroll" tabIndex={0} role="region" aria-label={t("history")}><table class="table"><thead><tr><th>{t("revision")}</th><th>{t("applied")}</th><th>{t("by")}</th><th>{t("what")}</th><th class="right">{t("actions")}</th></tr></thead>
                        <tbody>{list.map((one) => (
                            <tr key={one.revision}>
                                <th scope="row">{one.revision}{one.current && <State tone="good">{t("in_force")}</State>}</th>
                                <td>{typeof one.when === "number" ? date(one.when) : one.when}</td><td>{byWords(one.by)}</td><td class="quiet">{causeWords(one.cause)} · {t("programs_count", { count: one.programs })}</td>
                                <td class="right"><span class="acts">
                                    {may("admin") && <Button small icon="file" onClick={() => setDiff([one.revision, 0])}>{t("differences")}</Button>}
                                    {may("admin") && !one.current && <Button small icon="restart" tone="risky" onClick={() => back(one.revision)}>{t("rollback")}</Button>}
                                </span></td>
                            </tr>
                        ))}</tbody></table></div>
                    {diff && <Dialog wide title={t("diff_title", { before: diff[0], after: t("files_now") })} onClose={() => setDiff(null)}><DiffText before={diff[0]} after={diff[1]} /></Dialog>}
                </>
            )}
        </Answered>
    );
}

function Diff() {
    const answer = useRevisions();
    const [before, setBefore] = useState("");
    const [after, setAfter] = useState("0");
    if (!may("admin")) return <Empty icon="configuration" title={t("diff_denied")}>{t("plan_denied_words")}</Empty>;
    return (
        <Answered answer={answer}>
            {(list) => {
                const numbers = list.map((one) => String(one.revision));
                if (numbers.length === 0) return <Empty icon="configuration" title={t("revisions_none")}>{t("revisions_none_words")}</Empty>;
                const from = before || numbers[0];
                return (
                    <>
                        <div class="tools"><Picker label={t("before")} value={from} onChange={setBefore} options={numbers.map((each) => [each, t("revision_no", { revision: each })])} /><span>→</span><Picker label={t("after")} value={after} onChange={setAfter} options={[["0", t("files_now")], ...numbers.map((each) => [each, t("revision_no", { revision: each })])]} /></div>
                        <DiffText before={from} after={after} />
                    </>
                );
            }}
        </Answered>
    );
}

function DiffText({ before, after }) {
    const answer = useAnswer(`config.diff/${before}/${after}`, () => call("lares.config_diff", Number(before), Number(after)), { topics: ["config"] });
    return <Answered answer={answer}>{(text) => text === "" ? <Empty icon="check" title={t("diff_none")} /> : <pre class="mono block diff">{text.split("\n").map((line, i) => <span key={i} class={lineClass(line)}>{line}{"\n"}</span>)}</pre>}</Answered>;
}

/** Programs kept by Lares itself: a text, checked before anything changes. */
function Managed() {
    const [name, setName] = useState("");
    const [text, setText] = useState("command = ");
    const [fault, setFault] = useState("");
    const put = async () => {
        try {
            await act("lares.put_program", name, `[program:${name}]\n${text}\n`);
            setFault("");
            await doing(Promise.resolve(true), t("did_put_program", { name }));
            changed("all");
        } catch (error) {
            setFault(error.message);
        }
    };
    const remove = async () => {
        if (await sure({ title: t("remove_sure", { name }), words: t("remove_words"), button: t("remove") })) await doing(act("lares.remove_program", name), t("did_remove_program", { name }));
        changed("all");
    };
    if (!may("admin")) return <Empty icon="configuration" title={t("managed_denied")}>{t("plan_denied_words")}</Empty>;
    return (
        <Card title={t("managed_title")}>
            <p class="quiet">{t("managed_words")}</p>
            <label class="field"><span>{t("name")}</span><input value={name} spellcheck={false} onInput={(event) => setName(event.currentTarget.value)} /></label>
            <label class="field"><span class="mono">[program:{name || "…"}]</span><textarea class="mono" rows="8" spellcheck={false} value={text} aria-invalid={!!fault} onInput={(event) => (setText(event.currentTarget.value), setFault(""))} /></label>
            {fault && <p class="field-fault" role="alert">{fault}</p>}
            <div class="acts"><Button tone="primary" icon="check" disabled={!name} onClick={put}>{t("store_and_apply")}</Button><Button tone="risky" icon="cancel" disabled={!name} onClick={remove}>{t("remove")}</Button></div>
        </Card>
    );
}
