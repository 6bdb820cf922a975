"""The files of a project that look like tests, and what of them was not collected.

A file whose tests are all collected, by their names and numbers, is not parsed: that is nearly every one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from penstock.model.change import Change, FileStatus
from penstock.model.collected import Collected, has_end
from penstock.model.tested import Lookalike
from penstock.scan.detect import counting, pytestconfig
from penstock.scan.detect.tree import Tree
from penstock.scan.lookalikes.file import base_names, of_text
from penstock.scan.lookalikes.rules import Rules, of_options

# Folders of samples that other tests read, or of what is no suite of this project.
_SAMPLES = re.compile(
    r"(?:^|/)(?:\w*data|\w*fixtures?|samples?|examples?|resources?|assets|templates?|snapshots?|golden|projects?|"
    r"cases|stubs|docs?|bench(?:marks)?|third_?party|extern(?:al)?|cookiecutter[^/]*|[^/]*\{\{[^/]*)(?:/|$)",
    re.IGNORECASE,
)
_TESTING = re.compile(r"(?:^|/)(?:(?:[^/]*_)?tests?(?:ing)?(?:_[^/]*)?|unit|integration|functional|e2e)(?:/|$)")
_OWN_PROJECT = ("pyproject.toml", "setup.py", "pytest.ini")
_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)", re.MULTILINE)
_CONFIGURATION = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


def uncollected(
    root: Path, files: Iterable[str], packages: Collection[str], collected: Collected, change: Change | None
) -> tuple[Lookalike, ...]:
    """What looks like a test in the tree and has no end, in the order of files and lines. `files`: relative to `root`;
    `packages`: where the project's own code lies. Reads files; what is no Python is told as a doubt.
    """
    tree = Tree(root, files)
    return tuple(_Search(tree, packages, collected, change).all())


class _Search:
    def __init__(self, tree: Tree, packages: Collection[str], collected: Collected, change: Change | None) -> None:
        config = pytestconfig.read(tree)
        self._tree = tree
        self._collected = collected
        self._change = change
        self._packages = tuple(f"{path.rstrip('/')}/" for path in packages if not path.endswith(".py"))
        self._rules = Rules() if config is None else of_options(config.options)
        patterns = (*counting.PYTEST_FILES, *(config.python_files if config is not None else ()))
        named = [path for path in tree.python if counting.matches(path, patterns)]
        self._ends = {path: collected.of(path, tree.files) for path in {*named, *(collected.names.keys() & tree.files)}}
        self._alive = {folder for path, ends in self._ends.items() if ends for folder in _above(path)}
        self._files = [path for path in self._ends if self._ours(path)]

    def all(self) -> Iterator[Lookalike]:
        suspects = [path for path in sorted(self._files) if not self._whole(path)]
        if not suspects:
            return
        bases = {name for path in self._files for name in base_names(self._tree.text(path))}
        for path in suspects:
            yield from self._of_file(path, bases)

    def _ours(self, path: str) -> bool:
        """Whether the file is of this project, and not of one inside it that nobody runs here."""
        if self._collected.skips(path) or path.endswith("conftest.py"):
            return False
        inner = (folder for folder in _above(path) if folder and folder not in self._alive)
        return not any(f"{folder}/{name}" in self._tree for folder in inner for name in _OWN_PROJECT)

    def _whole(self, path: str) -> bool:
        """Whether each function that is named like a test has its end: by how many there are of each name."""
        names = Counter(_DEFINED.findall(self._tree.text(path)))
        ends = Counter(name.rpartition("::")[2] for name in self._ends[path])
        return all(ends[name] == number for name, number in names.items())

    def _of_file(self, path: str, bases: Collection[str]) -> Iterator[Lookalike]:
        ends = self._ends[path]
        doubt = "" if ends else self._doubt(path)
        functions = self._collected.functions
        try:
            found = list(of_text(path, self._tree.text(path), self._rules, bases, functions=functions))
        except (SyntaxError, ValueError, RecursionError) as error:
            line = getattr(error, "lineno", None) or 0
            yield Lookalike(path=path, line=line, why="it is no valid Python", doubt=True)
            return
        for each in found:
            if each.lost or not has_end(each.name, ends):
                why = each.why or doubt
                yield replace(each, why=why, doubt=each.doubt or bool(doubt), new=self._is_new(each))

    def _doubt(self, path: str) -> str:
        """Why a file of which nothing is collected may be none of the suite's."""
        folder = path.rpartition("/")[0]
        if _SAMPLES.search(folder) and folder not in self._alive:
            return "it lies in a folder of samples"
        if self._rules.shut(folder) and not self._configuration_changed():
            return "norecursedirs names its folder"
        if path.startswith(self._packages) and not _TESTING.search(folder):
            return "it lies in the package, beside what is no test"
        return ""

    def _configuration_changed(self) -> bool:
        return self._change is not None and any(map(self._change.file, _CONFIGURATION))

    def _is_new(self, each: Lookalike) -> bool:
        file = self._change.file(each.path) if self._change is not None else None
        return file is not None and (file.status is FileStatus.ADDED or file.touches(each.line))


def _above(path: str) -> Iterator[str]:
    """The folders of a file, the nearest first; the root is ""."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
