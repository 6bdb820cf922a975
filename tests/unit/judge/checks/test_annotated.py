"""The share of checked functions against its gate."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.judge import ratchet
from penstock.judge.checks.annotated import AnnotationsCheck
from penstock.model.change import Facts
from penstock.model.events import Outcome
from penstock.model.pipeline import CheckSpec, JobKind, Mode
from penstock.model.records import FindingRecord
from penstock.model.verdict import CheckResult, Status
from tests import builders, verdicts

COUNT = builders.job("annotations", kind=JobKind.ANNOTATIONS)
TYPES = builders.job("types", kind=JobKind.TYPES)


def bare(name: str) -> FindingRecord:
    return FindingRecord(
        job="annotations", tool="annotations", rule="unannotated", message=name, path="pkg/a.py", anchor=name
    )


def answer(
    functions: int,
    annotated: int,
    *names: str,
    limit: float = 80.0,
    mode: Mode = Mode.ERROR,
    checked: int | None = 4,
    left: int = 0,
    **fields: Any,
) -> CheckResult:
    measures = {"functions": functions, "annotated": annotated, "files": 4, "expected": 4, "left_out": left}
    counted = verdicts.job_record(COUNT, measures={**measures, "findings": len(names)})
    looked = verdicts.job_record(TYPES, measures={"files": checked or 0})
    jobs = (COUNT,) if checked is None else (COUNT, TYPES)
    records = (counted,) if checked is None else (counted, looked)
    gate = CheckSpec(name="annotations", mode=mode, limits=(("min", limit),))
    kept = verdicts.records(*records, findings=tuple(map(bare, names)))
    (result,) = AnnotationsCheck().answer(verdicts.evidence(builders.plan(*jobs, gates=(gate,)), kept, **fields))
    return result


@pytest.mark.parametrize(
    ("functions", "annotated", "status"),
    [(10, 8, Status.PASSED), (10, 7, Status.FAILED), (100_000, 79_999, Status.FAILED), (0, 0, Status.MISSING)],
)
def test_the_share_is_compared_exactly(functions: int, annotated: int, status: Status) -> None:
    assert answer(functions, annotated).status is status


def test_no_share_is_shown_as_reached_that_is_not() -> None:
    assert answer(100_000, 79_999).summary.startswith("79.99 % (79999/100000 functions), of 80 %")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"checked": None}, "no type checker is in the plan"),
        ({"checked": 3}, "examined 3 files, and 4 are counted"),
        ({"checked": 2, "left": 1}, "examined 2 files, and 3 are counted"),
    ],
)
def test_an_annotation_that_nobody_checks_is_not_verified(given: dict[str, Any], said: str) -> None:
    result = answer(10, 10, **given)
    assert result.status is Status.MISSING
    assert said in result.summary


def test_a_type_checker_that_did_not_end_checked_nothing() -> None:
    records = (
        verdicts.job_record(COUNT, measures={"functions": 1, "annotated": 1, "files": 1, "expected": 1}),
        verdicts.job_record(TYPES, outcome=Outcome.ERRORED, measures={"files": 1}),
    )
    (result,) = AnnotationsCheck().answer(
        verdicts.evidence(builders.plan(COUNT, TYPES), verdicts.records(*records, findings=()))
    )
    assert (result.status, result.summary) == (Status.MISSING, "the type checker did not run to an end")


def test_a_ratchet_blocks_a_new_function_only() -> None:
    facts = Facts(baseline=tuple(sorted(ratchet.fingerprint(bare(name)) for name in ("f", "g"))))
    known = answer(4, 2, "f", "g", mode=Mode.RATCHET, facts=facts)
    assert (known.status, known.summary) == (Status.PASSED, "50.00 % (2/4 functions), of 80 %, 0 of the others new")
    new = answer(4, 1, "f", "g", "h", mode=Mode.RATCHET, facts=facts)
    assert (new.status, new.details) == (Status.FAILED, ("pkg/a.py unannotated h",))
