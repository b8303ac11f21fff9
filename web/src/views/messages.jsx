// views/messages.jsx: what is wrong and who has it in hand; what was told to whom, and what became of it;
// the ways by which people are reached.

import { t } from "../words.js";
import { date, number, when } from "../format.js";
import { go, Link, path, useFilter } from "../router.jsx";
import { changed, useAnswer } from "../store.js";
import { useChannels } from "../house.js";
import { act, call } from "../api.js";
import { may } from "../session.js";
import { sure } from "../commands.js";
import { doing } from "../parts/toast.jsx";
import { Ago, Answered, Button, Card, Choice, Dialog, Empty, Facts, Menu, Search, State, StoryLink, word } from "../parts/basics.jsx";
import { Shape } from "../parts/icons.jsx";
import { List } from "../parts/list.jsx";
import { subjectPath } from "../parts/story.jsx";
import { Picker } from "./runs.jsx";
import { usePages } from "./queue.jsx";

const severities = { critical: "bad", error: "bad", warning: "warn", info: "note" };
const states = { waiting: "note", sending: "work", sent: "good", failed: "bad", expired: "warn", dropped: "idle", unsure: "warn" };

/** Open alerts, in the shape that troubles.js reads. */
export const useAlerts = () => useAnswer("alerts.open", () => call("lares.alerts", { state: "open" }).then((found) => found.alerts), { topics: ["message", "program", "task", "job"], every: 4000 });

export function Messages({ name }) {
    const [tab, setTab] = useFilter("tab", "alerts");
    const alerts = useAlerts();
    const channels = useChannels();
    return (
        <div class="page fills">
            <header class="page-head"><h1>{t("view_messages")}</h1>
                <Choice label={t("parts")} value={tab} onChange={setTab} options={[["alerts", t("alerts"), alerts.data ? number(alerts.data.length) : null], ["past", t("alerts_past")], ["outbox", t("outbox")], ["channels", t("channels"), channels.data ? number(channels.data.length) : null]]} />
            </header>
            {tab === "alerts" && <div class="scrolls"><Alerts answer={alerts} channels={channels.data} picked={name} /></div>}
            {tab === "past" && <div class="scrolls"><Past /></div>}
            {tab === "outbox" && <Outbox channels={channels.data} />}
            {tab === "channels" && <div class="scrolls"><Channels answer={channels} /></div>}
        </div>
    );
}

const acts = {
    acknowledge: (alert, span) => doing(act("lares.acknowledge", alert.alert, span), t("did_acknowledge")).then(() => changed("message", "event")),
    resolve: async (alert) => (await sure({ title: t("sure_resolve"), words: t("sure_resolve_words"), button: t("do_resolve") })) && doing(act("lares.resolve", alert.alert), t("did_resolve")).then(() => changed("message", "event")),
};

export function AlertActs({ alert }) {
    if (!may("operator")) return null;
    return (
        <span class="acts">
            {!alert.acknowledged && <Button small icon="check" onClick={() => acts.acknowledge(alert, "")}>{t("do_acknowledge")}</Button>}
            <Menu label={t("more_of", { name: `#${alert.alert}` })} items={[
                ...["1h", "8h", "3d"].map((span) => ({ label: t("acknowledge_for", { span: t(`span_${span}`) }), icon: "moment", act: () => acts.acknowledge(alert, span) })),
                { label: t("do_resolve"), icon: "cancel", tone: "risky", act: () => acts.resolve(alert) },
            ]} />
        </span>
    );
}

function Alerts({ answer, channels, picked }) {
    return (
        <Answered answer={answer}>
            {(list) => list.length === 0 ? <Empty icon="check" title={t("alerts_none")} action={channels?.length === 0 ? <Link class="button" to={path("messages", "", { tab: "channels" })}>{t("channels")}</Link> : undefined}>{channels?.length === 0 ? t("alerts_none_channels") : t("alerts_none_words")}</Empty>
                : list.map((alert) => <Alert key={alert.alert} alert={alert} open={String(alert.alert) === picked} />)}
        </Answered>
    );
}

function Past() {
    const answer = useAnswer("alerts.past", () => call("lares.alerts", { state: "ended", limit: 100 }).then((found) => found.alerts), { topics: ["message"], every: 15000 });
    return <Answered answer={answer}>{(list) => list.length === 0 ? <Empty icon="alerts" title={t("alerts_past_none")}>{t("alerts_past_none_words")}</Empty> : list.map((alert) => <Alert key={alert.alert} alert={alert} />)}</Answered>;
}

