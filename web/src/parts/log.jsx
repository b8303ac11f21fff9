// parts/log.jsx: a log as one reads it: follows the end, or stays where one is; finds, wraps, colours.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../words.js";
import { bytes, number } from "../format.js";
import { useKept } from "../store.js";
import { Button, Empty, Fault } from "./basics.jsx";
import { Icon } from "./icons.jsx";
import { Lines, partsOf, rowsOf } from "./log_lines.js";

const lineHeight = 19;

/**
 * @param source  {key, open({text, state, fault, reset}) -> close}: text(string) is added; state({ended,
 *                size, skipped}) is said; one call, then text until closed
 */
export function Log({ source, height, name, tools, empty }) {
    const lines = useRef(new Lines());
    const box = useRef();
    const [version, setVersion] = useState(0);
    const [state, setState] = useState({});
    const [fault, setFault] = useState(null);
    const [follow, setFollow] = useState(true);
    const [wrap, setWrap] = useKept("log.wrap", true);
    const [needle, setNeedle] = useState("");
    const [only, setOnly] = useState(false);
    const [hit, setHit] = useState(0);
    const [view, setView] = useState({ top: 0, height: 400, width: 800 });
    const [again, setAgain] = useState(0);

    useEffect(() => {
        lines.current.clear();
        setState({});
        setFault(null);
        setVersion((v) => v + 1);
        let timer = 0;
        const later = () => {
            if (!timer) timer = setTimeout(() => ((timer = 0), setVersion((v) => v + 1)), 60);
        };
        const close = source.open({
            text: (text) => (lines.current.add(text), setFault(null), later()),
            reset: () => (lines.current.clear(), later()),
            state: (change) => setState((before) => ({ ...before, ...change })),
            fault: setFault,
        });
        return () => (clearTimeout(timer), close());
    }, [source.key, again]);

    useLayoutEffect(() => {
        const scroller = box.current;
        const read = () => setView({ top: scroller.scrollTop, height: scroller.clientHeight, width: scroller.clientWidth });
        read();
        const watcher = new ResizeObserver(read);
        watcher.observe(scroller);
        return () => watcher.disconnect();
    }, []);

    const low = needle.toLowerCase();
    const columns = wrap ? Math.max(20, Math.floor((view.width - 76) / charWidth())) : 0;
    const rows = useMemo(() => {
        let all = lines.current.all();
        if (only && low) all = all.filter((line) => line.plain.toLowerCase().includes(low));
        return rowsOf(all, columns);
    }, [version, columns, only && low]);
    const hits = useMemo(() => {
        if (!low) return [];
        const found = [];
        rows.forEach((row, i) => row.first && row.line.plain.toLowerCase().includes(low) && found.push(i));
        return found;
    }, [rows, low]);

    useLayoutEffect(() => {
        if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
    }, [rows, follow, view.height]);

    const scrolled = () => {
        const scroller = box.current;
        setView({ top: scroller.scrollTop, height: scroller.clientHeight, width: scroller.clientWidth });
        const atEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - lineHeight * 1.5;
        if (!atEnd && follow) setFollow(false);
        if (atEnd && !follow) setFollow(true);
    };
    const jump = (step) => {
        if (!hits.length) return;
        const next = (hit + step + hits.length) % hits.length;
        setHit(next);
        setFollow(false);
        box.current.scrollTop = hits[next] * lineHeight - view.height / 2;
    };
    const first = Math.max(0, Math.floor(view.top / lineHeight) - 12);
    const last = Math.min(rows.length, Math.ceil((view.top + view.height) / lineHeight) + 12);
    const widest = wrap ? 0 : rows.reduce((most, row) => Math.max(most, row.to), 0);
    const current = hits[hit];
    const isEmpty = rows.length === 0 && !fault;

    return (
        <div class="log" style={height ? { height } : undefined}>
            <div class="log-tools">
                <label class="search small">
                    <Icon name="search" size={15} />
                    <input type="search" value={needle} placeholder={t("log_search")} aria-label={t("log_search")} spellcheck={false}
                        onInput={(event) => (setNeedle(event.currentTarget.value), setHit(0))}
                        onKeyDown={(event) => event.key === "Enter" && jump(event.shiftKey ? -1 : 1)} />
                </label>
                {needle && <span class="log-hits" role="status">{hits.length ? `${Math.min(hit + 1, hits.length)} / ${number(hits.length)}` : t("no_hits")}</span>}
                {needle && <Button icon="up" small label={t("hit_before")} onClick={() => jump(-1)} />}
                {needle && <Button icon="down" small label={t("hit_after")} onClick={() => jump(1)} />}
                {needle && <label class="check"><input type="checkbox" checked={only} onChange={() => setOnly(!only)} />{t("only_hits")}</label>}
                <span class="grow" />
                {state.size != null && <span class="quiet log-size">{bytes(state.size)}</span>}
                {tools}
                <Button icon="wrap" small label={t("wrap")} aria-pressed={wrap} onClick={() => setWrap(!wrap)} />
                <Button icon="follow" small label={t("follow")} aria-pressed={follow} onClick={() => setFollow(!follow)} />
            </div>
            {state.skipped > 0 && <p class="log-note"><Icon name="why" size={14} />{t("log_skipped", { bytes: bytes(state.skipped) })}</p>}
            {lines.current.dropped > 0 && <p class="log-note"><Icon name="why" size={14} />{t("log_dropped", { count: number(lines.current.dropped) })}</p>}
            {fault && <Fault error={fault} again={() => setAgain(again + 1)} />}
            <div class="log-box" ref={box} onScroll={scrolled} role="log" aria-label={name} aria-live="off" tabIndex={0}>
                <div class="log-body" style={{ height: `${rows.length * lineHeight}px`, minWidth: widest ? `calc(${widest}ch + 76px)` : undefined }}>
                    {rows.slice(first, last).map((row, offset) => (
                        <div key={first + offset} class={`log-row ${first + offset === current ? "current" : ""}`} style={{ top: `${(first + offset) * lineHeight}px` }}>
                            <span class="log-number" aria-hidden="true">{row.first ? row.line.number : ""}</span>
                            <span class="log-text">{partsOf(row, low).map((part, i) => (part.hit ? <mark key={i} class={part.class}>{part.text}</mark> : part.class ? <span key={i} class={part.class}>{part.text}</span> : part.text))}</span>
                        </div>
                    ))}
                </div>
                {isEmpty && <Empty icon="log" title={empty || (state.ended ? t("log_empty_ended") : t("log_empty"))}>{!empty && !state.ended && t("log_empty_words")}</Empty>}
            </div>
            {!follow && rows.length > 0 && <button type="button" class="to-end" onClick={() => setFollow(true)}><Icon name="follow" size={15} />{t("to_the_end")}</button>}
        </div>
    );
}

let measured = 0;
function charWidth() {
    if (measured) return measured;
    const probe = document.createElement("span");
    probe.className = "log-probe";
    probe.textContent = "0".repeat(100);
    document.body.append(probe);
    measured = probe.getBoundingClientRect().width / 100 || 7.3;
    probe.remove();
    return measured;
}
