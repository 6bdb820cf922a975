"""Keys of wheels and environments: what they depend on, no more (an edit must not rebuild), no less. Pure.

A wheel has one of three keys. *install*: of a pure project, whose modules are read from the tree: only what the build
backend reads for metadata and layout. *native*: of a project with compiled parts: also every file that a compiler or
code generator may read, and the ABI. *sources*: of a wheel that holds copies of the sources: every file.
Which it is, shows when it is built; `redirect.json` in the folder of the install key remembers it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from penstock.model.snapshot import Interpreter, Project
from penstock.run.environment.spec import FORMAT, PrepareSpec, SourceKeys, Tree
from penstock.util import digest

LEVELS = ("install", "native", "sources")
_BUILD_FILES = frozenset(
    {
        "pyproject.toml", "setup.py", "setup.cfg", "MANIFEST.in", "PKG-INFO", "hatch.toml", "pdm_build.py", "flit.ini",
        "meson.build", "meson.options", "meson_options.txt", "CMakeLists.txt", "Cargo.toml", "Cargo.lock", "build.rs",
    }
)  # fmt: skip
_VERSION_FILES = frozenset({"__about__.py", "__version__.py", "_version.py", "version.py", "VERSION", "version.txt"})
_DOCUMENTS = (".md", ".rst", ".ipynb", ".png", ".svg", ".jpg", ".gif", ".pdf")
_NO_BUILD_FOLDERS = frozenset(
    {"docs", "doc", "tests", "test", "testing", "benchmarks", "examples", ".github", ".circleci"}
)


def source_keys(files: Mapping[str, str], project: Project, build_text: str) -> SourceKeys:
    """The tree's three digests. `build_text`: pyproject.toml, setup.cfg and setup.py in one, to see what they read."""
    reads_init = bool(re.search(r"__version__|\battr\s*[:=]|flit|__init__\.py|dynamic", build_text))
    packages = tuple(f"{package.name}={package.path}" for package in project.packages)
    inputs = {name for name in files if _is_install_input(name, project, reads_init=reads_init)}
    inputs |= {name for name in files if "/" not in name and not name.endswith(_DOCUMENTS) and name in build_text}
    install = digest.of_parts([*packages, *_pairs(files, inputs)])
    native = digest.of_parts([install, *_pairs(files, {name for name in files if _is_native_input(name, project)})])
    return SourceKeys(install=install, native=native, sources=digest.of_parts(_pairs(files, set(files))))


def _pairs(files: Mapping[str, str], names: set[str]) -> list[str]:
    return [part for name in sorted(names) for part in (name, files[name])]


def _is_install_input(name: str, project: Project, *, reads_init: bool) -> bool:
    path = PurePosixPath(name)
    if path.name in _BUILD_FILES or path.name.endswith("_build.py"):
        return len(path.parts) <= 2
    if path.name in _VERSION_FILES:
        return len(path.parts) <= 4
    if len(path.parts) == 1 and name.startswith("requirements") and name.endswith((".txt", ".in")):
        return True
    heads = {f"{package.path}/__init__.py" for package in project.packages}
    modules = {package.path for package in project.packages}
    return reads_init and (name in heads or name in modules)


def _is_native_input(name: str, project: Project) -> bool:
    path = PurePosixPath(name)
    if path.parts[0] in _NO_BUILD_FOLDERS or name.endswith(_DOCUMENTS):
        return False
    if path.suffix != ".py":
        return True
    inside = any(name == package.path or name.startswith(f"{package.path}/") for package in project.packages)
    return not inside and "tests" not in path.parts


def wheel_key(tree: Tree, interpreter: Interpreter, level: str) -> str:
    """The key of the project's wheel at a level (see the module)."""
    parts = [FORMAT, level, tree.project.name, tree.project.backend or "", tree.keys.install]
    if level != "install":
        parts += [interpreter.identity, tree.keys.native]
    if level == "sources":
        parts.append(tree.keys.sources)
    return digest.of_parts(parts)[:24]


def environment_key(spec: PrepareSpec, tree: Tree, wheel: str) -> str:
    """The key of an environment. `wheel`: the key of the project's wheel, "" if the project is not installed."""
    chosen = spec.dependencies
    parts = [FORMAT, tree.root, spec.interpreter.path, spec.interpreter.identity, spec.resolution, spec.requirements]
    parts += [wheel, *spec.layers]
    if chosen is not None:
        parts += [str(chosen.install_project), *(part for fallback in chosen.fallbacks for part in fallback)]
        parts += [str(bool(spec.test_files)), str(spec.examines)]
        parts += [package.path for package in tree.project.packages if not wheel]
    return digest.of_parts(parts)[:24]
