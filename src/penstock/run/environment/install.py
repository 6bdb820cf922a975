"""A virtual environment: made by uv, filled with the resolution and the project, complete when its manifest exists."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from penstock.errors import NotVerifiedError
from penstock.run.environment import closure, thin
from penstock.run.environment.keys import environment_key
from penstock.run.environment.spec import Manifest, PrepareSpec, Tree, Wheel
from penstock.run.workspace import place
from penstock.util import atomic, digest, lock, tree
from penstock.util.uvrun import Uv

MANIFEST = "penstock-environment.json"
_PIP_INSTALL = ("pip", "install", "--quiet", "--link-mode")
BLOCKED = "# penstock: no resolution for "  # + "3.9: why": written by scan.resolve into the requirement lines


def folder_of(spec: PrepareSpec, sources: Tree, wheel: Wheel | None) -> Path:
    """Where the environment lies."""
    return Path(sources.state) / "envs" / environment_key(spec, sources, wheel.key if wheel else "")


def read(folder: Path) -> Manifest | None:
    """The manifest of a complete environment whose interpreter is still there. Starts nothing."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, ValueError):
        return None
    return manifest if Path(manifest.python).exists() else None


def ensure(spec: PrepareSpec, sources: Tree, wheel: Wheel | None, uv: Uv) -> tuple[Manifest, bool]:
    """The environment, and whether it was there. Raises NotVerifiedError (why, and a remedy), OSError."""
    folder = folder_of(spec, sources, wheel)
    if manifest := read(folder):
        return manifest, True
    with lock.held(Path(sources.state) / "locks" / f"env-{folder.name}"):
        if manifest := read(folder):
            return manifest, True
        tree.remove(folder)  # what a killed run left
        manifest = _make(spec, sources, wheel, uv, folder)
        atomic.write(folder / MANIFEST, msgspec.json.encode(manifest))
        return manifest, False


def _make(spec: PrepareSpec, sources: Tree, wheel: Wheel | None, uv: Uv, folder: Path) -> Manifest:
    _refuse_blocked(spec)
    python = _venv(spec, uv, folder, sources.root)
    site = _site(folder)
    mode = _mode(spec, sources, wheel)
    workspace = place(workspace_folder(sources, folder.name))
    base = workspace if mode == "overlay" else Path(sources.root)
    _install(spec, sources, wheel or None, uv, folder, base)
    if mode == "path":
        _write_path(site, sources, base)
    added, undeclared = _close(spec, sources, uv, folder)
    return Manifest(
        key=folder.name,
        python=str(python),
        scripts=str(python.parent),
        packages=packages_digest(site),
        mode=mode,
        wheel=wheel.digest if wheel else "",
        wheel_path=wheel.path if wheel else "",
        generated=wheel.generated if wheel else (),
        added=added,
        undeclared=undeclared,
        layer=_layer(spec, sources, uv, site),
        notes=wheel.notes if wheel else (),
    )


def link_mode(spec: PrepareSpec, sources: Tree, environ: Mapping[str, str]) -> str:
    """How uv puts packages into an environment.

    Hard links only where no code of the project runs, with a linter or a type checker: a test that writes into
    site-packages would poison uv's cache for everybody. Else shared blocks where the file system has them, else
    copies (0.3 CPU s for 740 files of 24 MB, where links cost 0.05). The user's UV_LINK_MODE decides over all of it.
    """
    if environ.get("UV_LINK_MODE"):
        return environ["UV_LINK_MODE"]
    if spec.examines or _is_tools_own(spec):
        return "hardlink"
    home = environ.get("XDG_CACHE_HOME") or f"{environ.get('HOME', '')}/.cache"
    return "clone" if tree.can_share(Path(environ.get("UV_CACHE_DIR") or f"{home}/uv"), Path(sources.state)) else "copy"


def _is_tools_own(spec: PrepareSpec) -> bool:
    """Whether this is the own environment of a tool, in which no code of the project runs."""
    return spec.dependencies is not None and not spec.dependencies.of_project and not spec.test_files


def workspace_folder(sources: Tree, key: str) -> Path:
    """Where the workspace copy of an environment lies."""
    return Path(sources.state) / "work" / key


def _mode(spec: PrepareSpec, sources: Tree, wheel: Wheel | None) -> str:
    """Without a build backend, tests find the project by its root on the path (rule I2)."""
    if wheel is not None:
        return wheel.mode
    wanted = spec.dependencies is not None and spec.dependencies.install_project
    return "path" if wanted or (spec.test_files and sources.project.backend is None) else "none"