function Alert({ alert }) {
    const tone = alert.ended ? "idle" : severities[alert.severity] || "warn";
    const to = subjectPath(String(alert.subject));
    const told = alert.told.filter((each) => each.notices > 0);
    return (
        <section class={`card alert ${tone}`} aria-label={alert.subject}>
            <header class="card-head">
                <h2><State tone={tone}>{t(`severity_${alert.severity}`)}</State> {to ? <Link to={to}>{alert.subject}</Link> : alert.subject} <span class="quiet">#{alert.alert}</span></h2>
                {!alert.ended && <AlertActs alert={alert} />}
            </header>
            <p>{alert.words}</p>
            <Facts rows={[
                [t("began"), <Ago at={alert.opened} />],
                alert.ended ? [t("ended"), date(alert.ended)] : null,
                alert.acknowledged ? [t("in_hand"), `${alert.who} · ${when(alert.acknowledged)}`] : null,
                [t("told"), told.length ? told.map((each) => `${each.route} (${number(each.notices)})`).join(", ") : t("told_nobody")],
            ]} />
            {alert.members.length > 0 && (
                <ul class="lines">
                    {alert.members.slice(0, 12).map((member) => (
                        <li key={member.subject + member.kind}><Shape tone={member.ended ? "idle" : severities[member.severity] || "warn"} /><Link to={path("trace", member.event ? `event/${member.event}` : member.subject)}>{member.subject}</Link><span class="quiet clamp" title={member.words}>{member.words}</span>{member.count > 1 && <span>×{number(member.count)}</span>}<span class="right quiet">{member.ended ? t("over_since", { when: when(member.ended) }) : <Ago at={member.since} />}</span></li>
                    ))}
                </ul>
            )}
            {alert.members.length + (alert.uncounted || 0) > 12 && <p class="card-foot quiet">{t("and_more", { count: number(alert.members.length + (alert.uncounted || 0) - 12) })}</p>}
        </section>
    );
}

function Outbox({ channels }) {
    const [channel, setChannel] = useFilter("channel");
    const [state, setState] = useFilter("state");
    const [search, setSearch] = useFilter("q");
    const [open, setOpen] = useFilter("message");
    const filters = { ...(channel && { channel }), ...(state && { state }) };
    const pages = usePages(`outbox/${JSON.stringify(filters)}`, async (before) => {
        const found = await call("lares.outbox", { ...filters, limit: 200, ...(before && { before }) });
        return { rows: found.deliveries.map((each) => ({ ...each, id: each.delivery })), more: found.more, next: found.next };
    }, 4000, ["message"]);
    const low = search.toLowerCase();
    const rows = low ? pages.rows.filter((each) => `${each.title} ${each.channel} ${each.words} ${each.thread}`.toLowerCase().includes(low)) : pages.rows;
    const columns = [
        { key: "state", name: t("state"), class: "w-state", cell: (each) => <State tone={states[each.state] || "note"}>{word(each.state)}</State> },
        { key: "title", name: t("message"), class: "grow", cell: (each) => <span class="two"><span class="clamp name">{each.title}</span><span class="quiet clamp">{each.words || each.source}</span></span> },
        { key: "channel", name: t("channel"), class: "w-name", hide: true, cell: (each) => <span class="clamp">{each.channel}</span> },
        { key: "created", name: t("created"), class: "w-when", hide: true, cell: (each) => <Ago at={each.created} /> },
        { key: "attempts", name: t("attempts"), class: "w-count right", hide: true, cell: (each) => number(each.attempts) },
        { key: "acts", name: t("actions"), class: "w-acts right", late: true, hide: true, cell: (each) => <DeliveryActs each={each} /> },
    ];
    return (
        <>
            <div class="tools">
                <Search value={search} onInput={setSearch} label={t("filter_messages")} />
                <Picker label={t("channel")} value={channel} onChange={setChannel} options={[["", t("all_channels")], ...(channels || []).map((each) => [each.channel, each.channel])]} />
                <Picker label={t("state")} value={state} onChange={setState} options={[["", t("any_state")], ...Object.keys(states).map((each) => [each, word(each)])]} />
            </div>
            <Answered answer={pages}>
                {() => rows.length === 0 ? <Empty icon="messages" title={low ? t("nothing_fits") : t("messages_none")}>{t("messages_none_words")}</Empty>
                    : <List rows={rows} id={(each) => each.delivery} columns={columns} label={t("outbox")} open={(each) => setOpen(String(each.delivery))} more={pages.more} height={50} tall={62}
                        narrowRow={(each) => <><span class="two"><span class="clamp name">{each.title}</span><span class="quiet clamp"><State plain tone={states[each.state] || "note"}>{word(each.state)}</State>{" · "}{each.channel}{" · "}{when(each.created)}</span></span><DeliveryActs each={each} /></>} />}
            </Answered>
            {open && <Delivery id={open} onClose={() => setOpen("")} />}
        </>
    );
}

