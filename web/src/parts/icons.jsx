// parts/icons.jsx: the page's drawings, as strokes on a grid of 20. They are decoration: what they mean
// stands beside them in words or in the label of what carries them.

const paths = {
    overview: "M3 9.5 10 4l7 5.5V16H3zM8 16v-4h4v4",
    programs: "M3 4h14v9H3zM7 16.5h6M10 13v3.5",
    tasks: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6v4.2l2.8 1.8",
    folders: "M2.5 5.5h5l1.5 2h8.5v8h-15z",
    queue: "M3 5h14M3 10h14M3 15h9",
    runs: "M5 3.5h7l3.5 3.5v9.5H5zM8 9.5h5M8 12.5h5",
    journal: "M4 3.5h10a2 2 0 0 1 2 2v11H6a2 2 0 0 1-2-2zM7.5 7h5M7.5 10h5",
    calendar: "M3 5h14v12H3zM3 8.5h14M7 3v3M13 3v3",
    messages: "M3 5h14v10H3zM3 5.5l7 5.5 7-5.5",
    alerts: "M10 3.2a4.8 4.8 0 0 0-4.8 4.8c0 4.2-1.7 5.5-1.7 5.5h13s-1.7-1.3-1.7-5.5A4.8 4.8 0 0 0 10 3.2zM8.3 16.5h3.4",
    configuration: "M4 6h7M15 6h1M4 14h2M10 14h6M13 4v4M8 12v4",
    people: "M7.5 9.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM2.5 16.5c0-3 2-5 5-5s5 2 5 5M13 9.3a2.4 2.4 0 1 0-.6-4.7M14 11.8c2.2.3 3.5 2.1 3.5 4.7",
    moment: "M4 10a6 6 0 1 0 2-4.5L4 7.5M4 4v3.5h3.5M10 6.8V10l2.4 1.6",
    search: "M8.8 4a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6zM12.4 12.4 17 17",
    play: "M6.5 4.5v11l9-5.5z",
    stop: "M5.5 5.5h9v9h-9z",
    restart: "M16 10a6 6 0 1 1-2-4.5L16 7.5M16 4v3.5h-3.5",
    pause: "M7 4.5v11M13 4.5v11",
    retry: "M4 10a6 6 0 0 1 10.4-4L16 7.5M16 4v3.5h-3.5M16 10a6 6 0 0 1-10.4 4L4 12.5M4 16v-3.5h3.5",
    cancel: "M5 5l10 10M15 5 5 15",
    check: "M4 10.5 8 14.5 16 6",
    log: "M3 4h14v12H3zM6 8l2 2-2 2M10 12.5h4",
    why: "M7.5 7.5A2.6 2.6 0 0 1 10 5.2c1.5 0 2.6 1 2.6 2.3 0 1.9-2.6 2-2.6 4M10 14.3v.6",
    trace: "M5 4v12M5 7h6v4h5M9.5 16H5M16 11h.01",
    menu: "M3 5.5h14M3 10h14M3 14.5h14",
    more: "M4.4 10a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0zM9.4 10a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0zM14.4 10a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0z",
    next: "M7.5 4.5 13 10l-5.5 5.5",
    down: "M4.5 7.5 10 13l5.5-5.5",
    up: "M4.5 12.5 10 7l5.5 5.5",
    back: "M12.5 4.5 7 10l5.5 5.5",
    light: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1",
    dark: "M16 11.5A6.5 6.5 0 0 1 8.5 4a6.5 6.5 0 1 0 7.5 7.5z",
    upload: "M10 13V4M6 8l4-4 4 4M3.5 13v3.5h13V13",
    graph: "M4 4h4v4H4zM12 12h4v4h-4zM12 4h4v4h-4zM8 6h4M6 8v6h6",
    list: "M7 5h10M7 10h10M7 15h10M3.5 5h.01M3.5 10h.01M3.5 15h.01",
    follow: "M10 3.5v10M5.5 9.5l4.5 4.5 4.5-4.5M4 16.8h12",
    wrap: "M3 5h14M3 10h11a2.5 2.5 0 0 1 0 5h-4M12 13l-2 2 2 2M3 15h3",
    plus: "M10 4v12M4 10h12",
    external: "M8 4H4v12h12v-4M11 4h5v5M16 4l-7 7",
    file: "M5 3.5h7l3.5 3.5v9.5H5zM12 3.5V7h3.5",
    trigger: "M11 2.5 4.5 11.5h5l-1 6 6.5-9h-5z",
    token: "M7 6.5a3.5 3.5 0 1 0 3 5.2h1.5l1.5-1.5 1.5 1.5 1.5-1.5 1.5 1.5V8.5H10A3.5 3.5 0 0 0 7 6.5zM6.5 10h.01",
    signout: "M8 4H4v12h4M12 6.5l3.5 3.5-3.5 3.5M15.5 10H8",
    copy: "M7 7h9v9H7zM4 13V4h9",
    download: "M10 4v9M6 9l4 4 4-4M3.5 13v3.5h13V13",
    keyboard: "M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6 11.8h8",
};

export function Icon({ name, size = 18 }) {
    return (
        <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d={paths[name] || paths.file} />
        </svg>
    );
}

/** The house with its flame. */
export function Mark({ size = 26 }) {
    return (
        <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect class="mark-ground" width="32" height="32" rx="8" />
            <path class="mark-house" d="M7 15.5 16 8l9 7.5V25H7z" />
            <path class="mark-flame" d="M16 14.2c2.2 2.1 3 3.3 3 4.7a3 3 0 0 1-6 0c0-1.4.8-2.6 3-4.7z" />
        </svg>
    );
}

// A state is a shape before it is a colour.
const shapes = {
    good: <circle cx="6" cy="6" r="4.5" />,
    work: <g><circle cx="6" cy="6" r="4.3" class="ring" /><path d="M6 1.7a4.3 4.3 0 0 1 0 8.6z" /></g>,
    warn: <path d="M6 1.2 11.2 10.6H.8z" />,
    bad: <path d="M1.8 1.8h8.4v8.4H1.8z" />,
    idle: <circle cx="6" cy="6" r="3.7" class="ring" />,
    note: <path d="M6 .9 11.1 6 6 11.1.9 6z" class="ring" />,
};

export function Shape({ tone, size = 12 }) {
    return (
        <svg class={`shape ${tone}`} width={size} height={size} viewBox="0 0 12 12" aria-hidden="true" focusable="false">
            {shapes[tone] || shapes.idle}
        </svg>
    );
}
