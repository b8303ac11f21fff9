// views.js: the table of views: address, drawing, key, group. The navigation, the palette and the help
// are read from it.

import { Overview } from "./views/overview.jsx";
import { Programs } from "./views/programs.jsx";
import { Program } from "./views/program.jsx";
import { Tasks } from "./views/tasks.jsx";
import { Task } from "./views/task.jsx";
import { Folders } from "./views/folders.jsx";
import { Queue } from "./views/queue.jsx";
import { Job } from "./views/job.jsx";
import { Runs } from "./views/runs.jsx";
import { Run } from "./views/run.jsx";
import { Journal } from "./views/journal.jsx";
import { Trace } from "./views/trace.jsx";
import { Calendar } from "./views/calendar.jsx";
import { Moment } from "./views/moment.jsx";
import { Configuration } from "./views/configuration.jsx";
import { People } from "./views/people.jsx";
import { Messages } from "./views/messages.jsx";

// clang-format off
export const views = [
    { key: "overview",      letter: "o", view: Overview,      group: "now" },
    { key: "programs",      letter: "p", view: Programs,      group: "now",   one: Program },
    { key: "tasks",         letter: "t", view: Tasks,         group: "now",   one: Task },
    { key: "folders",       letter: "f", view: Folders,       group: "now",   one: Folders },
    { key: "queue",         letter: "q", view: Queue,         group: "now" },
    { key: "messages",      letter: "m", view: Messages,      group: "now",   one: Messages },
    { key: "runs",          letter: "r", view: Runs,          group: "then",  one: Run },
    { key: "journal",       letter: "j", view: Journal,       group: "then" },
    { key: "calendar",      letter: "c", view: Calendar,      group: "then" },
    { key: "moment",        letter: "z", view: Moment,        group: "then" },
    { key: "configuration", letter: "s", view: Configuration, group: "house" },
    { key: "people",        letter: "u", view: People,        group: "house" },
    { key: "jobs",          view: Queue,                      one: Job,       in: "queue" },
    { key: "trace",         view: Trace,                      one: Trace,     in: "journal" },
];
// clang-format on

export const shownViews = views.filter((each) => each.group);
export const findView = (key) => views.find((each) => each.key === key);
