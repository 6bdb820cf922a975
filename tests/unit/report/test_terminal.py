from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.model.records import FailureRecord, FindingRecord
from penstock.report import causes, markdown, terminal
from penstock.report.screen import UNLIMITED, Screen, cells
from penstock.report.story import Story
from tests import stories
from tests.builders import job, plan
from tests.verdicts import attempt, job_record, records

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("name", stories.STORIES)
def test_the_screen(name: str, golden: Golden) -> None:
    golden(f"tests/golden/report/{name}.txt", terminal.text(stories.STORIES[name](), Screen()) + "\n")


def test_a_screen_without_unicode(golden: Golden) -> None:
    text = terminal.text(stories.red(), Screen(unicode=False, width=80))
    assert text.isascii()
    golden("tests/golden/report/red-ascii-80.txt", text + "\n")


def test_a_screen_with_colours(golden: Golden) -> None:
    text = terminal.text(stories.red(), Screen(color=True))
    golden("tests/golden/report/red-colours.txt", text.replace("\x1b", "ESC") + "\n")


@pytest.mark.parametrize("name", stories.STORIES)
def test_without_colours_nothing_but_text_is_sent(name: str) -> None:
    text = terminal.text(stories.STORIES[name](), Screen())
    assert all(character.isprintable() or character == "\n" for character in text)


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_lines_fit_the_screen_but_for_what_is_to_be_copied(width: int) -> None:
    for line in terminal.text(stories.red(), Screen(width=width)).splitlines():
        assert cells(line) <= width or line.lstrip().startswith(("repro", "log"))


@pytest.mark.parametrize("name", stories.STORIES)
def test_the_footer_has_at_most_three_lines(name: str) -> None:
    footer = terminal.footer(stories.STORIES[name](), Screen())
    assert 1 <= len(footer) <= 3
    assert (footer[0].startswith("PASS")) == (name == "green")


def many(number: int, *, lines: int = 3) -> Story:
    unit = job("unit@3.12")
    tests = tuple(
        attempt(
            unit, f"t{each}", "failed", kind="E", message=str(each), text="\n".join(["x"] * (lines - 1) + [f"E {each}"])
        )
        for each in range(number)
    )
    measures = {"collected": number, "failed": number}
    return stories.story(plan(unit), records(job_record(unit, "failed", measures=measures), tests=tests))


def test_a_block_has_at_most_25_lines_and_ends_with_the_error() -> None:
    told = many(1, lines=400)
    (cause,) = causes.causes(told)
    block = causes.block(told, cause, Screen())
    assert len(block) <= 25
    assert block[1] == "  (379 lines more above, in the log)"
    assert "E 0" in block


def test_a_flood_of_failures_is_counted_not_printed() -> None:
    lines = causes.blocks(many(500), Screen())
    assert len(lines) < 100
    assert lines[-1] == "  and 472 more"


def test_the_same_failure_of_several_legs_is_one_block() -> None:
    told = [cause for cause in causes.causes(stories.red()) if cause.title.endswith("test_close_twice")]
    assert [[failure.job for failure in cause.failures] for cause in told] == [["unit@3.12", "unit@3.13"]]
    assert told[0].passing == ("3.10", "3.11")


def test_different_messages_are_different_causes() -> None:
    legs = (job("unit@3.12"), job("unit@3.13"))
    tests = tuple(attempt(leg, "t", "failed", kind="E", message=leg.id) for leg in legs)
    kept = records(*(job_record(leg, "failed", measures={"collected": 1, "failed": 1}) for leg in legs), tests=tests)
    assert len(causes.causes(stories.story(plan(*legs), kept))) == 2


def test_the_same_job_error_of_several_legs_is_one_block() -> None:
    legs = tuple(job(f"unit@3.{minor}") for minor in (11, 12, 13))
    kept = records(*(job_record(leg, "errored", reason="no wheel for numpy", duration_s=0.0) for leg in legs))
    (cause,) = causes.causes(stories.story(plan(*legs), kept))
    assert len(cause.failures) == 3
    assert kept.jobs[0].outcome is Outcome.ERRORED


def test_jobs_on_environments_that_could_not_be_made_alike_are_one_block() -> None:
    legs = (job("unit@3.11"), job("unit@3.13"), job("cover", python=None))
    reasons = ("3.11/test could not be made: x", "3.13/test could not be made: x", "3.13/test could not be made: x")
    kept = records(*(job_record(leg, "errored", reason=why) for leg, why in zip(legs, reasons, strict=True)))
    assert len(causes.causes(stories.story(plan(*legs), kept))) == 1


def test_long_lines_are_wrapped_not_lost() -> None:
    docs = job("docs", kind=JobKind.RUN)
    kept = records(job_record(docs, "errored", reason="word " * 40 + "end"))
    told = stories.story(plan(docs), kept)
    body = causes.block(told, causes.causes(told)[0], Screen(width=60))
    assert "end" in "".join(body)
    assert max(cells(line) for line in body[:4]) <= 60


def test_a_failure_of_a_job_that_the_plan_does_not_have_is_passed_over() -> None:
    told = stories.green()
    odd = Story(
        plan=told.plan, records=told.records, verdict=told.verdict, failures=(FailureRecord(token="x.1", job="gone"),)
    )
    assert causes.causes(odd) == ()


def test_below_its_progress_a_run_says_nothing_twice(golden: Golden) -> None:
    told = replace(stories.red(), told=True)
    golden("tests/golden/report/red-told.txt", terminal.text(told, Screen(width=UNLIMITED)) + "\n")


