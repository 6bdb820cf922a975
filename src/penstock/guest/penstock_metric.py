"""Reads one number from a JSON, CSV or JUnit file (stdlib only, run as a script).

    python penstock_metric.py REPORT OPTIONS

OPTIONS is JSON: {"file": path, "value": where}, and how it is shown, {"unit": …}. REPORT gets {"measures": {"value":
number}, "notes": {"summary"}}, or {"problem": why}.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from typing import Any
from xml.parsers import expat

_SPELLED = {"%": " %", "s": " s", "B": " B", "/s": "/s"}
_LARGEST = 64 << 20  # bytes of a file that is read


class UnreadableError(Exception):
    """The number is not there: why."""


def number(file: str, where: str) -> float:
    """The number. Raises UnreadableError."""
    try:
        with open(file, encoding="utf-8") as stream:
            text = stream.read(_LARGEST + 1)
    except OSError as error:
        raise UnreadableError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{file} is not UTF-8") from error
    if len(text) > _LARGEST:
        raise UnreadableError(f"{file} is larger than {_LARGEST >> 20} MiB")
    ending = file.rpartition(".")[2].lower()
    if ending not in _READERS:
        raise UnreadableError(f"{file} is neither .json nor .csv nor .xml")
    found = _finite(_READERS[ending](text, file, where))
    if found is None:
        raise UnreadableError(f"`{where}` in {file} is no finite number")
    return found


def _finite(value: Any) -> float | None:
    """A number, or text that spells one; true is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _of_json(text: str, file: str, where: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{file} is not JSON: {error}") from error
    done = []
    for part in where.split("."):
        done.append(part)
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and re.fullmatch(r"-?[0-9]{1,9}", part) and -len(value) <= int(part) < len(value):
            value = value[int(part)]
        else:
            known = ", ".join(sorted(value)[:10]) if isinstance(value, dict) else f"a {type(value).__name__}"
            raise UnreadableError(f"{file} has no `{'.'.join(done)}`; there is {known or 'nothing'}")
    return value


def _of_csv(text: str, file: str, where: str) -> Any:
    try:
        rows = list(csv.DictReader(text.splitlines(), strict=True))
    except csv.Error as error:
        raise UnreadableError(f"{file} is not CSV: {error}") from error
    if not rows:
        raise UnreadableError(f"{file} has no row")
    if where not in rows[-1]:
        raise UnreadableError(f"{file} has no column `{where}`; there are {', '.join(map(str, list(rows[-1])[:10]))}")
    return rows[-1][where]


def _of_junit(text: str, file: str, where: str) -> Any:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnreadableError(f"{file} has a DOCTYPE, which no result file needs")
    counts = dict.fromkeys(("tests", "time", "refused", *_TAGS.values()), 0.0)
    told: set[str] = set()  # of the case that is being read

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "testcase":
            told.clear()
            counts["tests"] += 1
            counts["time"] += _finite(attributes.get("time", "0")) or 0
        elif tag in _TAGS and tag not in told:
            counts["refused"] += tag != "skipped" and not told & {"failure", "error"}
            counts[_TAGS[tag]] += 1
            told.add(tag)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.ParseFile(io.BytesIO(text.encode()))
    except expat.ExpatError as error:
        raise UnreadableError(f"{file} is not XML: {error}") from error
    ran = counts["tests"] - counts["skipped"]
    if not ran:
        raise UnreadableError(f"{file} tells of no test that ran")
    known = {**counts, "pass_rate": 100 * (ran - counts["refused"]) / ran}
    if where not in _OF_JUNIT:
        raise UnreadableError(f"a JUnit file has no `{where}`; there is {', '.join(_OF_JUNIT)}")
    return known[where]


_OF_JUNIT = ("tests", "failures", "errors", "skipped", "time", "pass_rate")
_TAGS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
_READERS = {"json": _of_json, "csv": _of_csv, "xml": _of_junit}


def main(report: str, options: str) -> int:
    """Write the report."""
    asked = json.loads(options)
    told: dict[str, Any]
    try:
        found = number(asked["file"], asked["value"])
        said = f"{asked['value']} {found:.6g}{_SPELLED.get(asked.get('unit', ''), '')}"
        told = {"measures": {"value": found}, "notes": {"summary": said}}
    except UnreadableError as error:
        told = {"problem": str(error)}
    with open(report, "w", encoding="utf-8") as stream:
        json.dump(told, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
