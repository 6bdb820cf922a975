"""The HTML report's file and its data: one structure whatever the run put out, nothing asked of anybody."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.model.records import CoverageRecord
from penstock.report import timeline
from penstock.report.html import content, page
from tests import stories
from tests.builders import job, plan
from tests.fakes.payloads import PAYLOADS
from tests.verdicts import attempt, job_record, records

ASSETS = Path(page.__file__).parent
STYLE, SCRIPT = ((ASSETS / name).read_text() for name in ("page.css", "page.js"))


def made(name: str = "red", sources: Any = (), trends: Any = ()) -> str:
    return page.text(content.of(stories.STORIES[name](), dict(sources), trends), style=STYLE, script=SCRIPT)


class Reader(HTMLParser):
    """The file as a browser takes it apart: elements with their attributes, and what the scripts hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.elements.append((tag, tuple(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        """Of the script that is open."""
        if self.elements and self.elements[-1][0] == "script":
            self.scripts[-1] += data

    @property
    def data(self) -> Any:
        """What the page's script reads."""
        return json.loads(self.scripts[0])


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_foreign_text_makes_no_element_and_ends_none(payload: str) -> None:
    def read(text: str) -> Reader:
        told = content.of(stories.hostile(text), {}, ({"day": text, "tests": 1},))
        return Reader(page.text(told, style=STYLE, script=SCRIPT))

    found = read(f"a{payload}z")
    assert found.elements == read("benign").elements
    assert len(found.scripts) == 2
    assert found.scripts[1].strip() == SCRIPT.strip()
    assert found.data["head"]["state"] == "bad"


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else() -> None:
    text = made()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    for kind, asset in (("style", STYLE), ("script", SCRIPT)):
        digest = base64.b64encode(hashlib.sha256(asset.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"(?:src|href)=|url\(|@import|fetch\(|innerHTML|XMLHttp", text)


def test_an_asset_that_would_end_its_element_is_refused() -> None:
    told = content.of(stories.green(), {}, ())
    with pytest.raises(ValueError, match="ends its own element"):
        page.text(told, style="</style>", script="")
    with pytest.raises(ValueError, match="ends its own element"):
        page.text(told, style="", script="x = '</script>'")


def test_tests_stand_by_file_with_what_a_reader_wants_to_know() -> None:
    told = content.of(stories.flaky(), {}, ())["tests"]
    names = {path: [row[0] for row in rows] for path, rows in told["files"]}
    assert names["tests/test_cache.py"] == ["test_expiry"]
    assert len(names["tests/test_pool.py"]) == 7
    assert told["outcomes"][told["files"][0][1][0][2]] == "passed", "the try that counts"


def test_what_does_not_block_says_so() -> None:
    told = {each["title"]: each["blocks"] for each in content.of(stories.flaky(), {}, ())["failures"]}
    assert told["tests/test_pool.py::test_close"] is False
    assert told["tests/test_pool.py::test_new"] is True


def test_uncovered_lines_come_with_their_surroundings() -> None:
    record = CoverageRecord(
        path="a.py", statements=4, covered=2, missing=(10, 30), ran=((9, 9), (20, 20)), forks=((20, 2, 1),)
    )
    (told,) = content._coverage((record,), {"a.py": [f"line {number}" for number in range(1, 41)]})
    states = {number: state for number, _, state in told["source"]}
    assert sorted(states) == [*range(7, 14), *range(17, 24), *range(27, 34)]
    assert (states[9], states[10], states[20], states[30], states[31]) == (1, 2, 3, 2, 0)
    assert content._coverage((record,), {})[0]["source"] == []


def test_jobs_that_ran_at_once_stand_on_lanes_of_their_own() -> None:
    one, two, wide, late = job("one"), job("two"), job("wide", cpus=2), job("late")
    times = {"one": (0.0, 4.0), "two": (1.0, 2.0), "wide": (2.0, 3.0), "late": (4.0, 1.0)}
    records = {
        each.id: job_record(each, started_s=times[each.id][0], duration_s=times[each.id][1])
        for each in (one, two, wide, late)
    }
    bars = {bar.job: bar.lane for bar in timeline.bars((one, two, wide, late), records)}
    assert bars == {"one": 0, "two": 1, "wide": 2, "late": 0}
    assert timeline.lanes(timeline.bars((one, two, wide, late), records)) == 4
    cached = {"one": job_record(one, cached_from="r0")}
    assert timeline.bars((one,), cached) == ()


def test_thousands_of_failures_do_not_fill_the_page() -> None:
    unit = job("unit@3.12")
    rows = tuple(attempt(unit, f"tests/a.py::test_{n}", "failed", text=f"{'x' * 5_000}\nE   {n}") for n in range(1_000))
    kept = records(job_record(unit, "failed", measures={"collected": 1_000, "failed": 1_000}), tests=rows)
    told = content.of(stories.story(plan(unit), kept), {}, ())["failures"]
    assert len(told) == 1_000
    assert len(told[0]["excerpt"]) > 5_000
    assert told[-1]["excerpt"] == "E   999"


def test_findings_say_what_the_baseline_knows() -> None:
    told = content.of(replace(stories.red(), known={0: True}), {}, ())
    assert [row[7] for row in told["findings"]] == [2]
    assert content.of(stories.red(), {}, ())["findings"][0][7] == 0


def test_a_reader_without_the_script_is_told_the_verdict_and_why() -> None:
    (aside,) = re.findall(r"<noscript>(.*?)</noscript>", made(), re.DOTALL)
    assert "<h1>FAIL · " in aside
    assert "<li>docs: mkdocs ended with 1</li>" in aside
