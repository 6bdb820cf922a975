"""A pull request's words, size and companions; which parts are asked, and which of them block."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from penstock.errors import ExitCode
from penstock.judge import decide
from penstock.judge.checks.pull_request import DEFAULTS, PullRequestCheck
from penstock.judge.pull_request import companions, description, size
from penstock.model.change import Change, Commit, Facts, FileChange, FileStatus, PullRequest
from penstock.model.events import Outcome
from penstock.model.pipeline import CheckSpec, JobKind, Mode
from penstock.model.records import FindingRecord, Records, RunRecord
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.plan import alone
from tests import builders, verdicts

BODY = "Tabs were turned into spaces wherever a line had both. They are kept now.\n\nCloses #12"
GOOD = PullRequest(title="fix: keep tabs", body=BODY, base="main")
CODE = FileChange(path="src/pkg/core.py", added=5, removed=1, lines=((3, 7),))
TEST = FileChange(path="tests/test_core.py", added=9)
RUN = Records(run=RunRecord(run="", plan="", wall_s=0.0, duration_s=0.0, finished=True), jobs=())


def change(*files: FileChange, **fields: Any) -> Change:
    return Change(base="0" * 40, branch="main", files=files, **{"conflicts": (), **fields})


def evidence(request: PullRequest | None = GOOD, told: Change | None = None, **gate: Any) -> Evidence:
    """`gate`: keys of gates.pull_request."""
    mode = gate.pop("mode", Mode.ERROR)
    limits = tuple((name, float(value)) for name, value in gate.items() if isinstance(value, int))
    options = tuple((name, value) for name, value in gate.items() if isinstance(value, str))
    spec = CheckSpec(name="pull_request", mode=mode, limits=limits, options=options)
    return Evidence(
        plan=alone.gates("/", (spec,)),
        records=RUN,
        today="",
        facts=Facts(change=told or change(CODE, TEST), pull_request=request, packages=("src/pkg",)),
    )


def answers(asked: Evidence) -> dict[str, CheckResult]:
    return {result.name.partition(".")[2]: result for result in PullRequestCheck().answer(asked)}


def code(asked: Evidence) -> ExitCode:
    return decide.of_answers(PullRequestCheck().answer(asked))


def test_one_that_is_as_it_should_be_passes_in_every_part() -> None:
    told = answers(evidence())
    assert set(told) == set(DEFAULTS) - {"docs", "breaking"}, "nothing compares the public interface"
    assert {result.status for result in told.values()} == {Status.PASSED}
    assert code(evidence()) is ExitCode.VERIFIED


def test_where_the_host_speaks_of_one_that_cannot_be_read_nothing_is_verified() -> None:
    told = evidence(None)
    lost = replace(told, facts=replace(told.facts, unread="the event file is empty"))
    assert [(name, each.status) for name, each in answers(lost).items()] == [("event", Status.MISSING)]


def test_in_a_run_only_the_declared_gate_asks() -> None:
    bad = evidence(replace(GOOD, title="stuff"))
    run = replace(bad.plan, command="run")
    assert answers(replace(bad, plan=run))["title"].status is Status.FAILED
    assert answers(replace(bad, plan=replace(run, gates=()))) == {}
    assert answers(replace(bad, plan=replace(bad.plan, gates=())))["title"].status is Status.FAILED, "penstock pr"


def test_without_a_pull_request_nothing_is_asked() -> None:
    assert answers(evidence(None)) == {}
    assert code(evidence(None)) is ExitCode.NOT_VERIFIED


@pytest.mark.parametrize(
    ("asked", "part", "exit_code"),
    [
        (evidence(replace(GOOD, title="Keep tabs")), "title", ExitCode.GATE_FAILED),
        (evidence(replace(GOOD, body="Closes #12")), "description", ExitCode.VERIFIED),
        (evidence(replace(GOOD, body=BODY.replace("Closes #12", ""))), "issue", ExitCode.VERIFIED),
        (evidence(told=change(replace(CODE, added=600), TEST)), "size", ExitCode.VERIFIED),
        (evidence(told=change(CODE)), "tests", ExitCode.VERIFIED),
        (evidence(told=change(CODE, TEST, conflicts=("src/pkg/core.py",))), "conflicts", ExitCode.GATE_FAILED),
    ],
)
def test_each_part_finds_its_own_fault_and_blocks_or_advises(asked: Evidence, part: str, exit_code: ExitCode) -> None:
    bad = [name for name, result in answers(asked).items() if result.status is not Status.PASSED]
    assert bad == [part]
    assert answers(asked)[part].remedy
    assert code(asked) is exit_code


def test_what_is_declared_decides_what_blocks_and_what_is_asked() -> None:
    short = replace(GOOD, title="Keep tabs", body="Closes #12")
    assert code(evidence(short, title="warn")) is ExitCode.VERIFIED
    assert code(evidence(short, title="off", description="error")) is ExitCode.GATE_FAILED
    assert "title" not in answers(evidence(short, title="off"))
    assert code(evidence(short, mode=Mode.WARN)) is ExitCode.VERIFIED
    assert answers(evidence(short, min_words=1))["description"].status is Status.FAILED, "a reference is no word"
    assert answers(evidence(replace(short, body="why"), min_words=1))["description"].status is Status.PASSED
    assert answers(evidence(told=change(CODE, TEST), max_lines=14))["size"].status is Status.FAILED
    assert answers(evidence(replace(GOOD, title="deps: x to 2"), types="deps,fix"))["title"].status is Status.PASSED


def test_a_bot_is_asked_for_conflicts_alone() -> None:
    robot = PullRequest(title="Bump x", bot=True)
    assert set(answers(evidence(robot))) == {"conflicts"}
    assert "title" in answers(evidence(robot, bots="true"))


def test_what_git_does_not_tell_is_missing_and_not_passed() -> None:
    told = evidence()
    told = replace(told, facts=replace(told.facts, change=None, unknown="there is no git repository"))
    found = answers(told)
    assert {name for name, result in found.items() if result.status is Status.MISSING} == {"size", "tests", "conflicts"}
    assert "there is no git repository" in found["size"].summary
    assert code(told) is ExitCode.NOT_VERIFIED
    untried = evidence(told=change(CODE, TEST, conflicts=None, unknown="git is too old"))
    assert answers(untried)["conflicts"].summary == "git is too old"


def with_breaks(request: PullRequest, *messages: str, files: tuple[FileChange, ...] = (CODE, TEST)) -> Evidence:
    """A run whose job compared the public interface."""
    job = builders.job("api", kind=JobKind.API)
    record = verdicts.job_record(job, outcome=Outcome.PASSED, measures={"compared": 1})
    found = tuple(FindingRecord(job="api", tool="griffe", rule="x", message=each, path="pkg.f") for each in messages)
    asked = evidence(request, change(*files))
    plan = replace(asked.plan, jobs=(job,))
    return replace(asked, plan=plan, records=verdicts.records(record, findings=found))


def test_a_break_of_the_interface_wants_to_be_declared_and_described() -> None:
    found = answers(with_breaks(GOOD, "f was removed"))
    assert [found[part].status for part in ("docs", "breaking")] == [Status.FAILED, Status.FAILED]
    assert found["breaking"].details == ("pkg.f f was removed",)
    document = FileChange(path="docs/how-to/upgrade.md", added=3)
    told = with_breaks(replace(GOOD, title="fix!: keep tabs"), "f was removed", files=(CODE, TEST, document))
    assert [answers(told)[part].status for part in ("docs", "breaking")] == [Status.PASSED, Status.PASSED]
    footer = with_breaks(replace(GOOD, body=f"{BODY}\n\nBREAKING CHANGE: call g"), "f was removed")
    assert answers(footer)["breaking"].status is Status.PASSED
    assert answers(with_breaks(GOOD))["breaking"].status is Status.PASSED


# --- its words -------------------------------------------------------------------------------------------------------

TEMPLATE = """
## What changes?
<!-- Please describe your change in a few sentences, so that a reviewer knows what to look for. -->

