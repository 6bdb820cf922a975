"""The project's own dependencies: read where they are static, else asked of its build backend, in a copy of the tree.

What the backend said is kept by the digest of the files that it can have read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from penstock.errors import NotVerifiedError
from penstock.model.snapshot import Interpreter, Snapshot
from penstock.scan.detect import metadata
from penstock.scan.detect.requirement import canonical, file_lines, strings
from penstock.scan.detect.tree import Tree
from penstock.scan.resolution.wanted import Facts, Line
from penstock.util import atomic, digest, tree
from penstock.util.uvrun import Uv

# Runs in an environment that holds the build requirements. Answers with METADATA, or first with what else it needs.
_ASK = """
import importlib, os, re, sys, zipfile
name, paths, out, question = sys.argv[1:]  # setuptools changes sys.argv
sys.path[:0] = [path for path in paths.split(os.pathsep) if path]
module, _, attribute = name.partition(":")
backend = importlib.import_module(module)


def is_here(need):
    from importlib import metadata
    try:
        return bool(metadata.version(re.match(r"[\\w.-]+", need)[0]))
    except metadata.PackageNotFoundError:
        return False


for part in filter(None, attribute.split(".")):
    backend = getattr(backend, part)
needs = getattr(backend, "get_requires_for_build_wheel", lambda settings=None: [])(None)
if question == "first" and any(not is_here(need) for need in needs):
    text = "\\n".join(["needs", *needs])
elif hasattr(backend, "prepare_metadata_for_build_wheel"):
    made = backend.prepare_metadata_for_build_wheel(out, None)
    with open(os.path.join(out, made, "METADATA"), encoding="utf-8") as stream:
        text = stream.read()
else:
    with zipfile.ZipFile(os.path.join(out, backend.build_wheel(out, None))) as wheel:
        text = wheel.read(next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))).decode()
with open(os.path.join(out, "answer"), "w", encoding="utf-8") as stream:
    stream.write(text)
"""


def read(snapshot: Snapshot, sources: Tree, *, state: Path, interpreter: Interpreter | None, uv: Uv) -> Facts:
    """The project's dependencies. Raises NotVerifiedError if the backend could not be asked or refused."""
    known = metadata.read(sources)
    if snapshot.project.backend is None or known.static or _is_static(sources, known):
        return _static(sources, known)
    inputs = digest.of_parts(
        part for name, sha in sorted(snapshot.files.items()) if _may_be_read(name) for part in (name, sha)
    )
    store = state / "resolutions" / f"metadata-{inputs[:24]}.json"
    try:
        return msgspec.json.decode(store.read_bytes(), type=Facts)
    except (OSError, ValueError):
        pass
    if interpreter is None:
        raise NotVerifiedError("there is no interpreter that could ask the build backend for the dependencies")
    found = _from_metadata(known.name, _ask(snapshot, sources, state=state, interpreter=interpreter, uv=uv))
    atomic.write(store, msgspec.json.encode(found))
    return found


def _may_be_read(name: str) -> bool:
    """Build scripts and what they may read for metadata: small files at the top, and version files."""
    return "/" not in name or name.endswith(("__init__.py", "version.py", "__about__.py", "/VERSION", "setup.py"))


def _is_static(sources: Tree, known: metadata.Metadata) -> bool:
    """Tables that no backend computes: Poetry's and Flit's; setup.cfg or literals, if setup.py says nothing else."""
    pyproject = sources.toml("pyproject.toml")
    if "project" in pyproject:
        return _file_dependencies(sources) is not None
    if sources.table("pyproject.toml", "tool", "poetry") or sources.table("pyproject.toml", "tool", "flit", "metadata"):
        return True
    config = sources.ini("setup.cfg")
    named = known.setup.named if "setup.py" in sources else ()
    asked = {"install_requires", "extras_require"} & set(named)
    return "options" in config and not asked


def _file_dependencies(sources: Tree) -> tuple[tuple[Line, ...], Mapping[str, tuple[Line, ...]]] | None:
    """The `[tool.setuptools.dynamic]` dependencies from files; None if something else is dynamic, too."""
    dynamic = set(strings(sources.table("pyproject.toml", "project").get("dynamic")))
    table = sources.table("pyproject.toml", "tool", "setuptools", "dynamic")
    parts = {"dependencies", "optional-dependencies"} & dynamic
    if not parts or not parts <= table.keys():
        return None
    plain = _listed(sources, table["dependencies"]) if "dependencies" in parts else ()
    extras = table["optional-dependencies"].items() if "optional-dependencies" in parts else ()
    return plain, {canonical(name): _listed(sources, value) for name, value in extras}


