// parts/chart.jsx: a chart over time by uPlot, in the page's colours, redrawn when the theme changes.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * @param data    [[seconds...], [values...], ...]
 * @param series  [{label, color: "--good", bars, fill, print}]
 * @param stamps  for one thing after another instead of on a scale of time: data[0] counts, and this is when
 */
export function Chart({ data, series, height = 180, label, print, stamps, onPick }) {
    const at = useRef();
    at.current = (place) => (stamps ? stamps[place] : place);
    const box = useRef();
    const plot = useRef();
    const shape = JSON.stringify(series.map((each) => [each.label, each.color, each.bars])) + height;

    useEffect(() => {
        const element = box.current;
        const make = () => {
            if (plot.current) plot.current.destroy();
            const axis = {
                stroke: color("--quiet"),
                font: "11px system-ui, sans-serif",
                grid: { stroke: color("--line"), width: 1 },
                ticks: { show: false },
            };
            plot.current = new uPlot({
                width: Math.max(element.clientWidth, 120),
                height,
                padding: [10, 8, 0, 0],
                legend: { show: false },
                cursor: { points: { size: 7 }, drag: { x: false, y: false }, y: false },
                axes: [{ ...axis, space: 70, size: 26, values: (self, splits) => times(splits.map((place) => (Number.isInteger(place) || !stamps ? at.current(place) : undefined))), incrs: stamps ? [1, 2, 5, 10, 20, 50, 100] : undefined }, { ...axis, size: 58, gap: 6, values: (self, splits) => splits.map((value) => print(value)) }],
                scales: { x: { time: !stamps, range: stamps ? (self, low, high) => [low - 0.6, high + 0.6] : undefined }, y: { range: (self, low, high) => [0, high > 0 ? high * 1.08 : 1] } },
                series: [{}, ...series.map((each) => ({
                    label: each.label,
                    stroke: color(each.color),
                    width: each.bars ? 0 : 1.6,
                    fill: each.bars ? color(each.color) : each.fill ? color(each.fill) : undefined,
                    paths: each.bars ? uPlot.paths.bars({ size: [0.7, 14, 2] }) : undefined,
                    points: { show: false },
                }))],
                hooks: { setCursor: [(self) => tell(self)] },
            }, data, element);
        };
        const stampOf = (place) => at.current(place);
        const tell = (self) => {
            const note = element.parentNode.querySelector(".chart-note");
            const at = self.cursor.idx; // of the data
            if (!note) return;
            note.textContent = at == null ? "" : `${new Date(stampOf(self.data[0][at]) * 1000).toLocaleString(document.documentElement.lang)} · ${series.map((each, i) => (self.data[i + 1][at] == null ? "" : `${each.label} ${print(self.data[i + 1][at])}`)).filter(Boolean).join(" · ")}`;
        };
        make();
        const resize = new ResizeObserver(() => plot.current && plot.current.setSize({ width: Math.max(element.clientWidth, 120), height }));
        resize.observe(element);
        const theme = new MutationObserver(make);
        theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "lang"] });
        const media = matchMedia("(prefers-color-scheme: dark)");
        media.addEventListener("change", make);
        const pick = () => onPick && plot.current.cursor.idx != null && onPick(plot.current.cursor.idx);
        element.addEventListener("click", pick);
        return () => {
            element.removeEventListener("click", pick);
            media.removeEventListener("change", make);
            theme.disconnect();
            resize.disconnect();
            plot.current.destroy();
            plot.current = null;
        };
    }, [shape]);

    useEffect(() => {
        if (plot.current) plot.current.setData(data);
    }, [data]);

    return (
        <figure class="chart" role="img" aria-label={label}>
            <div ref={box} />
            <figcaption>{series.length > 1 && series.map((each) => <span key={each.label} class="key"><i class={each.color.slice(2)} />{each.label}</span>)}<span class="chart-note" /></figcaption>
        </figure>
    );
}

function times(splits) {
    const known = splits.filter((at) => at !== undefined);
    const wide = known.length > 1 && known[known.length - 1] - known[0] > 86400;
    const fine = known.length > 1 && known[1] - known[0] < 60;
    return splits.map((at) => at === undefined ? "" : new Date(at * 1000).toLocaleString(document.documentElement.lang === "de" ? "de-DE" : "en-GB", wide ? { day: "numeric", month: "numeric" } : { hour: "2-digit", minute: "2-digit", second: fine ? "2-digit" : undefined }));
}