def _refuse_blocked(spec: PrepareSpec) -> None:
    for line in spec.requirements.splitlines():
        if line.startswith(f"{BLOCKED}{spec.interpreter.minor}:"):
            raise NotVerifiedError(line.removeprefix("# penstock: "), remedy="see the resolution's remedy")


def _venv(spec: PrepareSpec, uv: Uv, folder: Path, root: str) -> Path:
    uv.need(
        ["venv", "--quiet", "--no-project", "--no-config", "--python", spec.interpreter.path, str(folder)],
        directory=root,
        what="the virtual environment could not be made",
    )
    python = folder / "bin" / "python"
    return python if python.exists() else folder / "Scripts" / "python.exe"


def _site(folder: Path) -> Path:
    found = sorted(folder.glob("lib/*/site-packages")) or [folder / "Lib" / "site-packages"]
    return found[0]


def _install(spec: PrepareSpec, sources: Tree, wheel: Wheel | None, uv: Uv, folder: Path, base: Path) -> None:
    """One call of uv for the packages and the project. Their versions are chosen already: no resolution here."""
    wanted: list[str] = []
    lines = "\n".join(_localized(spec.requirements, sources))
    listing = folder / "penstock-requirements.txt"
    listing.write_text(lines)
    if any(line.strip() and not line.lstrip().startswith("#") for line in lines.splitlines()):
        wanted += ["-r", str(listing)]
    if wheel is not None:
        whole = wheel.mode == "whole"
        paths = tuple(str(base / root) if root else str(base) for root in wheel.roots)
        wanted.append(wheel.path if whole else str(thin.make(Path(wheel.path), paths, folder / "penstock-project")))
    if not wanted:
        return
    argv = [*_PIP_INSTALL, link_mode(spec, sources, uv.environ), "--no-deps", "--python", str(folder), *wanted]
    what = "packages could not be installed"
    try:
        uv.need(argv, directory=sources.root, what=what)
    except NotVerifiedError:
        if not _is_tools_own(spec):
            raise
        # Settings of the project ([tool.uv] exclude-newer) are about the project's dependencies, not about a tool.
        uv.need(argv, directory=Path(sources.root).anchor, what=what)


def _localized(requirements: str, sources: Tree) -> Iterator[str]:
    """The lines, with folders of the tree replaced by copies of them: a build in the tree would write into it."""
    for line in requirements.splitlines():
        found = re.match(r"(?:-e\s+)?(?:file://)?(\.{0,2}/[^\s;]*)(.*)", line)
        if not found:
            yield line
            continue
        inside = os.path.relpath(os.path.join(sources.root, found[1]), sources.root)  # noqa: PTH118 - "a/../b" is folded as text, no link is followed
        parts = {name: sha for name, sha in sources.files.items() if name.startswith(f"{inside}/")}
        if not parts:
            yield line
            continue
        copy = Path(sources.state) / "work" / f"part-{digest.of_parts([inside, *parts.values()])[:24]}"
        with lock.held(Path(sources.state) / "locks" / copy.name):
            if not copy.exists():
                unfinished = copy.with_name(f"{copy.name}.new")
                tree.remove(unfinished)
                tree.copy_files(Path(sources.root), parts, unfinished)
                unfinished.replace(copy)
        yield f"{copy / inside}{found[2]}"


def _write_path(site: Path, sources: Tree, base: Path) -> None:
    """No build backend: the tree's import roots on the path, nothing installed."""
    roots = ["" if "/" not in package.path else package.path.rsplit("/", 1)[0] for package in sources.project.packages]
    paths = dict.fromkeys([*(str(base / root) if root else str(base) for root in roots), str(base)])
    (site / "_penstock_project.pth").write_text("".join(f"{path}\n" for path in paths))


def packages_digest(site: Path) -> str:
    """Digest over the names and versions of what is installed."""
    names = sorted(entry.name for entry in os.scandir(site) if entry.name.endswith((".dist-info", ".egg-info")))
    return digest.of_parts(names)


def _top_names(site: Path) -> set[str]:
    """The top-level modules that the environment answers, `.pth` folders included."""
    names: set[str] = set()
    folders = [site]
    for entry in site.glob("*.pth"):
        folders += [Path(line) for line in entry.read_text().splitlines() if line.startswith("/")]
    for folder in folders:
        if folder.is_dir():
            names.update(entry.name.split(".", 1)[0] for entry in os.scandir(folder))
    return names


