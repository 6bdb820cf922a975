"""Every file that the result of a job may depend on, with a digest of what it is.

Always sha256 of the bytes on the disk, never git's blob ids: an id speaks of the normalised content (line endings,
filters, LFS pointers), ignores what `assume-unchanged` hides, and differs between a tree with git and one without.
The cost is held down by a stat cache: a file whose size, times and inode are as they were is not read again
(1,000 files on two shared cores: 25 ms of CPU to read them all, 7 ms for a repeat).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from penstock.model.snapshot import Git
from penstock.ports import Processes
from penstock.scan import git as repository
from penstock.scan.stats import StatCache

# What a test run leaves in the tree, and nobody wrote: not even where git does not ignore it.
_LEFT = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"})
# Never a part of the project: stores, environments, caches.
SKIPPED = _LEFT | {".git", ".hg", ".svn", ".penstock", ".venv", "node_modules", ".tox", ".nox", ".eggs"}
# Build products, if they lie at most one folder deep and are no package: there are packages called `build`.
_PRODUCTS = frozenset({"build", "dist", "venv"})
_OWN = ".penstock/"  # our own folder, also where somebody deleted the .gitignore in it
_COMPILED = (".pyc", ".pyo")
_LOADABLE = (".py", ".so", ".pyd", ".dylib")


def digests(
    root: Path, state: Path, processes: Processes, git: Git, environ: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """Path relative to `root`, with "/" -> digest of content, kind and mode.

    With git: tracked files, untracked ones that git does not ignore, and ignored files inside the packages
    (`_version.py`, built extensions). Without: the tree less `SKIPPED`, build products and virtual environments.
    A regular file is its content's sha256 in hex, with "x" behind it if it is executable; a link is "l" and the
    sha256 of its target. Tracked files that are not on the disk are not listed. An untracked repository inside the
    tree is not looked into. `state`: where the stat cache lies; if it cannot be written, every file is read.
    """
    names = None if git.state == "none" else _listed(root, processes, environ or {})
    if names is None:
        names = dict.fromkeys(_walked(root, ""))
    else:
        names |= dict.fromkeys(_ignored(root, names))
    with StatCache(state / "files.json") as cache:
        return dict(_digested(root, names, cache))


def unchanged(root: Path, state: Path, seen: Mapping[str, str]) -> bool:
    """Whether the files that were `seen` are still what they were; new ones are not looked for."""
    with StatCache(state / "files.json") as cache:
        return dict(_digested(root, seen, cache)) == seen


def below(root: Path, folders: Iterable[str]) -> Iterator[str]:
    """The files in `folders` (relative, each with "/" at its end) of a tree that was not listed, less `SKIPPED`."""
    for folder in folders:
        parent, _, name = folder.rstrip("/").rpartition("/")
        for entry in _entries(root / parent):
            if entry.name == name and not _is_foreign(entry, depth=folder.count("/") - 1):
                yield from _walked(Path(entry.path), folder)


def _digested(root: Path, names: Iterable[str], cache: StatCache) -> Iterator[tuple[str, str]]:
    base = f"{root}/"
    for name in sorted(names):
        digest = cache.digest(base + name, name)
        if digest is not None:
            yield name, digest


def _listed(root: Path, processes: Processes, environ: Mapping[str, str]) -> dict[str, None] | None:
    """What git knows and does not ignore, submodules included; None if git could not be asked."""
    arguments = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    done = repository.ask(root, arguments, processes, environ)
    if isinstance(done, str) or done.exit_code != 0:
        return None
    listed = (name for name in os.fsdecode(done.stdout).split("\0") if name and not name.endswith("/"))
    names = dict.fromkeys(name for name in listed if not name.startswith(_OWN) and _LEFT.isdisjoint(name.split("/")))
    if (root / ".gitmodules").is_file():
        for name in [name for name in names if (root / name / ".git").exists()]:
            inner = _listed(root / name, processes, environ) or dict.fromkeys(_walked(root / name, ""))
            names |= dict.fromkeys(f"{name}/{part}" for part in inner)
    return names


def _ignored(root: Path, names: Mapping[str, None]) -> Iterator[str]:
    """Files that git ignores but Python may load: everything inside the packages, loadable files beside modules."""
    folders = {name.rpartition("/")[0] for name in names if name.endswith(".py")}
    packages = {name.rpartition("/")[0] for name in names if name.endswith("__init__.py")}
    for folder in sorted(folders):
        # Test folders are written to by the tests themselves: of them only what can be imported counts.
        whole = folder in packages and not {"test", "tests", "testing"} & set(folder.split("/"))
        prefix = f"{folder}/" if folder else ""
        for entry in _entries(root / folder):
            name = prefix + entry.name
            if name in names or entry.name.startswith(".") or entry.name.endswith(_COMPILED):
                continue
            if entry.is_dir(follow_symlinks=False):
                if whole and name not in folders and not _is_foreign(entry, depth=prefix.count("/")):
                    yield from (part for part in _walked(root / name, f"{name}/") if part not in names)
            elif whole or entry.name.endswith(_LOADABLE):
                yield name


def _walked(folder: Path, prefix: str) -> Iterator[str]:
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            if not _is_foreign(entry, depth=prefix.count("/")):
                yield from _walked(folder / entry.name, f"{prefix}{entry.name}/")
        elif not entry.name.endswith(_COMPILED):
            yield prefix + entry.name


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _is_foreign(entry: os.DirEntry[str], depth: int) -> bool:
    """A folder that is not the project's: known by its name, or a virtual environment under any name."""
    if entry.name in SKIPPED:
        return True
    if depth <= 1 and entry.name.endswith(".egg-info"):
        return True
    if depth <= 1 and entry.name in _PRODUCTS:
        return not os.path.lexists(f"{entry.path}/__init__.py")
    return os.path.lexists(f"{entry.path}/pyvenv.cfg")