def _listed(sources: Tree, value: Mapping[str, object]) -> tuple[Line, ...]:
    paths = strings(value.get("file"))
    return tuple(
        Line(text=text, place=f"{path}:{number}")
        for path in paths
        for number, text in file_lines(sources.text(path))
        if not text.startswith("-")
    )


def _static(sources: Tree, known: metadata.Metadata) -> Facts:
    place = str(known.source) if known.source else "the project's metadata"
    extras_place = str(known.extras_at) if known.extras_at else place
    extras = {
        canonical(name): tuple(Line(text=text, place=f"extra `{name}` ({extras_place})") for text in lines)
        for name, lines in known.extras.items()
    }
    dependencies: tuple[Line, ...] = tuple(Line(text=text, place=place) for text in known.dependencies)
    from_files = _file_dependencies(sources)
    if from_files is not None:
        dependencies = from_files[0] or dependencies
        extras |= from_files[1]
    return Facts(name=known.name, dependencies=dependencies, extras=extras)


def _ask(snapshot: Snapshot, sources: Tree, *, state: Path, interpreter: Interpreter, uv: Uv) -> str:
    """METADATA, from the backend itself (PEP 517), in an environment of uv's that holds the build requirements."""
    table = sources.table("pyproject.toml", "build-system")
    requires = strings(table.get("requires")) or ["setuptools>=40.8.0"]
    backend = table.get("build-backend") or "setuptools.build_meta:__legacy__"
    work = state / "work" / f"metadata-{digest.of_text(snapshot.root)[:12]}-{interpreter.minor}"
    tree.remove(work)
    try:
        copy = work / "tree"
        tree.copy_files(Path(snapshot.root), snapshot.files, copy)
        (work / "ask.py").write_text(_ASK)
        paths = os.pathsep.join(str(copy / path) for path in strings(table.get("backend-path")))

        def asked(question: str, needs: Iterable[str]) -> str:
            out = work / question
            out.mkdir()
            given = [word for need in needs for word in ("--with", need)]
            uv.need(
                ["run", "--quiet", "--isolated", "--no-project", "--python", interpreter.path, *given, "python",
                 str(work / "ask.py"), str(backend), paths, str(out), question],
                directory=str(copy),
                what="the build backend could not be asked for the project's dependencies",
                extra=_pretended(snapshot),
            )  # fmt: skip
            return (out / "answer").read_text(encoding="utf-8")

        answer = asked("first", requires)
        first, *more = answer.splitlines() or [""]
        return asked("again", [*requires, *more]) if first == "needs" else answer
    finally:
        tree.remove(work)


def _pretended(snapshot: Snapshot) -> dict[str, str]:
    """The version does not matter here, and git is not asked: it would find the user's checkout above the copy."""
    if "PKG-INFO" in snapshot.files:
        return {}
    names = ("SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "PBR_VERSION")
    return dict.fromkeys(names, "0.0.0")


def _from_metadata(name: str, text: str) -> Facts:
    """Requires-Dist and Provides-Extra of a METADATA file."""
    header = text.split("\n\n", 1)[0]
    fields = re.findall(r"^(Name|Requires-Dist|Provides-Extra): *(.+)$", header, re.MULTILINE)
    plain: list[Line] = []
    extras: dict[str, list[Line]] = {canonical(value): [] for field, value in fields if field == "Provides-Extra"}
    for field, value in fields:
        if field != "Requires-Dist":
            continue
        line, extra = _without_extra(value)
        place = (
            f"extra `{extra}`, as the build backend says" if extra else "the dependencies, as the build backend says"
        )
        (extras.setdefault(canonical(extra), []) if extra else plain).append(Line(text=line, place=place))
    said = next((value for field, value in fields if field == "Name"), name)
    return Facts(name=said, dependencies=tuple(plain), extras={key: tuple(lines) for key, lines in extras.items()})


def _without_extra(line: str) -> tuple[str, str]:
    """A Requires-Dist line without its `extra == "x"`, and x ("" if it has none)."""
    found = re.search(r"""\bextra\s*==\s*["']([^"']+)["']""", line)
    if not found:
        return line.strip(), ""
    base, _, marker = line.partition(";")
    rest = re.sub(r"""\s*(?:and\s+)?\bextra\s*==\s*["'][^"']+["']\s*(?:and\s+)?""", "", marker).strip()
    rest = rest[1:-1].strip() if re.fullmatch(r"\([^()]*\)", rest) else rest
    return (f"{base.strip()} ; {rest}" if rest else base.strip()), found[1]