Pairs = tuple[tuple[str, str], ...]


def _close(spec: PrepareSpec, sources: Tree, uv: Uv, folder: Path) -> tuple[Pairs, Pairs]:
    """Rule I8 on the finished environment: (what was added and why, what is declared nowhere and who imports it)."""
    if not spec.test_files or spec.dependencies is None:
        return (), ()
    read = (*spec.test_files, *(_own_modules(sources) if sources.project.backend is None else ()))

    def missing() -> tuple[closure.Missing, ...]:
        return closure.missing(Path(sources.root), read, sources.files, _top_names(_site(folder)))

    answers = {gap: closure.declared(gap.module, spec.dependencies.fallbacks) for gap in missing()}
    lines = tuple(dict.fromkeys(answer[0] for answer in answers.values() if answer))
    failed = _add(lines, sources, uv, folder) if lines else ""
    added, undeclared = [], []
    brought: dict[str, str] = {}
    extras = closure.of_extras(spec.dependencies.fallbacks)
    if extras and None in answers.values() and not _add(tuple(line for line, _ in extras), sources, uv, folder):
        # What an extra needs in its turn (h2 needs hpack) nobody can tell by its name.
        gaps = {gap.module for gap in missing()}
        brought = {gap.module: gap.place for gap, answer in answers.items() if not answer and gap.module not in gaps}
        names = ", ".join(sorted({where.partition(" (")[0] for _, where in extras}))
        added += [(module, f"imported at {place}; brought by {names}") for module, place in brought.items()]
    for gap, answer in answers.items():
        if gap.module in brought:
            continue
        if answer is None:
            undeclared.append((gap.module, f"imported at {gap.place}, declared nowhere in this project"))
        elif failed:
            undeclared.append((gap.module, f"imported at {gap.place}, declared in {answer[1]}, but: {failed}"))
        else:
            added.append(
                (answer[0], f"ModuleNotFoundError: {gap.module} would follow at {gap.place}; declared in {answer[1]}")
            )
    return tuple(added), tuple(undeclared)


def _own_modules(sources: Tree) -> Iterator[str]:
    """The project's own files: where no build backend is, nothing but their imports says for sure what they need."""
    for package in sources.project.packages:
        yield from (
            name for name in sources.files if name.endswith(".py") and f"{name}/".startswith(f"{package.path}/")
        )


def _add(lines: tuple[str, ...], sources: Tree, uv: Uv, folder: Path) -> str:
    """Install fallbacks without moving a version of the resolution. Returns why not, or ""."""
    pinned = folder / "penstock-constraints.txt"
    plain = (
        re.split(r"\s*(?:\\$|--hash)", line)[0]
        for line in (folder / "penstock-requirements.txt").read_text().splitlines()
    )
    pinned.write_text("\n".join(line for line in plain if re.match(r"[\w.-]+==", line)))
    try:
        uv.need(
            [*_PIP_INSTALL, "copy", "--python", str(folder), "-c", str(pinned), *lines],
            directory=sources.root,
            what="could not be installed",
        )
    except NotVerifiedError as error:
        return error.message
    return ""


def _layer(spec: PrepareSpec, sources: Tree, uv: Uv, site: Path) -> str | None:
    """A folder beside the environment with penstock's own needs (coverage), for those that the environment lacks."""
    present = {entry.name.split("-", 1)[0].lower() for entry in os.scandir(site) if entry.name.endswith(".dist-info")}
    lacking = tuple(line for line in spec.layers if re.split(r"[\W]", line, maxsplit=1)[0].lower() not in present)
    if not lacking:
        return None
    key = digest.of_parts([spec.interpreter.identity, *lacking])[:12]
    name = re.split(r"[\W]", lacking[0], maxsplit=1)[0]
    layer = Path(sources.state) / "layers" / f"{name}-{spec.interpreter.minor}-{key}"
    with lock.held(Path(sources.state) / "locks" / f"layer-{key}"):
        if not layer.exists():
            unfinished = layer.with_name(f"{layer.name}.new")
            tree.remove(unfinished)
            uv.need(
                [
                    *_PIP_INSTALL,
                    "copy",
                    "--no-config",
                    "--python",
                    spec.interpreter.path,
                    "--target",
                    str(unfinished),
                    *lacking,
                ],
                directory=sources.state,
                what=f"{name}, which penstock measures with, could not be installed",
            )
            unfinished.replace(layer)
    return str(layer)
