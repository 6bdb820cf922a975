"""The file of a baseline: findings and the tools' versions, each a line, in both directions between versions of it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.model import baseline
from penstock.model.pipeline import CheckSpec, JobKind, Mode
from penstock.model.plan import Command
from tests import builders

OLD = f"{baseline.HEAD}\nmypy arg-type a.py 0\nruff F401 a.py 1\n"
WORDS = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1)


def test_two_changes_of_the_file_merge_as_text() -> None:
    text = baseline.written(["b", "a", "b"], {"ruff": "0.17.6", "mypy": "2.4.1"})
    assert text.splitlines()[1:] == ["# found by mypy 2.4.1", "# found by ruff 0.17.6", "a", "b", "b"]
    assert baseline.fingerprints(f"{text}\n# remark\n  \n") == Counter(["a", "b", "b"])


def test_an_older_file_tells_no_version_and_its_findings_are_read() -> None:
    assert baseline.versions(OLD) == {}
    assert baseline.fingerprints(OLD).total() == 2


def test_an_older_penstock_reads_the_newer_file_as_it_did() -> None:
    """What it did: every line that is no remark is a finding."""
    text = baseline.written(baseline.fingerprints(OLD), {"ruff": "0.17.6"})
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert Counter(lines) == baseline.fingerprints(OLD)


@given(st.dictionaries(WORDS, WORDS), st.lists(WORDS))
def test_what_is_written_is_read_back(by: dict[str, str], found: list[str]) -> None:
    text = baseline.written(found, by)
    assert (baseline.versions(text), baseline.fingerprints(text)) == (by, Counter(found))


@pytest.mark.parametrize(
    ("before", "now", "other"),
    [
        ("0.4.0", "0.4.0", False),
        ("0.4.0", "0.17.6", True),
        ("1.14 | 2.4", "2.4", False),  # legs with a version each, or two changes that have merged
        ("1.14 | 2.4", "1.14 | 2.4", False),
        ("1.14", "1.14 | 2.4", True),
        ("", "2.4", True),
    ],
)
def test_a_tool_is_another_one_if_it_is_none_of_those_that_the_findings_are_of(
    before: str, now: str, *, other: bool
) -> None:
    assert baseline.is_other(before, now) is other
    kept = baseline.versions(baseline.written([], {"mypy": before}))
    assert baseline.is_other(kept.get("mypy", ""), now) is other


def test_the_tools_of_what_a_ratchet_judges_are_told_by_their_packages() -> None:
    ruff = Command(argv=("ruff",), tool="ruff-format", package="ruff", version="0.17.6")
    bare = Command(argv=("git",), tool="git-files")
    lint = builders.job("lint", kind=JobKind.LINT, commands=(bare, ruff), mode=Mode.RATCHET)
    types = builders.job("security", kind=JobKind.SECURITY, commands=(ruff,))
    assert baseline.tools((lint,)) == {"ruff": "0.17.6"}
    assert baseline.jobs((lint, types), ()) == (lint,)
    assert baseline.jobs((types,), (CheckSpec(name="security", mode=Mode.RATCHET),)) == (types,)
