"""What the project says it is: name, backend, Pythons, dependencies and extras, from wherever it says so.

Order: `[project]`, Poetry's and old Flit's tables, setup.cfg, setup.py; PKG-INFO (source distributions) fills the gaps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from penstock.errors import Place
from penstock.scan.detect import setup_py
from penstock.scan.detect.dependencies import poetry
from penstock.scan.detect.requirement import canonical, strings
from penstock.scan.detect.tree import Tree
from penstock.value import Value

_NATIVE_BACKENDS = ("maturin", "scikit_build_core", "mesonpy", "py_build_cmake", "pdm.backend.native", "sipbuild")
_NATIVE_REQUIREMENTS = re.compile(
    r"^(?:maturin|setuptools[-_]rust|cffi|cython|pybind11|nanobind|scikit[-_]build(?:[-_]core)?|meson[-_]python|mypy(?:\[mypyc\])?"
    r"|hatch[-_]mypyc|hatch[-_]cython|numpy|setuptools[-_]golang)\b",
    re.IGNORECASE,
)
_EXTENSION_SOURCES = (".pyx", ".c", ".cpp", ".cc", ".rs")


class Metadata(Value, frozen=True, kw_only=True):
    """The project's own description. `dependencies` and `extras` are complete only if `static`."""

    name: str
    backend: str | None = None
    native: bool = False
    native_why: str = ""
    packaged: bool = True  # False: nothing to install, dependencies only (rule I2)
    requires_python: str = ""
    classifiers: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = {}
    extras_at: Place | None = None
    static: bool = True
    source: Place | None = None
    setup: setup_py.Setup = setup_py.Setup()


def read(tree: Tree) -> Metadata:
    """Read the description. A project that says nothing at all is named after its folder and is not packaged."""
    setup, config, info = setup_py.read(tree), tree.ini("setup.cfg"), _package_info(tree)
    project, legacy = tree.table("pyproject.toml", "project"), tree.table("pyproject.toml", "tool", "poetry")
    flit = tree.table("pyproject.toml", "tool", "flit", "metadata")
    options = config.get("options", {})
    static = bool(project) and not {"dependencies", "optional-dependencies"} & set(strings(project.get("dynamic")))
    said: dict[str, Any] = {
        "name": [project.get("name"), legacy.get("name"), config.get("metadata", {}).get("name")],
        "requires": [project.get("requires-python"), poetry.python(legacy), flit.get("requires-python")],
        "classifiers": [project.get("classifiers"), legacy.get("classifiers"), flit.get("classifiers")],
    }
    said["name"] += [setup.literals.get("name"), flit.get("dist-name"), flit.get("module"), _one(info, "Name")]
    said["requires"] += [options.get("python_requires"), setup.literals.get("python_requires")]
    said["classifiers"] += [config.get("metadata", {}).get("classifiers"), setup.literals.get("classifiers")]
    backend = _backend(tree)
    native_why = _native(tree, setup, backend)
    extras, extras_at = _extras(tree, setup, info)
    return Metadata(
        name=_first(said["name"]) or tree.root.name or "project",
        backend=backend,
        native=bool(native_why),
        native_why=native_why,
        packaged=backend is not None and _packaged(tree),
        requires_python=_first([*said["requires"], _one(info, "Requires-Python")]),
        classifiers=tuple(
            next((found for found in map(strings, said["classifiers"]) if found), info.get("Classifier", []))
        ),
        dependencies=_dependencies(project, legacy, setup, options, info),
        extras=extras,
        extras_at=extras_at,
        static=static or backend is None,
        source=_source(tree, setup),
        setup=setup,
    )


def _first(values: list[Any]) -> str:
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), "")


def _one(info: Mapping[str, list[str]], field: str) -> str | None:
    return next(iter(info.get(field, [])), None)


def _package_info(tree: Tree) -> dict[str, list[str]]:
    """The header of a source distribution's PKG-INFO: field -> its values."""
    found: dict[str, list[str]] = {}
    for line in tree.text("PKG-INFO").split("\n\n", 1)[0].splitlines():
        field, colon, value = line.partition(": ")
        if colon and not line.startswith((" ", "\t")):
            found.setdefault(field, []).append(value.strip())
    return found


def _backend(tree: Tree) -> str | None:
    """The build backend; setuptools where only setup.py or a setup.cfg with metadata says so; else None."""
    build = tree.table("pyproject.toml", "build-system")
    if isinstance(build.get("build-backend"), str):
        return str(build["build-backend"])
    described = bool(tree.table("pyproject.toml", "project"))
    if build or described or "setup.py" in tree or "metadata" in tree.ini("setup.cfg"):
        return "setuptools.build_meta"
    return None


def _packaged(tree: Tree) -> bool:
    uv, legacy = tree.table("pyproject.toml", "tool", "uv"), tree.table("pyproject.toml", "tool", "poetry")
    explicit = uv.get("package")
    if explicit is False or legacy.get("package-mode") is False:
        return False
    build = "build-system" in tree.toml("pyproject.toml")
    return bool(explicit) or build or "setup.py" in tree or "metadata" in tree.ini("setup.cfg")


