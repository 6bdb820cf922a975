"""The table of what can be wrong: codes, the words by which they are recognised, and where they are shown."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.pipeline import JobKind
from penstock.plan.fitting import Machine, fitted
from penstock.plan.pythons import Pythons
from penstock.report import causes, terminal
from penstock.report.screen import Screen
from penstock.report.troubles import TROUBLES
from penstock.report.troubles.known import lines, of_code, of_reason, plain
from penstock.run.readings import timed_out, too_large
from penstock.tools import TOOLS, answers
from penstock.util.uv import REMEDIES, explain
from tests import stories
from tests.builders import ended, job, plan
from tests.conftest import ROOT
from tests.verdicts import job_record, records

SOURCE = ROOT / "src" / "penstock"


def sources() -> str:
    """All of it but the table itself."""
    files = [path for path in SOURCE.rglob("*.py") if "troubles" not in path.parts]
    return "\n".join(path.read_text() for path in files)


def test_codes_are_told_once_and_each_is_complete() -> None:
    codes = [each.code for each in TROUBLES]
    assert codes == list(dict.fromkeys(codes))
    assert all(re.fullmatch(r"E[1-4]\d\d|P\d{3}", code) for code in codes)
    assert all(each.title and each.cause.endswith(".") and each.remedy.endswith(".") for each in TROUBLES)
    assert all(each.example for each in TROUBLES)


def test_the_words_of_every_entry_still_stand_in_the_source() -> None:
    text = sources()
    gone = [(each.code, words) for each in TROUBLES for words in each.words if words not in text]
    assert gone == []


def test_every_code_by_which_penstock_stops_has_an_entry_and_no_other_has() -> None:
    used = set(re.findall(r'(?:code = "|\[)(P\d{3})(?:"|\])', sources())) - {"P000"}  # of the base of all, never raised
    assert used == {each.code for each in TROUBLES if each.code.startswith("P")}


def test_every_remedy_of_uv_has_an_entry_but_the_one_that_knows_nothing() -> None:
    told = {kind: trouble.code for kind, text in REMEDIES.items() if (trouble := of_reason(text)) is not None}
    assert set(told) == REMEDIES.keys() - {"other"}
    assert len(set(told.values())) == len(told)


COMMAND = TOOLS["command"]


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("E101", Pythons(every=(), newest=None, required=True, here=frozenset(), looked_in=("PATH",)).missing("3.9")),
        ("E102", REMEDIES[explain("Because you require a>=2 and b==1 depends on a<2, you require b==1.").kind]),
        ("E201", timed_out(COMMAND.read(ended(0), {}, job()), 60.0).reason),
        ("E206", COMMAND.read(ended(127), {}, job()).reason),
        ("E208", answers.reading(answers.Answer(tool="ruff", refused=False, examined=0), ended(0), job()).reason),
        ("E210", answers.reading(answers.Answer(tool="mypy", refused=True), ended(2), job()).reason),
        ("E204", "killed by SIGSEGV in tests/test_a.py::test_x"),
        ("E202", "killed by SIGKILL, out of memory in tests/test_a.py::test_x"),
        ("E203", COMMAND.read(replace(ended(None), signal=15, cause="outside"), {}, job()).reason),
        ("E110", "the service db is the image x, and no container engine answers (permission denied)"),
        ("E112", "the secret API_KEY is empty; the variable REGION is not set"),
        ("E112", "the variable REGION is not set"),
        ("E113", fitted(job(gpus=1), Machine(cpus=1)).blocked_by),
        ("E113", fitted(job(memory_bytes=2 << 30), Machine(cpus=1, memory_bytes=1 << 30)).blocked_by),
        ("E214", too_large(COMMAND.read(ended(0), {}, job()), 1 << 30, 2 << 30).reason),
        ("E213", "1 failed · the service db: it died"),
        ("E301", "2 files could not be collected: no module yaml"),
        ("E309", "1 file could not be collected: tests/test_a.py: SyntaxError"),
    ],
)
def test_what_the_parts_say_is_recognised(code: str, made: str) -> None:
    found = of_reason(made)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "reason",
    ["", "ended with 1", "1 failed, 3 passed", "needs unit", "twine: the metadata of demo.whl", "interrupted", None],
)
def test_what_is_plain_by_itself_has_no_entry(reason: str | None) -> None:
    assert of_reason(reason, None) is None


def test_the_block_of_a_failed_job_ends_with_its_remedy_and_where_more_stands() -> None:
    slow = job("slow", kind=JobKind.RUN)
    kept = records(
        job_record(
            slow, outcome=Outcome.TIMED_OUT, reason="ran longer than its limit 60 s", notes={"remedy": "raise it"}
        )
    )
    text = terminal.text(stories.story(plan(slow), kept), Screen())
    assert "  remedy  raise it (penstock explain E201)" in text


def test_a_job_without_a_remedy_of_its_own_gets_that_of_the_entry() -> None:
    big = job("big", kind=JobKind.RUN)
    kept = records(job_record(big, outcome=Outcome.FAILED, reason="killed by SIGKILL, out of memory"))
    (cause,) = causes.causes(stories.story(plan(big), kept))
    entry = of_code(cause.code)
    assert entry is not None
    assert (entry.code, cause.remedy) == ("E202", plain(entry.remedy))


def test_an_entry_on_a_terminal_has_no_marks_of_links() -> None:
    (network,) = [each for each in TROUBLES if each.code == "E103"]
    assert "](" in network.remedy
    assert not any("](" in line for line in lines(network))
    assert lines(network)[0] == "E103: no network, or no package index"
