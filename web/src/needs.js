// needs.js: what needs a person, for everybody on the page who says so: the overview and the mark at the
// top ask the same questions, so that they cannot disagree.

import { useAudit, useChannels, useFolders, useMaintenance, useStatus, useTasks, useWork } from "./house.js";
import { useAlerts } from "./views/messages.jsx";
import { troubles } from "./troubles.js";

/** {list, count, worst}; null while the house has not answered. */
export function useNeeds() {
    const status = useStatus().data;
    const tasks = useTasks().data;
    const work = useWork().data;
    const folders = useFolders().data;
    const audit = useAudit().data;
    const maintenance = useMaintenance().data;
    const alerts = useAlerts().data;
    const channels = useChannels().data;
    if (!status) return null;
    const list = troubles({ status, tasks, work, folders, audit, maintenance, alerts, channels });
    const worst = list.some((each) => each.tone === "bad") ? "bad" : list.some((each) => each.tone === "warn") ? "warn" : "good";
    return { list, worst, count: list.filter((each) => each.tone !== "note").length };
}
