"""Tries a project's scripts: syntax, import, `--help`, arguments (stdlib only, run as a script).

    python penstock_scripts.py REPORT OPTIONS FILE…

OPTIONS is JSON: {"help": option or "", "unknown": whether an unknown option is tried, "arguments": [line, …],
"timeout": seconds of one process, "workers": how many at once, "console": the distribution whose console scripts are
tried, or "", "asked": whether they were asked for by name}. FILE is JSON: {"path", "plain", "unguarded", "named"}.
REPORT gets what `penstock.tools.special` reads. Nothing is written into the tree by us; what a script writes it writes
where we were started.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING:
    from penstock.guest import penstock_console as console
    from penstock.guest.penstock_trying import Tried, shell, try_file
else:
    sys.path.insert(0, _FOLDER)
    import penstock_console as console
    from penstock_trying import Tried, shell, try_file

    sys.path.remove(_FOLDER)

_SHELLS = (".sh", ".bash")
_MOST_NAMED = 3


def _kind(path: str) -> str:
    """What it is written in, "python" or "shell", by its ending, else by its first line; "" for anything else."""
    ending = os.path.splitext(path)[1]
    if ending == ".py":
        return "python"
    if ending in _SHELLS:
        return "shell"
    try:
        with open(path, "rb") as stream:
            first = stream.readline(200).split(b"\n")[0]
    except OSError:
        return ""
    if not first.startswith(b"#!"):
        return ""
    if b"python" in first:
        return "python"
    return "shell" if first.rstrip().endswith(b"sh") or b"sh " in first else ""


def _one(file: dict[str, Any], options: dict[str, Any]) -> Tried | None:
    """What came of one file; None if it is no script."""
    kind = _kind(file["path"])
    if kind == "python":
        return try_file(file, options)
    if kind == "shell":
        return shell(file["path"], options)
    if file.get("named"):
        tried = Tried(file["path"])
        tried.unasked("by its first line it is neither Python nor shell")
        return tried
    return None


def report(every: list[Tried], left: int, missing: str) -> dict[str, Any]:
    """What is told of all of them. `missing`: why there is something to try, and it cannot be had."""
    bad = [each for each in every if each.findings]
    unasked = [each for each in every if each.problems and not each.findings]
    good = len(every) - len(bad) - len(unasked)
    words = [f"{good} of {len(every)} scripts good"]
    words += [f"{left} left out: no scripts"] if left else []
    told: dict[str, Any] = {
        "measures": {"files": len(every), "good": good, "calls": sum(each.calls for each in every)},
        "notes": {"summary": ", ".join(words)},
        "findings": [finding for each in every for finding in each.findings],
        "told": [
            *(note for each in every for note in each.notes),
            *((each.path, 0, "not-asked", why) for each in every for why in each.problems),
        ],
    }
    if bad:
        told["failed"] = f"{len(bad)} of {len(every)} scripts: {_names(bad)}"
    elif missing:
        told["problem"] = missing
        told["remedy"] = 'see which dependencies the job has, or name the scripts: scripts = ["scripts/*.py"]'
    elif unasked:
        told["problem"] = f"{len(unasked)} of {len(every)} scripts were not asked: {_names(unasked)}"
        told["remedy"] = unasked[0].remedy
    elif not every:
        told["problem"] = "there is no script: neither a console script of the project nor a file in scripts/"
        told["remedy"] = 'name them: scripts = ["tools/*.py"]'
    return told


def _names(tried: list[Tried]) -> str:
    shown = [f"{each.name} ({each.why})" for each in tried[:_MOST_NAMED]]
    return ", ".join([*shown, *([f"{len(tried) - _MOST_NAMED} more"] if len(tried) > _MOST_NAMED else [])])


def _tried(options: dict[str, Any], files: list[dict[str, Any]]) -> Iterator[Tried | None]:
    entries = console.entries(options["console"]) if options["console"] else []
    with ThreadPoolExecutor(max_workers=max(1, int(options["workers"]))) as pool:
        yield from pool.map(lambda file: _one(file, options), files)
        yield from pool.map(lambda entry: console.attempt(entry, options), entries)


def main(target: str, settings: str, *files: str) -> int:
    """Write the report."""
    options = json.loads(settings)
    missing = console.missing(options["console"], asked=options["asked"]) if options["console"] else ""
    every = []
    left = 0
    for tried in _tried(options, [json.loads(file) for file in files]):
        if tried is None:
            left += 1
            continue
        every.append(tried)
        print(tried.line(), flush=True)
    with open(target, "w", encoding="utf-8") as stream:
        json.dump(report(every, left, missing), stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
