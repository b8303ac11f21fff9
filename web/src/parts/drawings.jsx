// parts/drawings.jsx: small pictures of numbers, as SVG: the course of a value, the last runs, a share.

import { t } from "../words.js";
import { number, shortSpan, when } from "../format.js";
import { runTone } from "./tones.js";
import { word } from "./basics.jsx";

/** The course of a value; the newest is at the right. */
export function Spark({ values, most, width = 84, height = 22, label, tone = "" }) {
    const known = values.filter((value) => value != null);
    if (known.length < 2) return <svg class="spark none" width={width} height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}><path d={`M0 ${height - 1.5}H${width}`} /></svg>;
    const top = Math.max(most || 0, ...known, 1e-9);
    const step = width / Math.max(values.length - 1, 1);
    const points = values.map((value, i) => [i * step, height - 1.5 - ((value ?? 0) / top) * (height - 4)]);
    const line = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    return (
        <svg class={`spark ${tone}`} width={width} height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
            <path class="area" d={`${line}L${width} ${height}L0 ${height}Z`} />
            <path d={line} />
        </svg>
    );
}

/** The last runs, oldest at the left: height is duration, colour and notch are how it ended. */
export function Strip({ runs, count = 20, height = 24, open, fit }) {
    const list = runs.slice(0, count).reverse();
    if (fit) count = list.length;
    const most = Math.max(...list.map((run) => run.wall || 0), 0.001);
    const width = count * 6;
    const bad = list.filter((run) => runTone(run) === "bad").length;
    if (list.length === 0) return <span class="quiet">{t("no_runs_yet")}</span>;
    return (
        <svg class="strip" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t("strip_label", { count: list.length, bad })}>
            {list.map((run, i) => {
                const tone = runTone(run);
                const tall = 5 + Math.sqrt((run.wall || 0) / most) * (height - 7);
                const x = (count - list.length + i) * 6;
                return (
                    <g key={run.run} class={tone} onClick={open && (() => open(run))}>
                        <title>{`${word(run.outcome || "running")} · ${when(run.started)} · ${shortSpan(run.wall || 0)}`}</title>
                        <rect x={x} y={height - tall} width="4" height={tall} rx="1" />
                        {tone === "bad" && <rect class="notch" x={x} y={height - 2} width="4" height="2" />}
                    </g>
                );
            })}
        </svg>
    );
}

/** Shares of a whole as one bar, with words for each. */
export function Bar({ parts, label }) {
    const total = parts.reduce((sum, part) => sum + part.value, 0);
    return (
        <div class="bar" role="img" aria-label={`${label}: ${parts.map((part) => `${part.name} ${number(part.value)}`).join(", ")}`}>
            {total === 0 ? null : parts.map((part) => part.value > 0 && <i key={part.name} class={part.tone} style={{ flex: `${Math.max(part.value / total, 0.02)}` }} title={`${part.name}: ${number(part.value)}`} />)}
        </div>
    );
}

/** How far something is: known in percent, or by how long it usually takes. */
export function Progress({ share, label }) {
    const value = Math.max(0, Math.min(1, share));
    return <div class="progress" role="progressbar" aria-label={label} aria-valuemin="0" aria-valuemax="100" aria-valuenow={Math.round(value * 100)}><i style={{ width: `${value * 100}%` }} /></div>;
}