function DeliveryActs({ each }) {
    if (!may("operator")) return null;
    const does = (operation, words) => doing(act(operation, each.delivery), words).then(() => changed("message", "event"));
    return (
        <span class="acts">
            {["failed", "expired", "dropped", "unsure", "waiting"].includes(each.state) && <Button small icon="retry" label={`${t("do_retry")} #${each.delivery}`} onClick={() => does("lares.retry_delivery", t("did_retry_delivery"))} />}
            {each.state === "waiting" && <Button small icon="cancel" label={`${t("drop_message")} #${each.delivery}`} onClick={() => does("lares.drop_delivery", t("did_drop_delivery"))} />}
        </span>
    );
}

function Delivery({ id, onClose }) {
    const answer = useAnswer(`delivery/${id}`, () => call("lares.delivery", id), { topics: ["message"], every: 5000 });
    return (
        <Dialog wide title={`${t("message")} #${id}`} onClose={onClose}>
            <Answered answer={answer}>
                {(found) => (
                    <>
                        <p class="why"><State plain tone={states[found.state]}>{word(found.state)}</State> {found.why || found.words}</p>
                        <Facts rows={[[t("channel"), found.channel], [t("created"), date(found.created)], [t("ended"), found.ended ? date(found.ended) : ""], [t("attempts"), number(found.attempts)], [t("source"), found.source]]} />
                        <h3 class="message-title">{found.message.title || found.title}</h3>
                        <pre class="mono block">{found.message.text || t("message_no_text")}</pre>
                        {found.cause ? <StoryLink subject={`event/${found.cause}`} /> : null}
                    </>
                )}
            </Answered>
        </Dialog>
    );
}

function Channels({ answer }) {
    const does = (operation, name, words) => doing(act(operation, name), words).then(() => changed("message", "event"));
    const test = (name) => doing(act("lares.test_channel", name).then((row) => {
        if (row.state !== "sent") throw new Error(row.words || word(row.state));
        return row;
    }), t("did_test_channel", { name })).then(() => changed("message"));
    return (
        <Answered answer={answer}>
            {(list) => list.length === 0 ? <Empty icon="messages" title={t("channels_none")} action={<Button icon="configuration" onClick={() => go(path("configuration"))}>{t("to_configuration")}</Button>}>{t("messages_none_words")}</Empty> : (
                <div class="cards">
                    {list.map((channel) => (
                        <Card key={channel.channel} title={channel.channel} more={<State tone={channel.trouble ? "bad" : channel.paused ? "idle" : "good"}>{channel.trouble ? t("trouble") : channel.paused ? t("paused") : t("works")}</State>}>
                            <p class="quiet clamp">{[channel.type, channel.to.join(", ") || channel.url].filter(Boolean).join(" · ")}</p>
                            {channel.trouble && <p class="why">{channel.trouble}</p>}
                            <dl class="facts small">
                                <div><dt>{t("waiting")}</dt><dd>{number(channel.waiting)}</dd></div>
                                <div><dt>{word("sending")}</dt><dd>{number(channel.sending)}</dd></div>
                                {channel.held_until > 0 && <div><dt>{t("held_until")}</dt><dd>{when(channel.held_until)}</dd></div>}
                            </dl>
                            {may("operator") && (
                                <span class="acts">
                                    <Button small icon="messages" onClick={() => test(channel.channel)}>{t("test_channel")}</Button>
                                    {channel.paused ? <Button small icon="play" onClick={() => does("lares.resume_channel", channel.channel, t("did_resume", { name: channel.channel }))}>{t("do_resume")}</Button>
                                        : <Button small icon="pause" onClick={() => does("lares.pause_channel", channel.channel, t("did_pause_channel", { name: channel.channel }))}>{t("do_pause")}</Button>}
                                    <Button small icon="queue" onClick={() => go(path("messages", "", { tab: "outbox", channel: channel.channel }))}>{t("outbox")}</Button>
                                </span>
                            )}
                        </Card>
                    ))}
                </div>
            )}
        </Answered>
    );
}
