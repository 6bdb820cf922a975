"""The notes of a release."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from penstock.report.changelog import Entry, text
from tests.fakes.payloads import PAYLOADS

READER = MarkdownIt("commonmark").enable("table")
COMMITS = (
    Entry(commit="a" * 40, description="add tides", type="feat", scope="moon"),
    Entry(commit="b" * 40, description="drop Python 3.9", type="feat", breaking=True),
    Entry(commit="c" * 40, description="keep tabs", type="fix"),
    Entry(commit="d" * 40, description="Merge the new parser"),
    Entry(commit="e" * 40, description="pin tools", type="build"),
)


def test_breaking_changes_come_first_and_each_commit_once() -> None:
    assert text(COMMITS, before="v1.0") == (
        "Since `v1.0`: 5 commits.\n"
        "\n## Breaking changes\n\n- `drop Python 3.9` bbbbbbbbbbbb\n"
        "\n## Features\n\n- **`moon`** `add tides` aaaaaaaaaaaa\n"
        "\n## Fixes\n\n- `keep tabs` cccccccccccc\n"
        "\n## Other changes\n\n- `Merge the new parser` dddddddddddd\n- `pin tools` eeeeeeeeeeee\n"
    )


def test_a_first_release_and_one_without_a_change() -> None:
    assert text(COMMITS[:1], before="").startswith("1 commit.\n\n## Features\n")
    assert text((), before="v1.0") == "Since `v1.0`: 0 commits.\n"


def test_what_has_no_room_is_counted() -> None:
    told = text(COMMITS[2:3] * 900, before="")
    assert told.endswith("*400 older commits more*\n")
    assert len(told) < 125_000


def structure(told: str) -> list[str]:
    found = []
    for token in READER.parse(told):
        found.append(token.type)
        found += [child.type for child in token.children or ()]
    return found


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_a_title_is_nothing_but_text(payload: str) -> None:
    def notes(foreign: str) -> str:
        return text([Entry(commit="a" * 40, description=foreign, type="fix", scope=foreign)], before=foreign)

    assert structure(notes(f"a{payload}z")) == structure(notes("benign"))
