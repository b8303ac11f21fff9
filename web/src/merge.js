// merge.js: rows that were told, put into a list that is there.

/** The list with each row of `changes` (key -> row, null: gone) put in its place. */
export function merged(list, changes, keyOf) {
    const rest = new Map(changes);
    const next = [];
    for (const row of list) {
        const key = keyOf(row);
        if (!rest.has(key)) {
            next.push(row);
            continue;
        }
        const change = rest.get(key);
        rest.delete(key);
        if (change) next.push({ ...row, ...change });
    }
    for (const change of rest.values()) if (change) next.push(change);
    return next;
}
