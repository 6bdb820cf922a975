"""Runs a suspect test in the tree of the base, each time in a new process (Python >= 3.9, run as a script).

    python penstock_at_base.py ORDERS

ORDERS is a JSON file: {"commit": where the base branch is, "root": the project's folder in the checkout, "packages":
[[name, path], …], "test": its id, "directory": where pytest was started, "rootdir": its rootdir, "arguments": pytest's,
without paths, "path": sys.path of that process, "runs", "seconds": for all of it, "folder": a private one, "result":
the file that gets {"runs", "failures", "why"}}. With a `why`, nothing was compared: that is no evidence for anything.

The base's packages come first on sys.path, before what is installed, and each run tells where the project's modules
came from: a module from anywhere else makes it void.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.guest.penstock_base import NOT_SHIPPED, export, git, tops
else:
    from penstock_base import NOT_SHIPPED, export, git, tops

_OURS, _INSTALLED = f"{os.sep}.penstock{os.sep}", f"{os.sep}site-packages{os.sep}"
_SHOWN = 200  # characters of what pytest says
# Options that have pytest write, or read, a file of the change's own run.
_WRITING = frozenset(
    {"--junitxml", "--junit-xml", "--html", "--report-log", "--json-report-file", "--alluredir", "--log-file"}
    | {"--basetemp", "--cov-report", "--cov-config", "--lf", "--last-failed", "--ff", "--failed-first", "--debug"}
)
_BARE = frozenset({"--lf", "--last-failed", "--ff", "--failed-first", "--debug"})
_ROOTS = frozenset({"", "src", "lib", "python"})  # where packages lie that nobody named


def compared(orders: dict[str, Any]) -> dict[str, Any]:
    """Run it so often. Raises SystemExit with the reason why that tells nothing."""
    until_s = time.monotonic() + orders["seconds"]
    tree = _tree(orders)
    built = _built(orders, tree)
    if built:
        raise SystemExit(f"{built[0]} is installed from a build ({built[1]}), and there is none of the base")
    failures = 0
    for number in range(orders["runs"]):
        failures += _fails(orders, tree, number, until_s)
    if failures == orders["runs"]:
        raise SystemExit("it never passed there, so something else may be missing")
    return {"runs": orders["runs"], "failures": failures, "why": ""}


def _tree(orders: dict[str, Any]) -> str:
    """The folder of the base's files. It stays for the next suspect."""
    root, tree = orders["root"], os.path.join(orders["folder"], "tree")
    if os.path.isdir(tree):
        return tree
    if _OURS in root + os.sep:
        raise SystemExit(
            "the tests run in a copy of the tree with what was built for it, and there is none of the base"
        )
    try:
        commit = git(root, "merge-base", orders["commit"], "HEAD").decode().strip()
    except SystemExit as error:
        raise SystemExit(f"{error} (is the clone a shallow one?)") from None
    here = git(root, "rev-parse", "HEAD").decode().strip()
    if commit == here and not git(root, "status", "--porcelain", "--", "."):
        raise SystemExit("nothing here differs from it")
    paths = export(commit, root, f"{tree}.part", whole=True)
    if not paths:
        raise SystemExit("it holds no file of the project")
    os.rename(f"{tree}.part", tree)
    return tree


