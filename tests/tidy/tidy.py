"""The code keeps its own rules: rooms, circles, sizes, opening words, headers that stand alone.

Usage: tidy.py [--root DIR] rules          every rule but the headers
       tidy.py [--root DIR] headers CXX    each header that no source includes first compiled by itself
Prints one line a fault, "path:line: what", and exits with 1 when there is any.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

LONGEST_FUNCTION = 70
LONGEST_FILE = 600
PURPOSE_LINES = 2  # an opening comment shorter than this says nothing

C_AND_CPP_HEADERS = re.compile(
    r"^(algorithm|any|array|atomic|bit|bitset|cassert|cctype|cerrno|cfloat|charconv|chrono|cinttypes|climits|clocale|"
    r"cmath|compare|concepts|condition_variable|csignal|cstdarg|cstddef|cstdint|cstdio|cstdlib|cstring|ctime|cwchar|"
    r"deque|exception|filesystem|forward_list|fstream|functional|future|initializer_list|iomanip|ios|iosfwd|iostream|"
    r"istream|iterator|limits|list|locale|map|memory|memory_resource|mutex|new|numbers|numeric|optional|ostream|queue|"
    r"random|ranges|ratio|regex|set|source_location|span|sstream|stack|stdexcept|stop_token|streambuf|string|"
    r"string_view|system_error|thread|tuple|type_traits|typeindex|typeinfo|unordered_map|unordered_set|utility|"
    r"valarray|variant|vector|version)$"
)
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def read_rooms(path):
    rooms = {}
    for line in open(path, encoding="utf-8"):
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, rest = line.split(":", 1)
        may, outside = rest.split("|")
        rooms[name] = (set(may.split()), outside.split())
    return rooms


def sources(root):
    for folder, _, files in sorted(os.walk(os.path.join(root, "src"))):
        for name in sorted(files):
            if name.endswith((".h", ".cc")):
                yield os.path.relpath(os.path.join(folder, name), root)


def includes(root, path):
    for number, line in enumerate(open(os.path.join(root, path), encoding="utf-8"), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1), found.group(2)


def room_in(path, rooms):
    """The room of "net/client/post.h": a folder of a room that has a row of its own, or the room."""
    parts = path.split("/")
    inner = "/".join(parts[:2])
    return inner if len(parts) > 2 and inner in rooms else parts[0]


def room_of(path, rooms):
    return room_in(path.split("/", 1)[1], rooms)


def is_for_tests(path):
    return path.endswith(("_test.cc", "_test.h")) or os.path.basename(path).startswith("test_")


def check_rooms(root, path, rooms):
    room = room_of(path, rooms)
    if room not in rooms:
        yield f"{path}:1: room '{room}' is not in tests/tidy/rooms.txt"
        return
    may, outside = rooms[room]
    is_test = is_for_tests(path)
    for number, kind, name in includes(root, path):
        if kind == '"':
            other = room_in(name, rooms)
            file_allowed = any("/" in each and name.startswith(each) for each in may)
            allowed = other == room or "*" in may or other in may or file_allowed
            allowed = allowed or (is_test and other in ("sim", "daemon", "config", "text"))
            if not allowed:
                yield f"{path}:{number}: '{room}' may not include '{name}'; it may include: {' '.join(sorted(may)) or 'nothing'}"
        elif not is_test and "*" not in outside and not C_AND_CPP_HEADERS.match(name):
            if not any(name.startswith(each) for each in outside):
                yield f"{path}:{number}: '{room}' may not include <{name}>; from outside it may include: {' '.join(outside) or 'nothing'}"


def check_circles(root, paths):
    """Modules (x.h and x.cc, and x_asio.h, the inside of x) that include each other in a circle."""
    module = lambda path: re.sub(r"(_asio)?\.(h|cc)$", "", path)
    edges = {}
    for path in paths:
        if is_for_tests(path):
            continue
        for _, kind, name in includes(root, path):
            target = module("src/" + name)
            if kind == '"' and target != module(path):
                edges.setdefault(module(path), set()).add(target)
    state, trail = {}, []

    def visit(node):
        state[node] = "open"
        trail.append(node)
        for other in sorted(edges.get(node, ())):
            if state.get(other) == "open":
                circle = trail[trail.index(other):] + [other]
                yield f"{node}.h:1: modules include each other in a circle: {' -> '.join(circle)}"
            elif other not in state:
                yield from visit(other)
        trail.pop()
        state[node] = "done"

    for node in sorted(edges):
        if node not in state:
            yield from visit(node)


def check_opening(root, path):
    lines = open(os.path.join(root, path), encoding="utf-8").read().split("\n")
    opening = []
    for line in lines:
        if not line.startswith("//"):
            break
        opening.append(line[2:].strip())
    name = path[len("src/"):]
    if not opening or not opening[0].startswith(name + ": "):
        yield f"{path}:1: does not open with its purpose: '// {name}: what it is for'"
    elif len(" ".join(opening)) < len(name) + 20:
        yield f"{path}:1: the opening says too little of what the file is for"


def blank_out(text):
    """The same text with comments, strings and character literals replaced by blanks."""
    token = re.compile(
        r'R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Za-z_])\'(?:\\.|[^\'\\\n])+\'',
        re.S,
    )
    keep_lines = lambda found: re.sub(r"[^\n]", " ", found.group(0))
    text = token.sub(keep_lines, text)
    return re.sub(r"(?m)^\s*#(?:.*\\\n)*.*$", lambda found: re.sub(r"[^\n]", " ", found.group(0)), text)


def functions(text):
    """(first line, last line, heading) of every function body outside other functions."""
    text = blank_out(text)
    depth_of_function, stack, heading_start, start_line = None, [], 0, 1
    line = 1
    for index, character in enumerate(text):
        if character == "\n":
            line += 1
        elif character == "{":
            heading = text[heading_start:index].strip()
            if depth_of_function is None and is_function(heading):
                depth_of_function = len(stack)
                start_line = text[: heading_start + len(text[heading_start:index]) - len(text[heading_start:index].lstrip())].count("\n") + 1
                name = heading
            stack.append(character)
            heading_start = index + 1
        elif character == "}":
            if stack:
                stack.pop()
            if depth_of_function is not None and len(stack) == depth_of_function:
                yield start_line, line, name
                depth_of_function = None
            heading_start = index + 1
        elif character == ";" and depth_of_function is None:
            heading_start = index + 1


def is_function(heading):
    words = heading.split()
    if not words or "(" not in heading:
        return False
    first = [word for word in words if word not in ("inline", "static", "constexpr", "typedef")][:1]
    if first and first[0] in ("namespace", "class", "struct", "enum", "union", "extern"):
        return first[0] == "struct" and ")" in heading
    return not re.search(r"=\s*$", heading) and not heading.rstrip().endswith(",")


def check_sizes(root, path):
    text = open(os.path.join(root, path), encoding="utf-8").read()
    lines = text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{path}:1: {lines} lines; a file has at most {LONGEST_FILE}"
    for first, last, heading in functions(text):
        length = last - first + 1
        if length > LONGEST_FUNCTION:
            name = re.sub(r"\s+", " ", heading)[-60:]
            yield f"{path}:{first}: a function of {length} lines ({name}); at most {LONGEST_FUNCTION}"


def event_kinds_written(root):
    """Kinds of the journal that some source writes, as far as they stand there as words: {kind: path}."""
    written = {}
    for path in sorted((root / "src").rglob("*.cc")):
        # What delivery/ has are words for people and parts of answers.
        if path.name.endswith("_test.cc") or path.name == "event_kinds.cc" or path.parent.name == "delivery":
            continue
        for kind in re.findall(r'"((?:[a-z]+\.)[a-z]+|operator)"', path.read_text(encoding="utf-8")):
            written.setdefault(kind, path.relative_to(root))
    return written


def check_event_kinds(root):
    """The table of event kinds, the sources that write events, and the manual name the same ones."""
    root = pathlib.Path(root)
    table = root / "src/core/event_kinds.cc"
    if not table.exists():
        return
    known = re.findall(r'^    \{"([a-z.]+)",', table.read_text(encoding="utf-8"), re.MULTILINE)
    manual = re.findall(r"^\| `([a-z.]+)` \|", (root / "docs/manual/journal.md").read_text(encoding="utf-8"),
                        re.MULTILINE)
    written = event_kinds_written(root)
    rooms = {kind.split(".")[0] for kind in known}
    for kind in known:
        if kind not in manual:
            yield f"docs/manual/journal.md:1: event kind '{kind}' is not explained"
        if kind not in written:
            yield f"src/core/event_kinds.cc:1: nobody writes the event kind '{kind}'"
    for kind in manual:
        if kind not in known:
            yield f"docs/manual/journal.md:1: '{kind}' is no event kind of core/event_kinds.cc"
    for kind, path in written.items():
        if kind not in known and "." in kind and kind.split(".")[0] in rooms:
            yield f"{path}:1: event kind '{kind}' has no row in core/event_kinds.cc"


def check_rules(root):
    rooms = read_rooms(os.path.join(root, "tests/tidy/rooms.txt"))
    paths = list(sources(root))
    for path in paths:
        yield from check_rooms(root, path, rooms)
        yield from check_opening(root, path)
        yield from check_sizes(root, path)
    yield from check_circles(root, paths)
    yield from check_event_kinds(root)


def compile_header(root, compiler, path):
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as unit:
        unit.write(f'#include "{path[len("src/"):]}"\n')
        unit.flush()
        command = [*compiler.split(), "-std=c++20", "-fsyntax-only", "-O0", f"-I{root}/src",
                   "-DBOOST_ASIO_SEPARATE_COMPILATION", "-DBOOST_BEAST_SEPARATE_COMPILATION", unit.name]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 0:
            return None
        first = next((line for line in done.stderr.split("\n") if "error" in line), done.stderr[:200])
        return f"{path}:1: does not compile alone: {first}"


def first_includes(root):
    """What the sources include before anything else: that these stand alone, the build has shown."""
    first = set()
    for path in sources(root):
        if path.endswith(".h"):
            continue
        number, kind, header = next(includes(root, path), (0, "", ""))
        if kind == '"':
            first.add(f"src/{header}")
    return first


def check_headers(root, compiler):
    shown = first_includes(root)
    headers = [path for path in sources(root) if path.endswith(".h") and path not in shown]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for fault in pool.map(lambda path: compile_header(root, compiler, path), headers):
            if fault:
                yield fault


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    parser.add_argument("what", choices=["rules", "headers"])
    parser.add_argument("compiler", nargs="?", default="g++")
    asked = parser.parse_args()
    faults = list(check_rules(asked.root) if asked.what == "rules" else check_headers(asked.root, asked.compiler))
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults" if faults else "tidy")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
