"""The hooks of .pre-commit-config.yaml, by line scanning: what YAML this file is written with in practice, no more.

Understood: block and flow lists, quoted and plain scalars, comments, block scalars for patterns. A hook that cannot be
read this way is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from penstock.errors import Place
from penstock.scan.detect.tree import Tree
from penstock.value import Value

PATHS = (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.yaml")


class Hook(Value, frozen=True, kw_only=True):
    """One hook. `version`: its repository's rev without a leading v, "" for local hooks. `args`: None = its default."""

    id: str
    place: Place
    repository: str = ""
    version: str = ""
    args: tuple[str, ...] | None = None
    dependencies: tuple[str, ...] = ()
    files: str = ""
    exclude: str = ""
    entry: str = ""
    pass_filenames: bool = True
    manual: bool = False


def read(tree: Tree) -> list[Hook]:
    """All hooks in order; the file's own `exclude` is added to each."""
    path = next((name for name in PATHS if name in tree), None)
    if path is None:
        return []
    return hooks(tree.text(path), path)


def hooks(text: str, path: str) -> list[Hook]:
    """The hooks of a file's text, with their places in `path`."""
    general = _pattern(text, "exclude", "")
    found = []
    for repository, start, block in _blocks(text, r"^(\s*)-\s+repo:\s*(\S+)"):
        rev = re.search(r"^\s*rev:\s*[\"']?v?([^\s\"'#]+)", block, re.MULTILINE)
        frozen = re.search(r"^\s*rev:.*#\s*frozen:\s*v?(\S+)", block, re.MULTILINE)
        pinned = frozen or rev
        version = pinned[1] if pinned else ""
        for name, line, hook in _blocks(block, r"^(\s*)-\s+id:\s*[\"']?([\w.-]+)"):
            found.append(_hook(name, Place(path=path, line=start + line), hook, (repository, version, general)))
    return found


def _blocks(text: str, header: str) -> Iterator[tuple[str, int, str]]:
    """(name, lines before it, text) of each list item that begins with `header`, up to the next of its indent."""
    matches = list(re.finditer(header, text, re.MULTILINE))
    for position, found in enumerate(matches):
        end = matches[position + 1].start() if position + 1 < len(matches) else len(text)
        yield (
            found[2].strip("\"'"),
            text.count("\n", 0, found.start(2)) + (header.find("repo") < 0),
            text[found.start() : end],
        )


def _hook(name: str, place: Place, block: str, about: tuple[str, str, str]) -> Hook:
    repository, version, general = about
    local = repository in {"local", "meta", "builtin"}
    args = _list(block, "args")
    stages = _list(block, "stages")
    excludes = [each for each in (general, _pattern(block, "exclude", "")) if each]
    entry = re.search(r"^\s*entry:\s*(.+)$", block, re.MULTILINE)
    return Hook(
        id=name,
        place=place,
        repository=repository,
        version="" if local or not re.match(r"\d", version) else version,
        args=args,
        dependencies=_list(block, "additional_dependencies") or (),
        files=_pattern(block, "files", ""),
        exclude="|".join(excludes),
        entry=_scalar(entry[1]) if entry else "",
        pass_filenames=not re.search(r"^\s*pass_filenames:\s*false", block, re.MULTILINE),
        manual=stages is not None and set(stages) <= {"manual", "push", "pre-push", "commit-msg"},
    )


def _list(block: str, key: str) -> tuple[str, ...] | None:
    """A list in flow form, over lines or not, or in block form; None if the key is absent."""
    flow = re.search(rf"^[ \t]*(?:-[ \t]+)?{key}:[ \t]*\[(.*?)\]\s*(?:#.*)?$", block, re.MULTILINE | re.DOTALL)
    if flow:
        inner = re.sub(r"(?:^|\s)#[^\n]*", "", flow[1])
        parts = re.findall(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^']|'')*)'|([^,\s\"'][^,\n]*)", inner)
        return tuple((double or single.replace("''", "'") or plain).strip() for double, single, plain in parts)
    found = re.search(
        rf"^([ \t]*)(?:-[ \t]+)?{key}:[ \t]*(?:#.*)?\n((?:[ \t]*(?:-[^\n]*|#[^\n]*)?\n?)+)", block, re.MULTILINE
    )
    if not found:
        return None
    items = re.findall(r"^[ \t]*-[ \t]+(?!id:|repo:)(.+)$", found[2], re.MULTILINE)
    return tuple(_scalar(item) for item in items)


def _scalar(value: str) -> str:
    value = value.strip()
    quoted = re.match(r"^\"((?:[^\"\\]|\\.)*)\"|^'((?:[^']|'')*)'", value)
    if quoted:
        return (quoted[1] if quoted[1] is not None else quoted[2].replace("''", "'")) or ""
    return re.sub(r"\s+#.*$", "", value)


def _pattern(text: str, key: str, default: str) -> str:
    """A regular expression under `key`; a block scalar loses its white space, as `(?x)` would."""
    found = re.search(rf"^([ \t]*)(?:-[ \t]+)?{key}:[ \t]*(.*)$", text, re.MULTILINE)
    if not found or (found[1] and default == "" and text.startswith("repos")):
        return default
    if not re.match(r"^[|>][+-]?$", found[2].strip()):
        return _scalar(found[2])
    indent, lines = len(found[1]), []
    for line in text[found.end() + 1 :].splitlines():
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        lines.append(re.sub(r"\s+#.*$", "", line).strip())
    return "".join(lines).replace("(?x)", "")


def folders(pattern: str, tree: Tree) -> list[str] | None:
    """The folders and files that a plain pattern (`^src/|^tests/`, `^(src|tests)/`) names; None if it says more."""
    plain = pattern.strip().removeprefix("(?x)")
    plain = re.sub(r"^\^\((.*)\)\$?$", r"\1", plain) if plain.count("(") == 1 else plain
    grouped = re.match(r"^\^?\(\??:?([\w./|\\-]+)\)/?(?:\.\*)?(?:\\\.pyi?\$)?$", plain)
    parts = grouped[1].split("|") if grouped else plain.split("|")
    found = []
    for part in parts:
        bare = (
            re.sub(r"(?:\.\*|/\.\*\\\.pyi?\$|\\\.pyi?\$|\$)$", "", part.strip().removeprefix("^"))
            .replace("\\", "")
            .rstrip("/")
        )
        if bare not in tree.folders and bare not in tree:
            return None
        found.append(bare)
    return found or None