def _fails(orders: dict[str, Any], tree: str, number: int, until_s: float) -> bool:
    """Run it once: whether it failed. Raises SystemExit where that cannot be told."""
    witness = os.path.join(orders["folder"], f"{number}.witness")
    with contextlib.suppress(FileNotFoundError):
        os.remove(witness)
    told = {**orders, "tree": tree, "witness": witness, "guest": os.path.dirname(os.path.abspath(__file__))}
    told["packages"] = [name for name, _ in _packages(orders, tree)]
    told["path"] = paths(orders, tree)
    rootdir = moved(orders["rootdir"], orders["root"], tree)
    file = os.path.join(rootdir, orders["test"].partition("::")[0])
    told["arguments"] = [*arguments(orders, tree), "--rootdir", rootdir, file]
    variables = {**os.environ, "PENSTOCK_WITNESS": json.dumps(told), "PENSTOCK_ENGINE": "{}"}
    if "PYTHONPATH" in variables:  # of the processes that the test starts
        entries = variables["PYTHONPATH"].split(os.pathsep)
        variables["PYTHONPATH"] = os.pathsep.join(moved(each, orders["root"], tree) for each in entries)
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # noqa: SLF001 - multiprocessing's way
    log = f"{witness}.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [sys.executable, *flags, os.path.join(told["guest"], "penstock_witness.py")],
            cwd=moved(orders["directory"], orders["root"], tree),
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(max(0.0, until_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise SystemExit(f"there was time for {number} of {orders['runs']} runs only") from None
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return judged(witness, log, orders["test"])


def judged(witness: str, log: str, test: str) -> bool:
    """Whether the run failed, by what it left. Raises SystemExit where it tells nothing."""
    said: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError), open(witness, encoding="utf-8") as stream:
        for line in stream:
            said.update(json.loads(line))
    if not said.get("found"):
        broken = said.get("broken") or ("" if "found" in said else _last(log))
        raise SystemExit(f"pytest did not come to it: {broken}" if broken else "it is not there")
    if said.get("elsewhere"):
        name, place = said["elsewhere"]
        raise SystemExit(f"{name} was imported from {place}, which is not the base's")
    if said.get("outcome") == "other" or not (said.get("begun") or "outcome" in said):
        raise SystemExit(f"{test.rpartition('::')[2]} was not run there: skipped, or expected to fail")
    return said.get("outcome") != "passed"  # without one, it ended the process


def _last(log: str) -> str:
    with open(log, encoding="utf-8", errors="replace") as stream:
        lines = [line.strip() for line in stream if line.strip()]
    found = [line for line in lines if line.startswith("E  ")] or lines
    return found[-1][:_SHOWN] if found else "it said nothing"


def _packages(orders: dict[str, Any], tree: str) -> list[tuple[str, str]]:
    """The project's packages as (name, path), in the base where they are known; else what looks like one there."""
    if orders["packages"]:
        return [(name, path) for name, path in orders["packages"]]
    every = [
        os.path.relpath(os.path.join(folder, name), tree)
        for folder, _, names in os.walk(tree)
        for name in names
        if name.endswith(".py")
    ]
    return [
        (name, path)
        for name, path in tops(every)
        if os.path.dirname(path) in _ROOTS
        and name not in NOT_SHIPPED
        and not name.startswith(("_", "test_"))
        and name not in ("setup", "conftest", "noxfile", "tasks")
    ]


def _built(orders: dict[str, Any], tree: str) -> tuple[str, str] | None:
    """A package that the change's own run imports from what is installed, and not from the tree."""
    root = os.path.realpath(orders["root"]) + os.sep
    for name, _ in _packages(orders, tree):
        found = PathFinder.find_spec(name, [each or orders["directory"] for each in orders["path"]])
        place = found and (found.origin or next(iter(found.submodule_search_locations or ()), ""))
        if place and (not os.path.realpath(place).startswith(root) or _INSTALLED in place):
            return name, place
    return None


def paths(orders: dict[str, Any], tree: str) -> list[str]:
    """sys.path of a run: the folders of the base's packages, then what there was, led into the base where it can be."""
    first = [os.path.join(tree, os.path.dirname(path)).rstrip(os.sep) for _, path in _packages(orders, tree)]
    return list(dict.fromkeys((*first, *(moved(each, orders["root"], tree) for each in orders["path"]))))


def moved(path: str, root: str, tree: str) -> str:
    """A path of the checkout as one of the base, if there is such a thing; any other stays."""
    within = os.path.relpath(os.path.realpath(path), os.path.realpath(root)) if path else ".."
    if within.split(os.sep)[0] == "..":
        return path
    there = os.path.normpath(os.path.join(tree, within))
    return there if os.path.exists(there) else path


def arguments(orders: dict[str, Any], tree: str) -> list[str]:
    """pytest's, without those that would write where the change's own run does."""
    kept: list[str] = []
    skip = False
    for word in orders["arguments"]:
        option, equals, _ = word.partition("=")
        if skip:
            skip = False
        elif option in _WRITING:
            skip = not equals and option not in _BARE
        else:
            kept.append(word.replace(orders["root"] + os.sep, tree + os.sep))
    return kept


def main(path: str) -> None:
    """Compare, and leave the result, whatever it is."""
    with open(path, encoding="utf-8") as stream:
        orders = json.load(stream)
    try:
        told = compared(orders)
    except (SystemExit, OSError) as error:
        told = {"runs": 0, "failures": 0, "why": str(error)[:500]}
    with open(f"{orders['result']}.part", "w", encoding="utf-8") as stream:
        json.dump(told, stream)
    os.rename(f"{orders['result']}.part", orders["result"])


if __name__ == "__main__":
    main(sys.argv[1])
