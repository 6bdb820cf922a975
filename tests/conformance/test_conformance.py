"""Each project by plain pytest and by the engine, in real environments: the results must be equal."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cases import CASES, FAST, Case
from tests.conformance.running import HERE, OWN, Ran, python_of, run

Key = tuple[str, str]
_BY_NAME = {case.name: case for case in CASES["bare"]}


@pytest.fixture(scope="module")
def plain_runs() -> dict[Key, Ran]:
    """Plain pytest's runs, kept: one serves every way of starting workers."""
    return {}


# All cases in all environments; in the newest with each way of starting workers.
EVERY = [
    pytest.param(environment, case, start, id=f"{environment}-{case.name}-{start}")
    for environment, cases in CASES.items()
    for case in cases
    for start in (case.starts if environment == "newest" else ("auto",))
]


@pytest.mark.slow
@pytest.mark.parametrize(("environment", "case", "start"), EVERY)
def test_equal_to_plain_pytest(
    environment: str, case: Case, start: str, plain_runs: dict[Key, Ran], tmp_path_factory: pytest.TempPathFactory
) -> None:
    _hold(environment, case, start, plain_runs, tmp_path_factory)


@pytest.mark.parametrize("name", FAST)
def test_equal_to_plain_pytest_at_once(
    name: str, plain_runs: dict[Key, Ran], tmp_path_factory: pytest.TempPathFactory
) -> None:
    _hold(OWN, _BY_NAME[name], "auto", plain_runs, tmp_path_factory)


def _hold(
    environment: str, case: Case, start: str, plain_runs: dict[Key, Ran], factory: pytest.TempPathFactory
) -> None:
    python = python_of(environment)
    if (environment, case.name) not in plain_runs:
        plain_runs[environment, case.name] = _steps(python, case, factory.mktemp("plain"), None)
    plain = plain_runs[environment, case.name]
    ours = _steps(python, case, factory.mktemp("engine"), start)
    print(f"engine: {ours.engine}\n--- plain pytest\n{plain.output[-6000:]}\n--- the engine\n{ours.output[-12000:]}")
    problems = [*_broken(ours), *_different(case, plain, ours), *_other_session(case, plain, ours)]
    assert not problems, f"{len(problems)} differences ({ours.engine}): " + "; ".join(problems[:8])
    if case.check is not None:
        case.check(plain, ours)


def _steps(python: str, case: Case, folder: Path, start: str | None) -> Ran:
    """All runs of a case in one copy of its project; the last one's results."""
    root = folder / "project"
    shutil.copytree(HERE / "projects" / case.project, root)
    without = tuple(word for name in case.dies for word in ("--deselect", name)) if start is None else ()
    settings: dict[str, Any] | None = {"workers": 2, "start": start, "retries": 0, **case.settings, **case.both}
    if start is None:
        settings = {"workers": 1, **case.both} if case.both else None
    runs = [
        run(python, root, (*args, *without), environ=case.environ, settings=settings, loaded=case.loaded)
        for args in case.steps
    ]
    return runs[-1]


def _broken(ours: Ran) -> list[str]:
    """Why the engine's own account cannot be trusted."""
    lines = [line for line in ours.output.splitlines() if line.startswith("INTERNALERROR>")]
    return [*([f"log: {ours.log.problem}"] if ours.log.problem else []), *lines[-1:]]


def _different(case: Case, plain: Ran, ours: Ran) -> list[str]:
    """Tests that did not end as expected."""
    if "tests" in case.loose:
        return []
    expected = plain.ends | dict(case.dies) | {test: outcome for test, (outcome, _) in case.differs.items()}
    seen = ours.ends
    pairs = {test: (expected.get(test, "absent"), seen.get(test, "absent")) for test in (*expected, *seen)}
    left = {"not_run"} if case.part else set()
    return [
        f"{test}: {pair[0]}, not {pair[1]}"
        for test, pair in pairs.items()
        if pair[0] != pair[1] and not left & set(pair)
    ]


def _other_session(case: Case, plain: Ran, ours: Ran) -> list[str]:
    """What differs of the session as a whole."""
    if case.part or case.dies:
        return []
    pairs = {
        "counts": (plain.counts, ours.counts),
        "exit": (plain.exit_code, ours.exit_code),
        "collection errors": tuple(sorted(error[:2] for error in ran.log.errors) for ran in (plain, ours)),
        "skipped files": (plain.log.skipped_files, ours.log.skipped_files),
    }
    return [
        f"{what}: {pair[0]}, not {pair[1]}"
        for what, pair in pairs.items()
        if pair[0] != pair[1] and what not in case.loose
    ]
