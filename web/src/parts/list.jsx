// parts/list.jsx: a list of any length of which only what is seen exists: 100,000 rows cost what 40 do.
//
// Rows have one height (another on narrow screens), so that where a row is needs no measuring. It is a
// grid for those who do not see it: rows and cells have roles, and the arrow keys (or j and k) move.

import { Component } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../words.js";
import { Icon } from "./icons.jsx";

const restsAfter = 80; // ms without scrolling

export const narrow = () => matchMedia("(max-width: 760px)").matches;

export function useNarrow() {
    const [is, set] = useState(narrow);
    useEffect(() => {
        const media = matchMedia("(max-width: 760px)");
        const listen = () => set(media.matches);
        media.addEventListener("change", listen);
        return () => media.removeEventListener("change", listen);
    }, []);
    return is;
}

/**
 * @param rows      the items
 * @param id        item -> its key
 * @param columns   [{key, name, cell(item), class, sort, hide, late}], hide: not on narrow screens
 * @param open      item -> what Enter or a click does
 * @param chosen    a Set of keys, with setChosen: rows can be ticked
 * @param more      called when the end comes into sight
 */
export function List({ rows, id, columns, open, chosen, setChosen, sort, setSort, more, label, height = 44, tall = 64, class: name = "", foot, narrowRow }) {
    const box = useRef();
    const isNarrow = useNarrow();
    const rowHeight = isNarrow ? tall : height;
    const [view, setView] = useState({ top: 0, height: 800 });
    const [at, setAt] = useState(-1);
    const hasHead = !(isNarrow && narrowRow) || !!chosen;
    const now = useRef(-1); // as at, for keys that come faster than rows are drawn
    now.current = Math.min(now.current, rows.length - 1);

    useLayoutEffect(() => {
        const scroller = box.current;
        let rest = 0;
        const read = () => {
            clearTimeout(rest);
            const top = scroller.scrollTop;
            setView((before) => {
                const isPassing = Math.abs(top - before.top) > rowHeight * 3;
                if (isPassing) rest = setTimeout(() => setView((view) => ({ ...view, isPassing: false })), restsAfter);
                return { top, height: scroller.clientHeight, isPassing };
            });
        };
        read();
        const watcher = new ResizeObserver(read);
        watcher.observe(scroller);
        let frame = 0;
        const onScroll = () => {
            if (!frame) frame = requestAnimationFrame(() => ((frame = 0), read()));
        };
        scroller.addEventListener("scroll", onScroll, { passive: true });
        return () => (clearTimeout(rest), watcher.disconnect(), scroller.removeEventListener("scroll", onScroll));
    }, []);

    const first = Math.max(0, Math.floor(view.top / rowHeight) - 8);
    const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + 8);
    useEffect(() => {
        if (more && last >= rows.length - 20) more();
    }, [last, rows.length]);

    const move = (to) => {
        const index = Math.max(0, Math.min(rows.length - 1, to));
        setAt((now.current = index));
        const scroller = box.current;
        const head = hasHead ? 36 : 0;
        const top = index * rowHeight;
        if (top < scroller.scrollTop) scroller.scrollTop = top;
        else if (top + rowHeight + head > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + rowHeight + head - scroller.clientHeight;
        requestAnimationFrame(() => box.current?.querySelector(`[data-index="${index}"]`)?.focus({ preventScroll: true }));
    };
    const tick = (item) => {
        const next = new Set(chosen);
        if (!next.delete(id(item))) next.add(id(item));
        setChosen(next);
    };
    const keys = (event) => {
        if (event.target.closest("input, textarea, select")) return;
        const onRow = now.current >= 0 && !event.target.closest("button, a");
        const row = rows[now.current];
        const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 12, PageUp: -12 };
        if (event.key in steps && !event.metaKey && !event.ctrlKey) move(now.current + steps[event.key]);
        else if (event.key === "Home") move(0);
        else if (event.key === "End") move(rows.length - 1);
        else if (onRow && event.key === "Enter" && row && open) open(row);
        else if (onRow && (event.key === "x" || event.key === " ") && chosen && row) tick(row);
        else return;
        event.preventDefault();
        event.stopPropagation();
    };
    const isPlain = isNarrow && narrowRow; // rows without columns: their head has what chooses all, and nothing else
    const shown = useMemo(() => (isPlain ? [] : columns.filter((column) => !(isNarrow && column.hide))), [columns, isNarrow, !!isPlain]);
    // Rows call what is right now, however long ago they were drawn.
    const latest = useRef();
    latest.current = { open, tick, focus: (index) => index !== now.current && setAt((now.current = index)) };
    const [does] = useState(() => ({ open: (item) => latest.current.open?.(item), tick: (item) => latest.current.tick(item), focus: (index) => latest.current.focus(index) }));
    const all = chosen && rows.length > 0 && rows.every((item) => chosen.has(id(item)));
    const sortBy = (column) => setSort && setSort(sort === column.key ? `-${column.key}` : column.key);

    return (
        <div class={`list ${name}`} role="grid" aria-label={label} aria-rowcount={rows.length + 1} ref={box} onKeyDown={keys} tabIndex={at < 0 ? 0 : -1} data-list
            onFocus={(event) => event.target === box.current && rows.length > 0 && now.current < 0 && move(0)}>
            {hasHead && <div class="list-head" role="row">
                {chosen && (
                    <span role="columnheader" class="tick">
                        <label class="tick-all"><input type="checkbox" checked={all} aria-label={t("select_all")} onChange={() => setChosen(all ? new Set() : new Set(rows.map(id)))} />{isPlain && <span aria-hidden="true">{t("select_all")}</span>}</label>
                    </span>
                )}
                {shown.map((column) => (
                    <span role="columnheader" key={column.key} class={`cell ${column.class || ""}`} aria-sort={sort === column.key ? "ascending" : sort === `-${column.key}` ? "descending" : undefined}>
                        {column.sort && setSort
                            ? <button type="button" class="sort" onClick={() => sortBy(column)}>{column.name}{(sort === column.key || sort === `-${column.key}`) && <Icon name={sort === column.key ? "up" : "down"} size={12} />}</button>
                            : <span>{column.name}</span>}
                    </span>
                ))}
            </div>}
            <div class="list-body" role="presentation" style={{ height: `${rows.length * rowHeight}px` }}>
                {rows.slice(first, last).map((item, offset) => {
                    const index = first + offset;
                    const key = id(item);
                    return <Row key={key} name={key} item={item} index={index} height={rowHeight} columns={shown} isPassing={!!view.isPassing} narrowRow={isPlain ? narrowRow : null} isAt={index === at}
                        ticked={chosen ? chosen.has(key) : null} opens={!!open} does={does} />;
                })}
            </div>
            {foot && <div class="list-foot">{foot}</div>}
        </div>
    );
}

