"""penstock is not green on the sabotage, names the right rule, and is green on the honest twin."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.sabotage import wheelhouse
from tests.sabotage.case import Sabotage, made
from tests.sabotage.stage import Stage, wrong
from tests.sabotage.table import CASES


def named(case: Sabotage) -> str:
    return re.sub(r"\W+", "-", f"{case.rule} {case.name}").strip("-")


def test_each_case_has_a_name_of_its_own_and_changes_something() -> None:
    names = [named(case) for case in CASES]
    assert len(names) == len(set(names))
    for case in CASES:
        assert case.rule, case.name
        assert case.after or case.before or made(case.project.files, case.change) != dict(case.project.files), case.name
        re.compile(case.expects.says)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    place = tmp_path_factory.mktemp("sabotage")
    made_here = Stage(place, wheelhouse.build(place / "wheels"))
    yield made_here
    made_here.close()


def available(stage: Stage, case: Sabotage) -> None:
    if lack := stage.lacks(case):
        pytest.skip(lack)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=named)
def test_penstock_is_not_green_and_names_the_rule(stage: Stage, case: Sabotage, request: pytest.FixtureRequest) -> None:
    available(stage, case)
    if case.open:
        request.applymarker(pytest.mark.xfail(reason=case.open, strict=True))
    ended = stage.sabotaged(case)
    assert not wrong(ended, case.expects), f"{wrong(ended, case.expects)}\n{ended.said[-3000:]}"


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_honest_twin_is_green(stage: Stage, case: Sabotage) -> None:
    available(stage, case)
    ended = stage.honest(case)
    assert ended.green, ended.said[-3000:]
