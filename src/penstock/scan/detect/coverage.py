"""The project's coverage settings, where coverage.py itself would find them, and pytest-cov's options."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from penstock.errors import Place
from penstock.model.snapshot import CoverageUse, Decision
from penstock.scan.detect.pytestconfig import PytestConfig
from penstock.scan.detect.requirement import strings
from penstock.scan.detect.tree import Tree
from penstock.value import Value

_TRUE = {"true", "1", "yes", "on"}


class Found(Value, frozen=True, kw_only=True):
    """Whether and what to measure, and why. `unmeasured`: the settings where nothing shows that they are used."""

    use: CoverageUse | None = None
    unmeasured: CoverageUse | None = None
    decisions: tuple[Decision, ...] = ()


def find(tree: Tree, config: PytestConfig | None, commands: Sequence[Sequence[str]] | None) -> Found:
    """Measure where the project's own test command does: measuring costs up to four times the CPU, and tests of time
    and of tracing end differently under it.

    `commands`: those of the environment that is followed, None where no command is to be seen. Then a limit is the
    project's word that it measures, but not in a source distribution, from which the commands are left out.
    """
    use = _use(tree, config, commands or ())
    if use is None:
        return Found()
    if use.enforced or _runs(commands or ()):
        return Found(use=use)
    if commands is None and use.fail_under is not None and "PKG-INFO" not in tree:
        return Found(use=use)
    why = "configured, but the project's own test command does not measure it"
    if commands is None:
        why = "configured, but no command shows that it is measured, nor where"
    choice = "not measured" + (f" (limit {use.fail_under:g})" if use.fail_under is not None else "")
    told = Decision(subject="coverage", choice=choice, why=why, place=use.place, setting="jobs.coverage = true")
    return Found(unmeasured=use, decisions=(told,))


def _runs(commands: Sequence[Sequence[str]]) -> bool:
    """Whether tests are run under `coverage run`."""
    return any("coverage" in command[:5] and "run" in command[1:6] for command in commands)


def _use(tree: Tree, config: PytestConfig | None, commands: Sequence[Sequence[str]]) -> CoverageUse | None:
    """The settings; None if no file configures coverage. `commands`: for `--cov-fail-under` and `--cov`."""
    words = [*(config.addopts if config else ()), *(word for command in commands for word in command)]
    measured = [word.partition("=")[2] for word in words if word.startswith("--cov=")]
    path, run, report, place = _configured(tree)
    asked = bool(path) or any(
        word == "--cov" or word.startswith("--cov=") for word in (config.addopts if config else ())
    )
    if not asked:
        return None
    limit = _number(report.get("fail_under")) if report.get("fail_under") is not None else None
    return CoverageUse(
        source=tuple(dict.fromkeys([*_list(run.get("source")), *_list(run.get("source_pkgs"))] or measured)),
        branch=_true(run.get("branch")) or "--cov-branch" in words,
        config=path,
        fail_under=limit if limit is not None else _fail_under(words),
        enforced=_measures(words) or any(_reports(command) for command in commands),
        place=place or (config.at(tree, "addopts") if config else None),
    )


def _measures(words: Sequence[str]) -> bool:
    """Whether pytest-cov is switched on: it holds `fail_under` of the configuration, too."""
    return any(word == "--cov" or word.startswith(("--cov=", "--cov-fail-under")) for word in words)


def _reports(command: Sequence[str]) -> bool:
    """`coverage report` (`python -m coverage report`): it ends with 2 where `fail_under` is not reached."""
    return "coverage" in command[:3] and "report" in command[1:4]


def _configured(tree: Tree) -> tuple[str | None, Mapping[str, Any], Mapping[str, Any], Place | None]:
    """(file, [run], [report], place), in coverage.py's own order."""
    for path in (".coveragerc", ".coveragerc.toml"):
        if path in tree and not path.endswith(".toml"):
            sections = tree.ini(path)
            return path, sections.get("run", {}), sections.get("report", {}), tree.place(path, "[run]")
    for path in ("setup.cfg", "tox.ini"):
        sections = tree.ini(path) if path in tree else {}
        if any(name.startswith("coverage:") for name in sections):
            run, report = sections.get("coverage:run", {}), sections.get("coverage:report", {})
            return path, run, report, tree.place(path, "[coverage:")
    table = tree.table("pyproject.toml", "tool", "coverage")
    if table:
        run, report = table.get("run", {}), table.get("report", {})
        return "pyproject.toml", _table(run), _table(report), tree.place("pyproject.toml", "[tool.coverage")
    return None, {}, {}, None


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[str]:
    """A list, or text with one entry a line or separated by commas."""
    if isinstance(value, str):
        return [part for part in re.split(r"[,\n]\s*", value.strip()) if part and not part.startswith("#")]
    return strings(value)


def _true(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in _TRUE)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _fail_under(words: Sequence[str]) -> float | None:
    """`--cov-fail-under=90`, `--cov-fail-under 90`, `--fail-under=99` (of `coverage report`)."""
    for position, word in enumerate(words):
        found = re.match(r"^--(?:cov-)?fail-under(?:=([\d.]+))?$", word)
        if found:
            following = words[position + 1] if position + 1 < len(words) else ""
            return _number(found[1] or following)
    return None