def test_findings_are_shown_from_the_first_and_counted() -> None:
    lint = job("lint", kind=JobKind.LINT)
    found = tuple(
        FindingRecord(job="lint", tool="ruff", rule="F401", message=f"no {n}", path="a.py", line=n)
        for n in range(1, 61)
    )
    told = stories.story(plan(lint), records(job_record(lint, "failed", measures={"findings": 60}), findings=found))
    block = causes.block(told, causes.causes(told)[0], Screen())
    assert len(block) <= 25
    assert block[1] == "a.py:1  F401  no 1"
    assert block[-3] == "  (39 more, in the log)"


def test_a_remedy_is_whole_on_the_narrowest_screen() -> None:
    docs = job("docs", kind=JobKind.RUN)
    remedy = "install what is missing: " + " ".join(f"package-{n}" for n in range(30))
    kept = records(job_record(docs, "errored", reason="x", notes={"remedy": remedy}))
    told = stories.story(plan(docs), kept)
    text = terminal.text(told, Screen(width=60))
    assert remedy.replace(" ", "") in "".join(text.split())


def test_what_one_cause_kept_from_running_is_told_once_in_the_rows() -> None:
    legs = tuple(job(f"unit@3.{minor}") for minor in (11, 12))
    kept = records(
        *(job_record(leg, "errored", reason=f"{leg.id[5:]}/test is not there: why", duration_s=0.0) for leg in legs)
    )
    rows = terminal.text(stories.story(plan(*legs), kept), Screen()).splitlines()
    assert rows[0].endswith("3.11/test is not there: why")
    assert rows[1].endswith("not run    as unit@3.11")


def test_what_a_job_left_running_is_told() -> None:
    docs = job("docs", kind=JobKind.RUN)
    text = terminal.text(stories.story(plan(docs), records(job_record(docs, leaked=("sleep 600", "cat")))), Screen())
    assert "ended 2 processes it left: sleep 600 and 1 more" in text


def test_decisions_on_a_narrow_screen_have_two_lines() -> None:
    lines = terminal.text(stories.green(), Screen(width=60)).splitlines()
    assert lines[0] == "  tests         pytest, tests/ (pyproject.toml:31)"
    assert lines[1] == "                else unittest · set jobs.unit.test"


def test_a_time_that_is_others_tells_how_much_was_its_own() -> None:
    lint = job("lint", kind=JobKind.LINT)

    def shown(**fields: Any) -> str:
        return terminal.text(stories.story(plan(lint), records(job_record(lint, **fields))), Screen())

    assert "6.0s of work beside other jobs" in shown(background=True, duration_s=40.0, cpu_s=6.0)
    assert "beside" not in shown(background=True, duration_s=7.0, cpu_s=6.0)
    assert "beside" not in shown(background=True, duration_s=0.5, cpu_s=0.1)
    assert "beside" not in shown(duration_s=40.0, cpu_s=6.0)


def test_a_block_of_a_ratchet_lists_what_is_new_and_counts_what_was_there() -> None:
    lint = job("lint", kind=JobKind.LINT)
    found = tuple(
        FindingRecord(job="lint", tool="ruff", rule="F401", message=f"`{name}` is unused", path="a.py", line=line)
        for line, name in enumerate(("os", "sys", "re"), start=1)
    )
    kept = records(job_record(lint, "failed", measures={"files": 1, "expected": 1, "findings": 3}), findings=found)
    told = stories.story(plan(lint), kept)
    assert [f"`{name}`" in terminal.text(told, Screen()) for name in ("os", "sys", "re")] == [True, True, True]
    (cause,) = causes.causes(replace(told, known={0: True, 1: False, 2: True}))
    lines = causes.block(told, cause, Screen())
    assert lines[1:3] == ["a.py:2  F401  `sys` is unused", "  (and 2 findings that the baseline knows)"]
    page = markdown.text(replace(told, known={0: True, 1: False, 2: True}))
    failures = page.partition("### Gates")[0]
    assert "`sys`" in failures
    assert "`os`" not in failures
    assert "and 2 findings that the baseline knows" in failures


def test_a_ratchet_that_fails_though_all_is_known_lists_all() -> None:
    """More was found than is kept: nobody can say what is new."""
    lint = job("lint", kind=JobKind.LINT)
    found = (FindingRecord(job="lint", tool="ruff", rule="F401", message="`os` is unused", path="a.py", line=1),)
    kept = records(job_record(lint, "failed", measures={"files": 1, "expected": 1, "findings": 9}), findings=found)
    (cause,) = causes.causes(replace(stories.story(plan(lint), kept), known={0: True}))
    assert (cause.excerpt, cause.known) == ("a.py:1  F401  `os` is unused", 0)


def test_what_served_a_failed_job_is_told_once_with_what_it_said_last() -> None:
    integ = job("integ@3.12")
    served = "postgres 15.18 (/usr/bin/postgres), up in 0.05 s"
    tests = tuple(attempt(integ, f"tests/t{number}.py::test", "failed", message=f"E{number}") for number in range(2))
    notes = {
        "service:db": served,
        "service log:db": "ERROR:  no such table\nSTATEMENT:  select \x1b[2J",
        "python": "3.12.1",
    }
    kept = records(job_record(integ, "failed", notes=notes, measures={"failed": 2}), tests=tests)
    text = terminal.text(stories.story(plan(integ), kept), Screen(width=120))
    assert text.count(f"  service db: {served}\n    ERROR:  no such table\n    STATEMENT:  select") == 1
    assert "\x1b" not in text
