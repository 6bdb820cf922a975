"""The files of a commit, taken out of git's store, and where packages lay in it (Python >= 3.9).

    python penstock_base.py COMMIT WORKSPACE FOLDER

writes all that the commit holds below the workspace into the folder. `ls-tree` and `cat-file` alone: no index, no
worktree and no hook of the repository is touched.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Any

SOURCE = (".py", ".pyi")
_GIT = ("git", "--no-replace-objects", "-c", "core.fsmonitor=false")
_LINK = "120000"
_KINDS = ("100", _LINK)  # how the modes of files and links begin; 160000 is a submodule
_SHOWN = 200  # characters of what git says
NOT_SHIPPED = frozenset(
    {"tests", "test", "testing", "docs", "doc", "examples", "example", "benchmarks", "benchmark", "scripts", "tools"}
)


def export(commit: str, root: str, folder: str, *, whole: bool = False) -> list[str]:
    """Write the Python files of the commit, as they lie below the workspace, into the folder. All their paths.

    `whole`: all of its files, with their links, but for those that lead out of it.
    """
    listed = git(root, "ls-tree", "-r", "-z", commit)
    entries = []
    for line in os.fsdecode(listed).split("\0"):
        words, _, path = line.partition("\t")
        if words.startswith(_KINDS if whole else "100") and (whole or path.endswith(SOURCE)) and not _leads_out(path):
            entries.append((words.split(" ")[2], path, words.split(" ")[0]))
    with tempfile.TemporaryFile() as asked:
        asked.write("".join(f"{oid}\n" for oid, _, _ in entries).encode())
        asked.seek(0)
        with subprocess.Popen(
            [*_GIT, "cat-file", "--batch"], cwd=root, env=_variables(), stdin=asked, stdout=subprocess.PIPE
        ) as store:
            for oid, path, mode in entries:
                _write(_content(store.stdout, oid, path, commit), os.path.join(folder, path), mode)
    return [path for _, path, _ in entries]


def _content(stream: Any, oid: str, path: str, commit: str) -> bytes:
    """The next object that git tells."""
    head = stream.readline().split(b" ")
    if len(head) != 3 or head[0].decode() != oid:
        raise SystemExit(f"git does not have {path} of {commit[:12]}: is the clone a partial one?")
    size = int(head[2])
    content: bytes = stream.read(size + 1)[:size]
    if len(content) < size:
        raise SystemExit(f"git ended in the middle of {path} of {commit[:12]}")
    return content


def _write(content: bytes, place: str, mode: str) -> None:
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if mode == _LINK:
        target = os.fsdecode(content)
        if not os.path.isabs(target) and ".." not in target.split("/"):
            os.symlink(target, place)
        return
    with open(place, "wb") as stream:
        stream.write(content)
    if mode == "100755":
        os.chmod(place, 0o700)


def _leads_out(path: str) -> bool:
    return os.path.isabs(path) or ".." in path.split("/")


def git(root: str, *words: str) -> bytes:
    """What git says. Raises SystemExit with its reason."""
    done = subprocess.run([*_GIT, *words], cwd=root, env=_variables(), capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
        raise SystemExit(f"git {words[0]}: {said[:_SHOWN]}")
    return done.stdout


def _variables() -> dict[str, str]:
    return dict(os.environ, GIT_NO_LAZY_FETCH="1", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0", LC_ALL="C")


def before(packages: dict[str, str], paths: list[str], root: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Where the packages lay in the base, by name; and those that lay there and are gone, as (name, path)."""
    known_tops = tops(paths)
    places = {}
    for name, path in packages.items():
        known = [place for top, place in known_tops if top == name]
        same = [place for place in known if place == path]
        if known:
            places[name] = (same or known)[0]
        elif any(each.startswith(f"{path}/") for each in paths):  # a namespace: it has no __init__ of its own
            places[name] = path
    beside = {os.path.dirname(path) for path in (*packages.values(), *places.values())}
    gone = [
        (top, place)
        for top, place in known_tops
        if top not in packages
        and not top.startswith("_")
        and top not in NOT_SHIPPED
        and os.path.dirname(place) in beside
        and not place.endswith(SOURCE)
        and not os.path.exists(os.path.join(root, place))
    ]
    return places, gone


def tops(paths: list[str]) -> list[tuple[str, str]]:
    """The packages that lie in no other, and single modules, as (name, path); the nearest to the root first."""
    folders = {os.path.dirname(path) for path in paths if os.path.basename(path).startswith("__init__.")} - {""}
    found = [(os.path.basename(each), each) for each in folders if os.path.dirname(each) not in folders]
    found += [
        (os.path.splitext(os.path.basename(path))[0], path)
        for path in paths
        if os.path.dirname(path) not in folders and path.endswith(".py")
    ]
    return sorted(found, key=lambda each: (each[1].count("/"), each[1].endswith(SOURCE), each[1]))


if __name__ == "__main__":
    os.makedirs(sys.argv[3], exist_ok=True)
    export(sys.argv[1], sys.argv[2], sys.argv[3], whole=True)
