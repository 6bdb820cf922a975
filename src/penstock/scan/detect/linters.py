"""The linters, formatters and type checkers that the project uses, at its versions, on its paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from penstock.errors import Place
from penstock.model.snapshot import Decision, Package, ToolUse
from penstock.scan.detect import toolsettings, typecheckers
from penstock.scan.detect.declared import Declared, Needs, unique
from penstock.scan.detect.dependencies import locks
from penstock.scan.detect.dependencies.choice import Sources, lines
from penstock.scan.detect.requirement import name_of, names, pin_of
from penstock.scan.detect.toolcalls import MEASURING, TOOLS, TYPE_CHECKERS, Call, collect, runs_unseen_hooks
from penstock.scan.detect.tree import Tree
from penstock.value import Value

_PLUGIN = re.compile(
    r"^(?:flake8-|pep8-naming|dlint|wemake|pandas-vet|hacking|pylint-|types-|.*-stubs$|mccabe|pyflakes$|pycodestyle$)"
)


class Found(Value, frozen=True, kw_only=True):
    """The uses, and why. `environments`: what the declared environments of type checkers hold, by the set's name."""

    uses: tuple[ToolUse, ...]
    decisions: tuple[Decision, ...] = ()
    environments: tuple[tuple[str, Needs], ...] = ()


def find(tree: Tree, sources: Sources, packages: Sequence[Package], requirements: Sequence[str]) -> Found:
    """Every tool that has a section, a file or a call. Nothing at all: ruff advises.

    `requirements`: every line that the project declares anywhere.
    """
    calls = collect(tree, sources.declared)
    unseen = runs_unseen_hooks(tree, sources.declared)
    uses: list[ToolUse] = []
    decisions: list[Decision] = []
    environments: dict[str, Needs] = {}
    for tool in TOOLS:
        own = [call for call in calls if call.tool == tool]
        section = _SECTIONS[tool](tree)
        wanted = tool in MEASURING and tool in names(requirements)
        if not own and not wanted and (section is None or (tool == "ruff-format" and calls)):
            continue
        best = _best(own)
        use, extra = _use(tree, packages, (tool, best, section, own), _version(tree, sources, requirements, tool, best))
        doubt = _doubt(tree, calls, use, best, unseen=unseen)
        uses.append(replace(use, blocking=not doubt))
        decisions.append(_decision(uses[-1], best, section, doubt))
        if extra is not None and use.dependencies:
            known = environments.get(use.dependencies, Needs())
            environments[use.dependencies] = known.plus(extra.needs)
    uses = [_configured(tree, _provided(tree, sources, use, environments)) for use in uses]
    if all(use.tool in MEASURING for use in uses):
        uses.append(ToolUse(tool="ruff", blocking=False))
        decisions.append(
            Decision(subject="lint", choice="ruff advises", why="the project configures no linter", setting="jobs.lint")
        )
    return Found(uses=tuple(uses), decisions=tuple(decisions), environments=tuple(environments.items()))


def _provided(tree: Tree, sources: Sources, use: ToolUse, environments: Mapping[str, Needs]) -> ToolUse:
    """With the mark that the declared environment names the tool itself: its version is chosen there."""
    needs = environments.get(use.dependencies or "")
    held = needs is not None and use.tool in names(lines(tree, needs, sources))
    return replace(use, provided=True) if held else use


def _configured(tree: Tree, use: ToolUse) -> ToolUse:
    """With what its configuration leaves out, and what the tool does not know of it."""
    return replace(
        use,
        excludes=toolsettings.excludes(tree, use.tool),
        silenced=toolsettings.silenced(tree, use.tool),
        unknown=toolsettings.unknown(tree, use.tool),
    )


def _best(own: Sequence[Call]) -> Call | None:
    """A call of an environment on named paths says most; then hooks; then any."""
    ranked = sorted(own, key=lambda call: (not call.hook and not call.paths and not call.args, not call.hook))
    return ranked[0] if ranked else None


def _doubt(tree: Tree, calls: Sequence[Call], use: ToolUse, best: Call | None, *, unseen: bool) -> str:
    """Why a configured tool only advises, "" if it blocks: never stricter than the project's own commands."""
    if "PKG-INFO" in tree:
        return "this is a source distribution: a release, in which files are generated or left out and pins are of old"
    if best is not None:
        absent = "what its command checks is not here" if best.absent else ""
        return absent or ("" if best.asked else "declared, but run neither by default nor by CI")
    hooked = unseen and use.tool not in TYPE_CHECKERS
    if (calls and not hooked) or use.place is None:
        what = "configured" if use.place is not None else "a dependency"
        return f"{what}, but none of the project's own commands runs it"
    if use.version.startswith("=="):
        return ""
    if hooked:
        return "configured, but its version stands in .pre-commit-config.yaml, which is not here"
    return "configured, but there is neither a pinned version nor a command that runs it"


