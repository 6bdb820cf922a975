"""Whether a tag may be released: only what is known, and right, passes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from penstock.errors import ExitCode
from penstock.judge import decide, release
from penstock.judge.answer import sound
from penstock.model.release import HostCheck, Tagged

COMMIT, OTHER = "a" * 40, "b" * 40
TAGGED = Tagged(tag="v1.2.3", commit=COMMIT, head=COMMIT, branch="origin/main", merged=True)
GREEN = HostCheck(name="verdict", conclusion="success", count=1)


def asked(
    tagged: Tagged = TAGGED, version: str = "1.2.3", declared: str | None = "1.2.3", check: HostCheck = GREEN
) -> tuple[ExitCode, dict[str, str]]:
    results = tuple(map(sound, release.answers(tagged, version, declared, check)))
    bad = {each.name.partition(".")[2]: each.summary for each in results if each.status != "passed"}
    return decide.of_answers(results), bad


def test_a_tag_of_the_version_on_the_default_branch_with_a_green_verdict() -> None:
    assert asked() == (ExitCode.VERIFIED, {})
    assert asked(declared=None) == (ExitCode.VERIFIED, {}), "made when it is built, and asked there"
    assert asked(declared="1.2.03") == (ExitCode.VERIFIED, {}), "the same version"


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"declared": "1.2.4"}, 1, {"version": "the project's version is 1.2.4, and the tag names 1.2.3"}),
        ({"declared": "soon"}, 1, {"version": "the project's version is soon, and the tag names 1.2.3"}),
        ({"check": HostCheck(name="verdict")}, 3, {"verdict": "no check `verdict` has run on aaaaaaaaaaaa"}),
        (
            {"check": HostCheck(name="verdict", count=1)},
            3,
            {"verdict": "the check `verdict` on aaaaaaaaaaaa has not ended yet"},
        ),
        (
            {"check": HostCheck(name="verdict", unknown="GitHub refuses it")},
            3,
            {"verdict": "how the check `verdict` ended on aaaaaaaaaaaa is not known: GitHub refuses it"},
        ),
    ],
)
def test_what_is_wrong_fails_and_what_is_not_known_is_not_verified(
    given: dict[str, Any], code: int, words: dict[str, str]
) -> None:
    assert asked(**given) == (code, words)


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", "skipped", "neutral", "timed_out", "nothing", "stale"])
def test_no_other_end_of_the_verdict_than_success_passes(conclusion: str) -> None:
    code, bad = asked(check=HostCheck(name="verdict", count=1, conclusion=conclusion))
    assert (code, list(bad)) == (ExitCode.GATE_FAILED, ["verdict"])


@pytest.mark.parametrize(
    ("changed", "code", "what"),
    [
        ({"commit": ""}, 3, ["tag", "commit"]),
        ({"head": OTHER}, 1, ["commit"]),
        ({"head": ""}, 3, ["commit"]),
        ({"merged": False}, 1, ["branch"]),
        ({"merged": False, "shallow": True}, 3, ["branch"]),
        ({"merged": None, "branch": ""}, 3, ["branch"]),
        ({"tag": "release-1.2.3"}, 1, ["tag"]),
    ],
)
def test_the_tag_has_to_be_there_checked_out_and_merged(changed: dict[str, Any], code: int, what: list[str]) -> None:
    found, bad = asked(replace(TAGGED, **changed))
    assert (found, list(bad)) == (code, what)


def test_a_tag_that_names_no_version() -> None:
    code, bad = asked(replace(TAGGED, tag="v1.x"), version="", declared="1.2.3")
    assert (code, list(bad)) == (ExitCode.GATE_FAILED, ["tag", "version"])