/**
 * A row is drawn again when something it shows may be another, not because the list is scrolled. Of rows that fly
 * past, `late` columns (buttons nobody could hit) are drawn once the list rests.
 */
class Row extends Component {
    shouldComponentUpdate(next) {
        return (!this.isWhole && !next.isPassing) || Object.keys(next).some((key) => key !== "isPassing" && next[key] !== this.props[key]);
    }
    render({ isPassing, ...props }) {
        this.isWhole ||= !isPassing;
        return this.draw(props);
    }
    draw({ name, item, index, height, columns, narrowRow, isAt, ticked, opens, does }) {
        return (
            <div class={`row ${ticked ? "chosen" : ""} ${opens ? "opens" : ""}`} role="row" data-index={index} aria-rowindex={index + 2} aria-selected={ticked ?? undefined} tabIndex={isAt ? 0 : -1}
                style={{ top: `${index * height}px`, height: `${height}px` }} onFocus={() => does.focus(index)} onClick={(event) => !event.target.closest("button, a, input, label") && does.open(item)}>
                {ticked !== null && <span role="gridcell" class="tick"><input type="checkbox" checked={ticked} aria-label={t("select_row", { name })} tabIndex={-1} onChange={() => does.tick(item)} /></span>}
                {narrowRow
                    ? <span role="gridcell" class="cell wide narrow-row">{narrowRow(item)}</span>
                    : columns.map((column) => <span role="gridcell" class={`cell ${column.class || ""}`} key={column.key}>{(this.isWhole || !column.late) && column.cell(item)}</span>)}
            </div>
        );
    }
}

/** Sorted by a column's `sort` (item -> number or text). */
export function sorted(rows, columns, sort) {
    const column = columns.find((each) => each.key === sort.replace("-", ""));
    if (!column || !column.sort) return rows;
    const way = sort.startsWith("-") ? -1 : 1;
    // What is compared is asked of each row once: 1,000 rows are compared 10,000 times.
    const keyed = rows.map((row) => [column.sort(row), row]);
    keyed.sort(([a], [b]) => (typeof a === "string" ? byName.compare(a, b) : a < b ? -1 : a > b ? 1 : 0) * way);
    return keyed.map(([, row]) => row);
}

const byName = new Intl.Collator(undefined, { numeric: true });
