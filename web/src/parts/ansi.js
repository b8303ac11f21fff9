// parts/ansi.js: log text with ANSI colours as runs of styled text. Whatever a program writes comes out
// as text nodes with classes from a closed list: there is no way from a log line to markup.

// CSI, OSC (title, links) and two-byte escapes; the rest of the control characters are dropped.
const escape = /\x1b(?:\[([0-?]*)([ -/]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_=>78c])/g;
const control = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g;

export const plain = (line) => line.replace(escape, "").replace(/\x1b/g, "").replace(control, "");

function next(style, parameters) {
    const codes = parameters === "" ? [0] : parameters.split(/[;:]/).map((code) => Number(code || 0));
    const now = { ...style };
    for (let i = 0; i < codes.length; i++) {
        const code = codes[i];
        if (code === 0) for (const key of Object.keys(now)) delete now[key];
        else if (code === 1) now.bold = true;
        else if (code === 2) now.faint = true;
        else if (code === 3) now.italic = true;
        else if (code === 4) now.under = true;
        else if (code === 7) now.inverse = true;
        else if (code === 22) delete now.bold, delete now.faint;
        else if (code === 23) delete now.italic;
        else if (code === 24) delete now.under;
        else if (code === 27) delete now.inverse;
        else if (code >= 30 && code <= 37) now.fore = code - 30;
        else if (code >= 90 && code <= 97) now.fore = code - 82;
        else if (code === 39) delete now.fore;
        else if (code >= 40 && code <= 47) now.back = code - 40;
        else if (code >= 100 && code <= 107) now.back = code - 92;
        else if (code === 49) delete now.back;
        else if (code === 38 || code === 48) {
            const key = code === 38 ? "fore" : "back";
            if (codes[i + 1] === 5) now[key] = ofCube(codes[i + 2]), (i += 2);
            else if (codes[i + 1] === 2) now[key] = nearest(codes[i + 2], codes[i + 3], codes[i + 4]), (i += 4);
        }
    }
    return now;
}

/** One of the 256 as one of the 16 the page has contrast for. */
function ofCube(index) {
    if (!(index >= 0)) return 7;
    if (index < 16) return index;
    if (index >= 232) return index < 244 ? 8 : 7;
    const rest = index - 16;
    return nearest(Math.floor(rest / 36) * 51, (Math.floor(rest / 6) % 6) * 51, (rest % 6) * 51);
}

function nearest(red = 0, green = 0, blue = 0) {
    const most = Math.max(red, green, blue);
    if (most < 60) return 8;
    const bit = (value) => (value > most * 0.6 ? 1 : 0);
    return bit(red) + bit(green) * 2 + bit(blue) * 4 + (most > 170 ? 8 : 0);
}

export function classOf(style) {
    const names = [];
    const fore = style.inverse ? style.back ?? "ground" : style.fore;
    const back = style.inverse ? style.fore ?? "text" : style.back;
    if (fore !== undefined) names.push(`f-${fore}`);
    if (back !== undefined) names.push(`b-${back}`);
    for (const each of ["bold", "faint", "italic", "under"]) if (style[each]) names.push(`a-${each}`);
    return names.join(" ");
}

/** A line as [{text, class}], and the style that the next line begins with. */
export function styled(line, style = {}) {
    const parts = [];
    let at = 0;
    let now = style;
    const push = (text) => {
        const clean = text.replace(/\x1b/g, "").replace(control, "");
        if (clean) parts.push({ text: clean, class: classOf(now) });
    };
    escape.lastIndex = 0;
    for (let found = escape.exec(line); found; found = escape.exec(line)) {
        push(line.slice(at, found.index));
        at = found.index + found[0].length;
        if (found[3] === "m") now = next(now, found[1] || "");
    }
    push(line.slice(at));
    return { parts, style: now };
}