def _use(
    tree: Tree, packages: Sequence[Package], about: tuple[str, Call | None, Place | None, Sequence[Call]], version: str
) -> tuple[ToolUse, Declared | None]:
    tool, best, section, own = about
    if tool in TYPE_CHECKERS:
        return typecheckers.use(tree, packages, about, version)
    same = [call for call in own if best is not None and call.args == best.args and call.hook == best.hook]
    paths = unique(*(call.paths for call in same)) if all(call.paths for call in same) else ()
    return (
        ToolUse(
            tool=tool,
            version=version,
            args=best.args if best else toolsettings.options(tree, tool),
            paths=paths,
            plugins=_plugins(best),
            place=best.place if best else section,
        ),
        None,
    )


def _plugins(best: Call | None) -> tuple[str, ...]:
    if best is None:
        return ()
    return (
        tuple(line for line in best.dependencies if best.hook or _PLUGIN.match(name_of(line) or ""))
        if best.tool in {"flake8", "pylint", "isort", "black"}
        else ()
    )


def _version(tree: Tree, sources: Sources, requirements: Sequence[str], tool: str, best: Call | None) -> str:
    """The hook's rev or environment's pin, the lock's, or a declared requirement's specifier, exact ones first."""
    program = "ruff" if tool == "ruff-format" else tool
    if best is not None and best.version:
        return best.version
    locked = locks.version(tree, sources.lock, program)
    if locked:
        return f"=={locked}"
    pins = [pin_of(line) for line in requirements if name_of(line) == program and pin_of(line)]
    return next((pin for pin in pins if pin.startswith("==")), pins[0] if pins else "")


def _decision(use: ToolUse, best: Call | None, section: Place | None, doubt: str) -> Decision:
    subject = "types" if use.tool in TYPE_CHECKERS else MEASURING.get(use.tool, "lint")
    verb = "blocks" if use.blocking else "advises"
    why = "configured" if best is None else ("a pre-commit hook" if best.hook else "one of the project's own commands")
    words = [use.tool + use.version, *use.args, *use.paths]
    return Decision(
        subject=subject,
        choice=f"{' '.join(words)} {verb}",
        why=doubt or why,
        place=use.place or section,
        setting=f"jobs.{subject}",
    )


def _in_pyproject(*keys: str) -> Callable[[Tree], Place | None]:
    def found(tree: Tree) -> Place | None:
        table = tree.table("pyproject.toml", *keys[:-1]).get(keys[-1])
        return tree.place("pyproject.toml", f"[{'.'.join(keys)}") if table is not None else None

    return found


def _section(tool: str, files: Sequence[str], sections: Sequence[tuple[str, str]]) -> Callable[[Tree], Place | None]:
    """Own files first, then sections of shared INI files, then `[tool.X]`."""

    def found(tree: Tree) -> Place | None:
        for path in files:
            if path in tree:
                return Place(path=path, line=1)
        for path, section in sections:
            if path in tree and section in tree.ini(path):
                return tree.place(path, f"[{section}]")
        return _in_pyproject("tool", tool)(tree)

    return found


def _format_section(tree: Tree) -> Place | None:
    table = tree.table("pyproject.toml", "tool", "ruff").get("format")
    if table is not None:
        return tree.place("pyproject.toml", "[tool.ruff.format]")
    path = (
        next((path for path in ("ruff.toml", ".ruff.toml") if tree.table(path, "format")), None)
        if {"ruff.toml", ".ruff.toml"} & tree.files
        else None
    )
    return tree.place(path, "[format]") if path else None


_SECTIONS: dict[str, Callable[[Tree], Place | None]] = {
    "ruff": _section("ruff", ("ruff.toml", ".ruff.toml"), ()),
    "ruff-format": _format_section,
    "black": _section("black", (), ()),
    "isort": _section(
        "isort", (".isort.cfg",), (("setup.cfg", "isort"), ("setup.cfg", "tool:isort"), ("tox.ini", "isort"))
    ),
    "flake8": _section("flake8", (".flake8",), (("setup.cfg", "flake8"), ("tox.ini", "flake8"))),
    "pylint": _section(
        "pylint", (".pylintrc", "pylintrc", "pylintrc.toml", ".pylintrc.toml"), (("setup.cfg", "pylint"),)
    ),
    "mypy": _section("mypy", ("mypy.ini", ".mypy.ini"), (("setup.cfg", "mypy"),)),
    "pyright": _section("pyright", ("pyrightconfig.json",), ()),
    "ty": _section("ty", ("ty.toml",), ()),
    "bandit": _section("bandit", (".bandit", "bandit.yaml", "bandit.yml", ".bandit.yml", ".bandit.yaml"), ()),
    "radon": _section("radon", ("radon.cfg",), (("setup.cfg", "radon"),)),
}
