"""The Python files of a commit, taken out of git's store, and where packages lay in it (Python >= 3.9).

`ls-tree` and `cat-file` alone: no index, no worktree and no hook of the repository is touched.
"""

from __future__ import annotations

import os
import subprocess

SOURCE = (".py", ".pyi")
_SHOWN = 200  # characters of what git says
_NOT_SHIPPED = frozenset(
    {"tests", "test", "testing", "docs", "doc", "examples", "example", "benchmarks", "benchmark", "scripts", "tools"}
)


def export(commit: str, root: str, folder: str) -> list[str]:
    """Write the Python files of the commit, as they lie below the workspace, into the folder. All their paths."""
    listed = _git(root, "ls-tree", "-r", "-z", commit)
    entries = []
    for line in os.fsdecode(listed).split("\0"):
        words, _, path = line.partition("\t")
        if path.endswith(SOURCE) and words.startswith("100") and not _leads_out(path):
            entries.append((words.split(" ")[2], path))
    contents = _git(root, "cat-file", "--batch", stdin="".join(f"{oid}\n" for oid, _ in entries).encode())
    place = 0
    for oid, path in entries:
        end = contents.index(b"\n", place)
        head = contents[place:end].split(b" ")
        if head[0].decode() != oid or len(head) != 3:
            raise SystemExit(f"git does not have {path} of {commit[:12]}: is the clone a partial one?")
        size = int(head[2])
        whole = os.path.join(folder, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as stream:
            stream.write(contents[end + 1 : end + 1 + size])
        place = end + 2 + size
    return [path for _, path in entries]


def _leads_out(path: str) -> bool:
    return os.path.isabs(path) or ".." in path.split("/")


def _git(root: str, *words: str, stdin: bytes = b"") -> bytes:
    variables = dict(os.environ, GIT_NO_LAZY_FETCH="1", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0", LC_ALL="C")
    argv = ["git", "--no-replace-objects", "-c", "core.fsmonitor=false", *words]
    done = subprocess.run(argv, cwd=root, env=variables, input=stdin, capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"git {words[0]}: {done.stderr.decode('utf-8', 'replace').strip()[:_SHOWN]}")
    return done.stdout


def before(packages: dict[str, str], paths: list[str], root: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Where the packages lay in the base, by name; and those that lay there and are gone, as (name, path)."""
    tops = _tops(paths)
    places = {}
    for name, path in packages.items():
        known = [place for top, place in tops if top == name]
        same = [place for place in known if place == path]
        if known:
            places[name] = (same or known)[0]
        elif any(each.startswith(f"{path}/") for each in paths):  # a namespace: it has no __init__ of its own
            places[name] = path
    beside = {os.path.dirname(path) for path in (*packages.values(), *places.values())}
    gone = [
        (top, place)
        for top, place in tops
        if top not in packages
        and not top.startswith("_")
        and top not in _NOT_SHIPPED
        and os.path.dirname(place) in beside
        and not place.endswith(SOURCE)
        and not os.path.exists(os.path.join(root, place))
    ]
    return places, gone


def _tops(paths: list[str]) -> list[tuple[str, str]]:
    """The packages that lie in no other, and single modules, as (name, path); the nearest to the root first."""
    folders = {os.path.dirname(path) for path in paths if os.path.basename(path).startswith("__init__.")} - {""}
    found = [(os.path.basename(each), each) for each in folders if os.path.dirname(each) not in folders]
    found += [
        (os.path.splitext(os.path.basename(path))[0], path)
        for path in paths
        if os.path.dirname(path) not in folders and path.endswith(".py")
    ]
    return sorted(found, key=lambda each: (each[1].count("/"), each[1].endswith(SOURCE), each[1]))
