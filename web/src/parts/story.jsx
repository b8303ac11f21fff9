// parts/story.jsx: the causal timeline as a picture. Rows are what happened, oldest first; the tree at
// the left says what followed from what, the bar at the right when, on one scale of time.

import { t } from "../words.js";
import { clock, date, span } from "../format.js";
import { Link, path } from "../router.jsx";
import { Icon } from "./icons.jsx";
import { eventTone } from "./tones.js";

const rowHeight = 46;
const indent = 18;

const icons = { file: "file", folder: "folders", job: "queue", run: "runs", task: "tasks", program: "programs", trigger: "trigger", message: "messages",
    delivery: "messages", alert: "alerts", config: "configuration", daemon: "overview", maintenance: "pause", user: "people" };

export function iconOf(line) {
    const sort = String(line.subject).split("/")[0];
    const kind = String(line.kind).split(".")[0];
    return icons[kind] && kind !== "job" ? icons[kind] : icons[sort] || icons[kind] || "journal";
}

/** Where a subject ("job/12", "program/web:web_0") has its view. */
export function subjectPath(subject) {
    const slash = String(subject).indexOf("/");
    const sort = subject.slice(0, slash);
    const name = subject.slice(slash + 1);
    const views = { job: "jobs", run: "runs", task: "tasks", program: "programs", folder: "folders" };
    if (sort === "trigger") return path("tasks", name.split("#")[0]);
    if (sort === "file") return path("trace", subject);
    return views[sort] ? path(views[sort], name) : null;
}

/** Each line's parent: the nearest line above that is less deep. */
function withParents(lines) {
    const stack = [];
    return lines.map((line, index) => {
        while (stack.length && lines[stack[stack.length - 1]].depth >= line.depth) stack.pop();
        const parent = stack.length ? stack[stack.length - 1] : -1;
        stack.push(index);
        return { line, index, parent };
    });
}

export function Story({ lines, label }) {
    const rows = withParents(lines);
    const deepest = Math.min(8, Math.max(...lines.map((line) => line.depth), 0));
    const width = (deepest + 1) * indent + 12;
    const x = (depth) => 14 + Math.min(depth, 8) * indent;
    const y = (index) => index * rowHeight + rowHeight / 2;
    const times = lines.map((line) => line.at).filter(Boolean);
    const from = Math.min(...times);
    const to = Math.max(...times);
    const place = (at) => (to > from && at ? ((at - from) / (to - from)) * 100 : 0);
    return (
        <div class="story" role="list" aria-label={label}>
            <div class="story-scale" aria-hidden="true" style={{ width: `calc((100% - ${width}px) * 0.34)` }}><span>{clock(from)}</span><span>{t("story_takes", { span: span(to - from) })}</span><span>{clock(to)}</span></div>
            <div class="story-rows">
                <svg class="story-tree" width={width} height={rows.length * rowHeight} aria-hidden="true" focusable="false">
                    {rows.map(({ line, index, parent }) => parent >= 0 && (
                        <path key={`p${index}`} class="edge" d={`M${x(lines[parent].depth)} ${y(parent) + 8}V${y(index) - 8}Q${x(lines[parent].depth)} ${y(index)} ${x(lines[parent].depth) + 8} ${y(index)}H${x(line.depth) - 7}`} />
                    ))}
                    {rows.map(({ line, index }) => <g key={index} class={`node ${eventTone(line)} ${line.asked ? "asked" : ""}`}><circle cx={x(line.depth)} cy={y(index)} r={line.asked ? 6.5 : 5} /></g>)}
                </svg>
                <div class="story-list">
                    {rows.map(({ line, index, parent }) => {
                        const to = subjectPath(String(line.subject));
                        const before = parent >= 0 ? line.at - lines[parent].at : 0;
                        return (
                            <div class={`story-row ${line.asked ? "asked" : ""}`} role="listitem" key={index} style={{ height: `${rowHeight}px` }} aria-current={line.asked ? "true" : undefined}>
                                <Icon name={iconOf(line)} size={17} />
                                <div class="story-words">
                                    <span class="story-what" title={line.words}>{line.words || line.kind}</span>
                                    <span class="quiet">
                                        <time title={date(line.at)}>{clock(line.at)}</time>
                                        {parent >= 0 && line.at > 0 && <span> · +{span(before)}</span>}
                                        {to ? <span> · <Link to={to}>{line.subject}</Link></span> : line.subject && <span> · {line.subject}</span>}
                                    </span>
                                </div>
                                <div class="story-when" aria-hidden="true"><i class={eventTone(line)} style={{ left: `${place(line.at)}%` }} />{parent >= 0 && <b style={{ left: `${place(lines[parent].at)}%`, width: `${Math.max(0, place(line.at) - place(lines[parent].at))}%` }} />}</div>
                            </div>
                        );
                    })}
                </div>
            </div>
        </div>
    );
}