def _native(tree: Tree, setup: setup_py.Setup, backend: str | None) -> str:
    """Why the project has compiled code, "" if it has none."""
    if backend and backend.startswith(_NATIVE_BACKENDS):
        return f"build backend {backend}"
    if setup.compiles:
        return "setup.py names an extension"
    tools = tree.table("pyproject.toml", "tool")
    if tree.table("pyproject.toml", "tool", "setuptools").get("ext-modules"):
        return "[tool.setuptools] ext-modules"
    hooks = tree.table("pyproject.toml", "tool", "hatch", "build", "targets", "wheel", "hooks")
    hooks = hooks | tree.table("pyproject.toml", "tool", "hatch", "build", "hooks")
    compiling = next((hook for hook in hooks if re.search(r"mypyc|cython|cmake|cffi|rust|ziglang", hook)), None)
    if compiling and hooks[compiling].get("enable-by-default") is not False:
        return f"hatch build hook {compiling}"
    if "cibuildwheel" in tools or tree.table("pyproject.toml", "tool", "poetry", "build"):
        return _sources(tree)
    requires = strings(tree.table("pyproject.toml", "build-system").get("requires"))
    return _sources(tree) if any(map(_NATIVE_REQUIREMENTS.match, requires)) or "ext_modules" in setup.named else ""


def _sources(tree: Tree) -> str:
    """A source file of an extension, as the reason; tests and documentation do not count."""
    found = sorted(
        path
        for path in tree.files
        if path.endswith(_EXTENSION_SOURCES) and not re.match(r"(?:tests?|docs?|examples?|bench\w*)/", path)
    )
    return f"extension source {found[0]}" if found else ""


def _extras(
    tree: Tree, setup: setup_py.Setup, info: Mapping[str, list[str]]
) -> tuple[dict[str, tuple[str, ...]], Place | None]:
    """Extra -> its requirement lines, and where they stand."""
    declared = tree.table("pyproject.toml", "project", "optional-dependencies")
    if declared:
        return _lines(declared), tree.place("pyproject.toml", "[project.optional-dependencies]")
    legacy = poetry.extras(tree.table("pyproject.toml", "tool", "poetry"))
    if legacy:
        return legacy, tree.place("pyproject.toml", "[tool.poetry.extras]")
    flit = tree.table("pyproject.toml", "tool", "flit", "metadata", "requires-extra")
    if flit:
        return _lines(flit), tree.place("pyproject.toml", "[tool.flit.metadata.requires-extra]")
    config = tree.ini("setup.cfg").get("options.extras_require", {})
    if config:
        return _lines(config), tree.place("setup.cfg", "[options.extras_require]")
    literal = setup.literals.get("extras_require")
    if isinstance(literal, dict):
        return _lines(literal), tree.place("setup.py", "extras_require")
    provided = {name: tuple(_of_extra(info, name)) for name in info.get("Provides-Extra", [])}
    return provided, Place(path="PKG-INFO") if provided else None


def _lines(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Normalised; keys such as `test:python_version<"3.11"` (setuptools) fold into their extra with the marker."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        name, _, marker = str(key).partition(":")
        lines = [f"{line}; {marker}" if marker else line for line in strings(value)]
        found[canonical(name.strip())] = (*found.get(canonical(name.strip()), ()), *lines)
    found.pop("", None)
    return found


def _of_extra(info: Mapping[str, list[str]], extra: str) -> list[str]:
    """The lines that PKG-INFO requires for `extra`, without the marker that says so."""
    pattern = re.compile(rf"\s*;\s*(?:\((.*)\)\s*and\s*)?extra\s*==\s*[\"']{re.escape(extra)}[\"']\s*$")
    matches = ((line, pattern.search(line)) for line in info.get("Requires-Dist", []))
    return [line[: found.start()] + (f"; {found[1]}" if found[1] else "") for line, found in matches if found]


def _dependencies(
    project: Mapping[str, Any],
    legacy: Mapping[str, Any],
    setup: setup_py.Setup,
    options: Mapping[str, str],
    info: Mapping[str, list[str]],
) -> tuple[str, ...]:
    sources = [project.get("dependencies"), options.get("install_requires"), setup.literals.get("install_requires")]
    said = next((found for found in map(strings, sources) if found), None) or poetry.lines(legacy.get("dependencies"))
    return tuple(said or [line for line in info.get("Requires-Dist", []) if "extra ==" not in line])


def _source(tree: Tree, setup: setup_py.Setup) -> Place | None:
    """Where the project describes itself."""
    if tree.table("pyproject.toml", "project"):
        return tree.place("pyproject.toml", "[project]")
    if tree.table("pyproject.toml", "tool", "poetry"):
        return tree.place("pyproject.toml", "[tool.poetry]")
    if "metadata" in tree.ini("setup.cfg"):
        return tree.place("setup.cfg", "[metadata]")
    return Place(path="setup.py", line=setup.line or None) if "setup.py" in tree else None
