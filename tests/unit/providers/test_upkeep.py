"""What a repository's workflows are asked beside drift."""

from __future__ import annotations

import pytest

from penstock.model.hosts import GitHub
from penstock.providers.github import ci, upkeep
from penstock.providers.slices import Slice

TEXT = ci.files([Slice(name=name, jobs=(name,), select=(name,)) for name in ("lint", "unit")], GitHub())[ci.PATH]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def told(text: str, *free: str) -> list[str]:
    return [remark.words for remark in upkeep.gate("ci.yml", text, free)]


def test_a_generated_gate_waits_for_all() -> None:
    assert told(TEXT) == []


@pytest.mark.parametrize(
    "edited",
    [
        TEXT.replace("needs: [plan, lint, unit]", "needs: [plan, lint]"),
        TEXT.replace("    needs: [plan, lint, unit]\n", "    needs:\n      - plan\n      - lint\n"),
        TEXT.replace("    needs: [plan, lint, unit]\n", "    needs:\n    - plan\n    - lint\n"),
    ],
)
def test_a_job_that_the_verdict_does_not_wait_for_is_told_where_it_stands(edited: str) -> None:
    (remark,) = upkeep.gate("ci.yml", edited)
    assert remark.words == "the verdict does not wait for `unit`: its failure would go unseen"
    assert edited.splitlines()[remark.line - 1] == "  unit:"


def test_a_job_that_decides_nothing_by_declaration_is_not_missed() -> None:
    edited = TEXT.replace("needs: [plan, lint, unit]", "needs: [plan, lint]")
    assert told(edited, "unit") == []


@pytest.mark.parametrize("condition", ["", "    if: ${{ success() }}\n", "    if: ${{ !cancelled() }}\n"])
def test_a_verdict_that_may_be_skipped_is_told(condition: str) -> None:
    edited = TEXT.replace("    if: ${{ always() }}\n", condition)
    assert told(edited) == ["the verdict does not run always: a required check that is skipped counts as passed"]


def test_a_workflow_without_a_verdict_decides_nothing() -> None:
    assert told(TEXT.replace("  verdict:", "  other:")) == ["there is no job `verdict`, so nothing decides"]


@pytest.mark.parametrize(
    ("uses", "fine"),
    [
        (f"acme/tidy@{COMMIT} # v1", True),
        (f'"acme/tidy/deep@{COMMIT}"', True),
        ("./.github/actions/x", True),
        (f"docker://alpine@sha256:{COMMIT[:32]}{COMMIT[:32]}", True),
        ("acme/tidy@v1", False),
        ("acme/tidy@main", False),
        (f"acme/tidy@{COMMIT[:12]}", False),
        ("acme/tidy", False),
        ("docker://alpine:3", False),
        ("acme/flow/.github/workflows/x.yml@v1", False),
    ],
)
def test_what_can_be_moved_to_other_code_is_told(uses: str, *, fine: bool) -> None:
    for text in (
        f"jobs:\n  a:\n    uses: {uses}\n",
        f"steps:\n  - uses: {uses}\n",
        f"steps:\n  - id: x\n    uses: {uses}\n",
    ):
        found = list(upkeep.unpinned({"x.yml": text}))
        assert (found == []) is fine
        assert fine or text.splitlines()[found[0].line - 1].endswith(uses)


def test_a_generated_file_that_is_written_no_more_is_told_and_others_are_not() -> None:
    files = {"a.yml": TEXT, "b.yml": TEXT, "c.yml": "name: c\n"}
    assert [(remark.path, remark.line) for remark in upkeep.stale(files, {"a.yml"})] == [("b.yml", 1)]
