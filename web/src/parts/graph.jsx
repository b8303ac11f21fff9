// parts/graph.jsx: who needs whom, drawn in layers: what others stand on is at the left.

import { t } from "../words.js";
import { go, path } from "../router.jsx";
import { Empty, State, word } from "./basics.jsx";
import { Shape } from "./icons.jsx";
import { programTone } from "./tones.js";

const wide = 168;
const tall = 46;
const gapX = 64;
const gapY = 16;
const order = ["bad", "warn", "work", "idle", "note", "good"];

/** Programs as nodes {name, processes, needs, tone}. */
function nodesOf(processes) {
    const byName = new Map();
    const programOf = new Map();
    for (const process of processes) {
        programOf.set(`${process.group}:${process.name}`, process.program);
        programOf.set(process.name, process.program);
        if (!byName.has(process.program)) byName.set(process.program, { name: process.program, processes: [], needs: new Set() });
        byName.get(process.program).processes.push(process);
    }
    for (const process of processes)
        for (const need of process.needs || []) {
            const other = byName.has(need) ? need : programOf.get(need);
            if (other && other !== process.program) byName.get(process.program).needs.add(other);
        }
    for (const node of byName.values()) node.tone = node.processes.map(programTone).sort((a, b) => order.indexOf(a) - order.indexOf(b))[0];
    return byName;
}

function layout(nodes) {
    const levels = new Map();
    const level = (name, path = []) => {
        if (levels.has(name)) return levels.get(name);
        if (path.includes(name)) return 0; // the configuration refuses circles; a picture survives them
        const needs = [...nodes.get(name).needs];
        const value = needs.length ? 1 + Math.max(...needs.map((need) => level(need, [...path, name]))) : 0;
        levels.set(name, value);
        return value;
    };
    const needed = new Set([...nodes.values()].flatMap((node) => [...node.needs]));
    const tied = [...nodes.values()].filter((node) => node.needs.size || needed.has(node.name));
    const columns = [];
    for (const node of tied) (columns[level(node.name)] ||= []).push(node);
    const places = new Map();
    columns.forEach((column, x) => {
        const weight = (node) => {
            const rows = [...node.needs].map((need) => places.get(need)?.row ?? 0);
            return rows.length ? rows.reduce((a, b) => a + b, 0) / rows.length : 0;
        };
        if (x > 0) column.sort((a, b) => weight(a) - weight(b) || a.name.localeCompare(b.name));
        column.forEach((node, row) => places.set(node.name, { node, row, x: x * (wide + gapX), y: row * (tall + gapY) }));
    });
    const lone = [...nodes.values()].filter((node) => !places.has(node.name));
    return { places, lone, width: columns.length * (wide + gapX) - gapX, height: Math.max(1, ...columns.map((column) => column.length)) * (tall + gapY) - gapY };
}

export function Graph({ processes, around }) {
    const nodes = nodesOf(processes);
    if (around) keepAround(nodes, around);
    const { places, lone, width, height } = layout(nodes);
    if (places.size === 0)
        return around ? <p class="quiet">{t("graph_none_of", { name: around })}</p> : <Empty icon="graph" title={t("graph_none")}>{t("graph_none_words")}</Empty>;
    const open = (name) => go(path("programs", "", { q: name }));
    return (
        <div class="graph">
            <div class="graph-scroll">
                <svg width={width + 4} height={height + 4} viewBox={`-2 -2 ${width + 4} ${height + 4}`} role="group" aria-label={t("graph")}>
                    {[...places.values()].flatMap(({ node, x, y }) => [...node.needs].map((need) => {
                        const from = places.get(need);
                        const x1 = from.x + wide;
                        const y1 = from.y + tall / 2;
                        const y2 = y + tall / 2;
                        const bend = Math.max(28, (x - x1) / 2);
                        return <path key={`${need} ${node.name}`} class={`edge ${from.node.tone}`} d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x - bend} ${y2} ${x} ${y2}`} />;
                    }))}
                    {[...places.values()].map(({ node, x, y }) => {
                        const up = node.processes.filter((process) => process.statename === "RUNNING").length;
                        return (
                            <g key={node.name} class={`box ${node.tone} ${node.name === around ? "asked" : ""}`} transform={`translate(${x} ${y})`} tabindex="0" role="link"
                                onClick={() => open(node.name)} onKeyDown={(event) => event.key === "Enter" && open(node.name)}>
                                <rect width={wide} height={tall} rx="9" />
                                <svg x="12" y="17" width="12" height="12" overflow="visible"><Shape tone={node.tone} /></svg>
                                <text x="33" y="20" class="graph-name">{node.name.length > 18 ? `${node.name.slice(0, 17)}…` : node.name}</text>
                                <text x="33" y="35" class="graph-note">{t("up_of", { up, count: node.processes.length })}</text>
                            </g>
                        );
                    })}
                </svg>
            </div>
            {!around && lone.length > 0 && <p class="graph-lone"><span class="quiet">{t("graph_alone")}</span> {lone.slice(0, 60).map((node) => <State key={node.name} tone={node.tone}>{node.name}</State>)}{lone.length > 60 && ` +${lone.length - 60}`}</p>}
        </div>
    );
}

/** Only what a program needs and what needs it, near and far. */
function keepAround(nodes, name) {
    const keep = new Set([name]);
    const down = (each) => nodes.get(each)?.needs.forEach((need) => !keep.has(need) && (keep.add(need), down(need)));
    down(name);
    const up = (each) => [...nodes.values()].forEach((node) => node.needs.has(each) && !keep.has(node.name) && (keep.add(node.name), up(node.name)));
    up(name);
    for (const each of [...nodes.keys()]) if (!keep.has(each)) nodes.delete(each);
    for (const node of nodes.values()) node.needs = new Set([...node.needs].filter((need) => keep.has(need)));
}

export const stateWord = word;
