"""Requirement files: which there are, by their names, and what they hold with everything that they include."""

from __future__ import annotations

import posixpath
import re

from msgspec.structs import replace

from penstock.scan.detect.declared import Needs, installed, own, words
from penstock.scan.detect.requirement import file_lines, is_url
from penstock.scan.detect.tree import Tree

_FOLDERS = (
    "",
    "requirements/",
    "reqs/",
    "requirement/",
    "ci/",
    ".ci/",
    "tests/",
    "test/",
    ".meta/",
    "etc/",
    "ci/requirements/",
    "etc/requirements/",
)
_TEST_NAMES = re.compile(
    r"^(?:requirements[-_.]?)?(?:py)?(?:unit[-_]?)?tests?(?:ing)?(?:[-_.]?(?:requirements|deps|reqs?))?$"
)
_DEV_NAMES = re.compile(
    r"^(?:requirements[-_.]?)?(?:dev(?:el(?:op(?:ment)?)?)?|ci|local|all)(?:[-_.]?(?:requirements|deps|reqs?))?$"
)
_ROOT_NAMES = re.compile(r"^(?:requirements|reqs)$")


def named(tree: Tree) -> tuple[list[str], list[str], list[str]]:
    """(test-named, dev-named, root `requirements.*`), each in a stable order, `.txt` before `.in` and `.pip`."""
    found: tuple[list[str], list[str], list[str]] = ([], [], [])
    candidates = [path for path in tree.files if path.endswith((".txt", ".in", ".pip")) and _folder(path) in _FOLDERS]
    for path in sorted(candidates, key=lambda each: (each.count("/"), not each.endswith(".txt"), each)):
        name = path.rpartition("/")[2].rpartition(".")[0].lower()
        folder = _folder(path)
        if _TEST_NAMES.match(name) or (folder in {"tests/", "test/"} and _ROOT_NAMES.match(name)):
            found[0].append(path)
        elif _DEV_NAMES.match(name):
            found[1].append(path)
        elif _ROOT_NAMES.match(name) and folder == "":
            found[2].append(path)
    return tuple(_without_sources(paths) for paths in found)  # type: ignore[return-value]  # three in, three out


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _without_sources(paths: list[str]) -> list[str]:
    """`x.in` beside its compiled `x.txt` is the same declaration."""
    compiled = {path.removesuffix(".txt") for path in paths if path.endswith(".txt")}
    return [path for path in paths if not (path.endswith(".in") and path.removesuffix(".in") in compiled)]


def content(tree: Tree, path: str, seen: tuple[str, ...] = ()) -> Needs:
    """Everything that a file asks for: its lines, those of files that it includes, the project if it says `-e .`."""
    needs = Needs()
    if path in seen or path not in tree:
        return needs
    folder = path.rpartition("/")[0]
    for _, line in file_lines(tree.text(path)):
        of_line = _of_option_line(line, folder) if line.startswith("-") else _of_requirement_line(line, folder)
        for included in of_line.files:
            needs = needs.plus(content(tree, included, (*seen, path)))
        needs = needs.plus(replace(of_line, files=()))
    return needs


def _of_option_line(line: str, folder: str) -> Needs:
    """`-r other.txt`, `-c constraints.txt`, `-e .[x]`, `-e git+…`; paths are from the file's own folder."""
    given = installed(words(line))
    editable = re.match(r"^(?:-e|--editable)[= ]\s*(\S+)", line)
    address = editable is not None and is_url(editable[1])
    return Needs(
        requirements=(editable[1],) if editable is not None and address else (),
        files=tuple(_joined(folder, each) for each in given.files),
        constraints=tuple(_joined(folder, each) for each in given.constraints),
        extras=given.extras,
        project=given.project or (editable is not None and _is_root(editable[1], folder)),
    )


def _of_requirement_line(line: str, folder: str) -> Needs:
    extras = own(line)
    if extras is not None or _is_root(line, folder):
        return Needs(project=True, extras=extras or ())
    local = re.match(r"^\.{0,2}/|.*\.(?:whl|tar\.gz|zip)$", line)
    return Needs() if local and not is_url(line) else Needs(requirements=(line,))


def _is_root(value: str, folder: str) -> bool:
    """Whether a local path (of a file in `folder`) is the project itself; pip reads it from where it was started."""
    bare = re.sub(r"\[[^\]]*\]$", "", value).rstrip("/")
    return bare == "." or (bool(folder) and re.fullmatch(r"\.\.(?:/\.\.)*", bare) is not None)


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def simple(tree: Tree, path: str) -> bool:
    """Whether uv may read the file as it stands: no project, no address in it or in what it includes."""
    needs = content(tree, path)
    return not needs.project and not needs.extras and not any(map(is_url, needs.requirements))
