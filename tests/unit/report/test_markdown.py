"""The run in Markdown: what it says, that it fits, and that no foreign text is anything but text in it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from penstock.report import inert, markdown
from tests import stories
from tests.builders import job, plan
from tests.fakes.payloads import PAYLOADS
from tests.verdicts import attempt, job_record, records

Golden = Callable[[str, str], None]
READER = MarkdownIt("commonmark").enable("table")


def structure(text: str) -> list[tuple[str, str]]:
    """The page's elements without the text that stands in them; HTML as it stands."""
    found = []
    for token in READER.parse(text):
        found.append((token.type, token.content if token.type == "html_block" else ""))
        seen = ("html_inline", "text")
        found += [(child.type, child.content if child.type in seen else "") for child in token.children or ()]
    return found


@pytest.mark.parametrize("name", ["green", "red", "flaky", "unverified", "interrupted", "empty"])
def test_the_page(name: str, golden: Golden) -> None:
    golden(f"tests/golden/report/{name}.md", markdown.text(stories.STORIES[name]()))


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_foreign_text_is_nothing_but_text(payload: str) -> None:
    told = markdown.text(stories.hostile(f"a{payload}z"), markdown.SUMMARY_BYTES)
    assert structure(told) == structure(markdown.text(stories.hostile("benign"), markdown.SUMMARY_BYTES))
    told.encode()


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_is_one_span_of_code(text: str) -> None:
    made = inert.span(f"a{text}z", cell=True)
    (paragraph,) = [token for token in READER.parse(f"x {made} y") if token.type == "inline"]
    assert [child.type for child in paragraph.children or ()] == ["text", "code_inline", "text"]


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_text_is_one_block_of_code(text: str) -> None:
    made = "\n".join(["before", "", *inert.block(text), "", "after"])
    assert [token.type for token in READER.parse(made) if token.nesting >= 0 and token.type != "inline"] == [
        "paragraph_open",
        "fence",
        "paragraph_open",
    ]


@pytest.mark.parametrize("most", [2_000, 10_000, markdown.COMMENT_BYTES])
def test_what_has_no_room_is_counted_and_the_worst_comes_first(most: int) -> None:
    leg = job("unit@3.12")
    tests = tuple(
        attempt(leg, f"tests/test_a.py::test_{n}", "failed", message=f"no {n}", text="x" * 400) for n in range(900)
    )
    measures = {"collected": 900, "failed": 900}
    told = stories.story(plan(leg), records(job_record(leg, "failed", measures=measures), tests=tests))
    text = markdown.text(told, most)
    assert len(text.encode()) <= most
    assert text.startswith(markdown.MARK)
    shown = text.count("#### `unit@3.12`")
    assert f"*{900 - shown} failures more*" in text
    assert "| `unit@3.12` | ❌ |" in text or most == 2_000
    assert re.search(r"run `\w+`", text), "the foot is always there"


def test_a_page_is_as_small_as_it_has_to_be_even_where_nothing_fits() -> None:
    text = markdown.text(stories.red(), 400)
    assert text.startswith(markdown.MARK)
    assert "❌ FAIL" in text