## Checklist
- [ ] I have added tests that prove my fix is effective
- [x] I have read the contributing guide and the code of conduct
"""


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("", 0),
        (TEMPLATE, 0),
        ("TODO", 0),
        ("See https://example.org/a/long/address/with/words", 1),
        ("Keeps tabs in long lines", 5),
        ("Behält Tabulatoren überall", 3),
        (f"{TEMPLATE}\nKeeps tabs", 2),
    ],
)
def test_only_the_authors_own_words_count(body: str, number: int) -> None:
    assert description.words(body) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Closes #12 and #13, see #12", ("#12", "#13")),
        ("fixes owner/repo#7", ("owner/repo#7",)),
        ("https://example.org/o/r/issues/99", ("https://example.org/o/r/issues/99",)),
        ("PROJ-41: keep tabs", ("PROJ-41",)),
        ("UTF-8, PEP-440, SHA-256 and ISO-8601", ()),
        ("colour #ffcc00, page a/#1 and &#38;", ()),
        ("<!-- Closes #1 -->", ()),
        ("```\nClosed #4\n```", ()),
        ("proj-41", ()),
    ],
)
def test_issues_are_named_in_the_ways_of_hosts_and_trackers(text: str, found: tuple[str, ...]) -> None:
    assert description.issues(text) == found


def test_the_branch_and_the_commits_may_name_the_issue_and_a_line_may_say_that_there_is_none() -> None:
    bare = replace(GOOD, body=BODY.replace("Closes #12", ""))
    assert answers(evidence(replace(bare, head="PROJ-41-tabs")))["issue"].status is Status.PASSED
    commits = (Commit(id="1", subject="fix: keep tabs", body="Closes #3"),)
    assert answers(evidence(bare, change(CODE, TEST, commits=commits)))["issue"].status is Status.PASSED
    told = replace(bare, body=f"{bare.body}\nNo issue: found while reading")
    assert answers(evidence(told))["issue"].summary == "declared to belong to none"
    assert answers(evidence(replace(bare, body="No issue")))["issue"].status is Status.FAILED, "the reason is asked for"


# --- its size, and what comes with it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "label"), [(0, "XS"), (10, "XS"), (11, "S"), (50, "S"), (200, "M"), (500, "L"), (501, "XL")]
)
def test_sizes_go_up_to_their_limits(lines: int, label: str) -> None:
    assert size.measure(change(FileChange(path="a.py", added=lines))).label == label


def test_what_nobody_reads_is_no_part_of_the_size() -> None:
    lock = FileChange(path="uv.lock", added=4000, removed=3000, generated=True)
    found = size.measure(change(CODE, lock, FileChange(path="a.png", binary=True)))
    assert (found.label, found.lines, found.files, found.left_out) == ("XS", 6, 2, 7000)
    assert found.largest == (("src/pkg/core.py", 6),)


def test_one_label_of_ours_stands_at_last() -> None:
    assert size.labels("M", ("bug", "size/XL", "size/S")) == (("size/M",), ("size/S", "size/XL"))
    assert size.labels("M", ("size/M",)) == ((), ())
    assert size.labels("M", ("Size/m", "SIZE/XL", "size/XXL")) == ((), ("SIZE/XL",)), "a host knows no other case"


@pytest.mark.parametrize(
    ("file", "kinds"),
    [
        (FileChange(path="src/pkg/a.py", added=1), "source"),
        (FileChange(path="src/lib.rs", added=1), "source"),
        (FileChange(path="src/pkg/tests/test_a.py", added=1), "tests"),
        (FileChange(path="tests/data/a.txt", added=1), "tests"),
        (FileChange(path="README.md", added=1), "docs"),
        (FileChange(path="changes/12.feature", added=1), "docs"),
        (FileChange(path="tools/a.py", added=1), ""),
        (FileChange(path="noxfile.py", added=1), ""),
        (FileChange(path="src/pkg/a.py", before="src/pkg/b.py", status=FileStatus.RENAMED), ""),
        (FileChange(path="src/pkg/a.py", before="b.py", status=FileStatus.RENAMED, added=1), "source"),
        (FileChange(path="src/pkg/a.py", status=FileStatus.DELETED, removed=9), ""),
        (FileChange(path="src/pkg/_version.py", added=1, generated=True), ""),
    ],
)
def test_files_are_code_tests_or_documents(file: FileChange, kinds: str) -> None:
    found = companions.sides(change(file), ("src/pkg",))
    sides = {"source": found.source, "tests": found.tests, "docs": found.docs}
    assert " ".join(name for name, paths in sides.items() if paths) == kinds
