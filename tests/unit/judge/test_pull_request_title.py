"""Titles by Conventional Commits: what is right, what is wrong with the others, and what they would be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.judge.pull_request.title import LONGEST, TYPES, Fault, Title, is_breaking, judge, parse
from penstock.model.change import Change, FileChange, FileStatus

RIGHT = {
    "fix: keep tabs": Title(type="fix", description="keep tabs"),
    "feat(core): add g": Title(type="feat", scope="core", description="add g"),
    "feat!: drop Python 3.8": Title(type="feat", breaking=True, description="drop Python 3.8"),
    "refactor(api)!: rename f": Title(type="refactor", scope="api", breaking=True, description="rename f"),
    "docs(how-to/shards): say why": Title(type="docs", scope="how-to/shards", description="say why"),
    "chore(deps): bump attrs from 1 to 2": Title(type="chore", scope="deps", description="bump attrs from 1 to 2"),
    "revert: feat: add g": Title(type="revert", description="feat: add g"),
}
WRONG = {
    "Added a new function g.": ("no `type: description`", "feat: added a new function g"),
    "feature(core):Add g": ("`feature` is not one of the types", "feat(core): add g"),
    "Fix: keep tabs": ("`Fix` is not one of the types", "fix: keep tabs"),
    "fix:keep tabs": ("one space belongs", "fix: keep tabs"),
    "fix:  keep tabs": ("one space belongs", "fix: keep tabs"),
    "fix : keep tabs": ("no `type: description`", "fix: keep tabs"),
    "fix - keep tabs": ("no `type: description`", "fix: keep tabs"),
    "fix keep tabs": ("no `type: description`", "fix: keep tabs"),
    "Fix the crash": ("no `type: description`", "fix: fix the crash"),
    "fix(): keep tabs": ("the scope in the brackets is empty", "fix: keep tabs"),
    "fix: keep tabs.": ("full stop", "fix: keep tabs"),
    "bugfix: keep tabs": ("`bugfix` is not one of the types", "fix: keep tabs"),
    "[WIP] feat: add g": ("no `type: description`", "feat: add g"),
    'Revert "feat: add g"': ("no `type: description`", "revert: feat: add g"),
    "Bump attrs to 26.1": ("no `type: description`", "build: bump attrs to 26.1"),
    "Tests for the parser": ("no `type: description`", "test: tests for the parser"),
    "JSON output for plan": ("no `type: description`", "chore: JSON output for plan"),
    "fix: ..": ("the description says nothing", ""),
    "": ("no `type: description`", ""),
    f"feat: {'long ' * 30}": ("the title is one line", ""),
}


@pytest.mark.parametrize("text", RIGHT)
def test_what_follows_the_convention_is_told_in_its_parts(text: str) -> None:
    assert parse(text) == RIGHT[text]
    assert str(RIGHT[text]) == text


@pytest.mark.parametrize("text", WRONG)
def test_what_does_not_comes_with_what_it_would_be(text: str) -> None:
    found = judge(text, None)
    assert isinstance(found, Fault)
    message, suggestion = WRONG[text]
    assert message in found.message
    assert found.suggestion == suggestion


def test_types_are_those_that_are_declared() -> None:
    assert isinstance(parse("deps: bump attrs", ("deps", "fix")), Title)
    found = judge("feat: add g", None, ("deps", "fix"))
    assert isinstance(found, Fault)
    assert "deps, fix" in found.message
    assert found.suggestion == "fix: add g"


@pytest.mark.parametrize(
    ("paths", "kind"),
    [
        (["docs/a.md", "README.md"], "docs"),
        (["tests/test_a.py"], "test"),
        ([".github/workflows/ci.yml"], "ci"),
        (["pyproject.toml", "uv.lock"], "build"),
        (["src/a.py"], "chore"),
    ],
)
def test_the_files_speak_where_the_words_do_not(paths: list[str], kind: str) -> None:
    change = Change(base="0", files=tuple(FileChange(path=path) for path in paths))
    found = judge("Things that were left", change)
    assert isinstance(found, Fault)
    assert found.suggestion == f"{kind}: things that were left"


def test_new_code_is_a_feature() -> None:
    change = Change(base="0", files=(FileChange(path="src/new.py", status=FileStatus.ADDED),))
    found = judge("Shards by duration", change)
    assert isinstance(found, Fault)
    assert found.suggestion == "feat: shards by duration"


@pytest.mark.parametrize(
    ("text", "bodies", "expected"),
    [
        ("feat!: drop f", [], True),
        ("feat: drop f", ["BREAKING CHANGE: call g"], True),
        ("feat: drop f", ["why\n\nBREAKING-CHANGE: call g"], True),
        ("feat: drop f", ["this is no BREAKING CHANGE: at all"], False),
        ("feat: drop f", ["BREAKING CHANGE:"], False),
        ("drop f", [], False),
    ],
)
def test_breaks_are_declared_by_a_mark_or_a_footer(text: str, bodies: list[str], expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert is_breaking(parse(text), bodies) is expected


titles = st.builds(
    Title,
    type=st.sampled_from(TYPES),
    description=st.text("abc XYZ-09_", min_size=3, max_size=60)
    .map(str.strip)
    .filter(lambda text: sum(map(str.isalnum, text)) >= 3),
    scope=st.text("abc-/", max_size=9),
    breaking=st.booleans(),
)


@given(titles)
def test_what_is_right_is_read_as_it_was_written(title: Title) -> None:
    assert parse(str(title)) == title


@given(st.text(max_size=200))
def test_a_suggestion_is_always_right_and_nothing_breaks_the_judge(text: str) -> None:
    found = judge(text, None)
    if isinstance(found, Fault) and found.suggestion:
        assert isinstance(parse(found.suggestion), Title)
        assert len(found.suggestion) <= LONGEST
