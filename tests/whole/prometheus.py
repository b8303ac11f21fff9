"""A parser of Prometheus' text format 0.0.4 that takes nothing else: what it accepts, Prometheus does."""

import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
SAMPLE = re.compile(rf"({NAME})(\{{(.*)\}})? (\S+)")
PAIR = re.compile(rf'({LABEL})="((?:[^"\\\n]|\\["\\n])*)"(,|$)')


class Wrong(Exception):
    pass


def unescape(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), text)


def labels_of(text):
    labels, at = {}, 0
    while at < len(text):
        found = PAIR.match(text, at)
        if not found or found[1] in labels:
            raise Wrong(f"labels: {text!r}")
        if found[3] == "" and found.end() != len(text):
            raise Wrong(f"labels: {text!r}")
        labels[found[1]] = unescape(found[2])
        at = found.end()
    return labels


def number_of(text):
    if text in ("NaN", "+Inf", "-Inf"):
        return float(text.replace("Inf", "inf"))
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", text):
        raise Wrong(f"no number: {text!r}")
    return float(text)


def check_histogram(name, samples):
    groups = {}
    for sample, labels, value in samples:
        rest = frozenset((k, v) for k, v in labels.items() if k != "le")
        groups.setdefault(rest, {}).setdefault(sample.removeprefix(name), []).append((labels.get("le"), value))
    for parts in groups.values():
        if set(parts) != {"_bucket", "_sum", "_count"}:
            raise Wrong(f"{name} has {set(parts)}")
        bounds = [number_of(le) for le, _ in parts["_bucket"]]
        counts = [value for _, value in parts["_bucket"]]
        if bounds != sorted(set(bounds)) or bounds[-1] != math.inf or counts != sorted(counts):
            raise Wrong(f"{name}: buckets {bounds} {counts}")
        if counts[-1] != parts["_count"][0][1]:
            raise Wrong(f"{name}: count is not that of +Inf")


def parse(text):
    """{family: {"type": ..., "help": ..., "samples": [(name, labels, value)]}}; Wrong when it is not the format."""
    if text and not text.endswith("\n"):
        raise Wrong("the last line has no end")
    families, now, seen = {}, None, set()
    for line in text.split("\n")[:-1]:
        if line.startswith("# HELP "):
            name, _, words = line[7:].partition(" ")
            if not re.fullmatch(NAME, name) or name in families or re.search(r"\\[^\\n]", words):
                raise Wrong(line)
            now = families[name] = {"help": words, "type": None, "samples": []}
            current = name
        elif line.startswith("# TYPE "):
            name, _, kind = line[7:].partition(" ")
            if now is None or name != current or now["type"] or kind not in ("counter", "gauge", "histogram"):
                raise Wrong(line)
            now["type"] = kind
        else:
            found = SAMPLE.fullmatch(line)
            if not found or now is None or not now["type"]:
                raise Wrong(f"no sample: {line!r}")
            suffixes = ("_bucket", "_sum", "_count") if now["type"] == "histogram" else ("",)
            if found[1] not in [current + suffix for suffix in suffixes]:
                raise Wrong(f"{found[1]} is not of {current}")
            labels = labels_of(found[3] or "")
            key = (found[1], tuple(sorted(labels.items())))
            if key in seen:
                raise Wrong(f"twice: {line!r}")
            seen.add(key)
            value = number_of(found[4])
            if now["type"] == "counter" and (not current.endswith("_total") or value < 0):
                raise Wrong(f"no counter: {line!r}")
            now["samples"].append((found[1], labels, value))
    for name, family in families.items():
        if family["type"] == "histogram":
            check_histogram(name, family["samples"])
    return families
