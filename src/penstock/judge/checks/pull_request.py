"""Whether a pull request is what a reviewer can work with: its words, its size, and what should come with it.

Asked only where there is one: by `penstock pr`, and in a pull request's own run if the gate is declared. What reads
words is imported then: every run imports this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from penstock.judge.answer import limits_of_gate, options_of_gate
from penstock.model.change import Change, PullRequest
from penstock.model.pipeline import JobKind, Mode
from penstock.model.scales import OPAQUE
from penstock.model.verdict import CheckResult, Evidence, Status
from penstock.util.plural import plural

if TYPE_CHECKING:
    from penstock.judge.pull_request.size import Size

GATE = "pull_request"
# What blocks where nothing is declared. The rest is advice (REQUIREMENTS.md F1 to F3).
DEFAULTS = {
    "title": "error",
    "description": "warn",
    "issue": "warn",
    "size": "warn",
    "tests": "warn",
    "docs": "warn",
    "conflicts": "error",
    "breaking": "error",
}
_SHOWN = 5
_FETCH = "fetch the base branch with its history (`fetch-depth: 0`)"


class PullRequestCheck:
    """One answer for each part that is not switched off. A bot's pull request is asked for conflicts alone."""

    name = GATE

    def answer(self, evidence: Evidence) -> Iterable[CheckResult]:
        """The answers: none where nobody asks, or there is no pull request; one where the host's word of it cannot be
        read.
        """
        request = evidence.facts.pull_request
        declared = next((gate for gate in evidence.plan.gates if gate.name == GATE), None)
        if declared is None and evidence.plan.command != "pr":
            return
        gate_warns = declared is not None and declared.mode is Mode.WARN
        if request is None:
            yield from _unread(evidence, Mode.WARN if gate_warns else Mode.ERROR)
            return
        options = options_of_gate(evidence.plan, GATE)
        exempt = request.bot and options.get("bots") != "true"
        for part, ask in _PARTS.items():
            wish = options.get(part, DEFAULTS[part])
            if wish == "off" or (exempt and part != "conflicts"):
                continue
            mode = Mode.WARN if gate_warns or wish == "warn" else Mode.ERROR
            yield from ask(evidence, request, mode)


def _unread(evidence: Evidence, mode: Mode) -> Iterator[CheckResult]:
    if evidence.facts.unread:
        remedy = "run it in the host's own job, or name the file: penstock pr --event FILE"
        yield _missing("event", evidence.facts.unread, mode, remedy)


def _title(evidence: Evidence, request: PullRequest, mode: Mode) -> Iterator[CheckResult]:
    from penstock.judge.pull_request import title

    allowed = options_of_gate(evidence.plan, GATE).get("types", "")
    found = title.judge(request.title, evidence.facts.change, tuple(filter(None, allowed.split(","))) or title.TYPES)
    if isinstance(found, title.Title):
        yield _passed("title", f"{found.type}: by Conventional Commits", mode)
        return
    remedy = f"call it `{found.suggestion}`" if found.suggestion else "write `type: description`, as `fix: keep tabs`"
    yield _failed("title", found.message, mode, remedy=remedy)


def _description(evidence: Evidence, request: PullRequest, mode: Mode) -> Iterator[CheckResult]:
    from penstock.judge.pull_request import description

    least = int(limits_of_gate(evidence.plan, GATE).get("min_words", description.LEAST_WORDS))
    number = description.words(request.body)
    if number >= least or (number and description.has_code(request.body)):
        yield _passed("description", plural(number, "word"), mode, number=number, limit=least)
        return
    said = "there is none" if not number else f"{plural(number, 'word')} of its author's own, {least} are asked for"
    yield _failed("description", said, mode, remedy="say what changes for a user, and why", number=number, limit=least)


def _issue(evidence: Evidence, request: PullRequest, mode: Mode) -> Iterator[CheckResult]:
    from penstock.judge.pull_request import description

    bodies = () if evidence.facts.change is None else (commit.body for commit in evidence.facts.change.commits)
    named = description.issues(request.title, request.body, request.head, *bodies)
    if named:
        yield _passed("issue", f"belongs to {', '.join(named[:_SHOWN])}", mode)
    elif description.declares_no_issue(request.body):
        yield _passed("issue", "declared to belong to none", mode)
    else:
        yield _failed("issue", "names no issue", mode, remedy="write `Closes #123`, or `No issue: WHY`")


def size_label(evidence: Evidence) -> str | None:
    """`S`, by the limits of the gate; None where the size is not known, or is switched off."""
    off = options_of_gate(evidence.plan, GATE).get("size", DEFAULTS["size"]) == "off"
    change = evidence.facts.change
    return None if off or change is None else _measured(evidence, change).label


def _measured(evidence: Evidence, change: Change) -> Size:
    from penstock.judge.pull_request import size

    limits = limits_of_gate(evidence.plan, GATE)
    steps = {label: int(limits.get(f"size_{label.lower()}", most)) for label, most in size.LIMITS.items()}
    return size.measure(change, steps)


def _size(evidence: Evidence, request: PullRequest, mode: Mode) -> Iterator[CheckResult]:
    from penstock.judge.pull_request import size

    del request
    if evidence.facts.change is None:
        yield _missing("size", _unknown(evidence), mode)
        return
    found = _measured(evidence, evidence.facts.change)
    most = int(limits_of_gate(evidence.plan, GATE).get("max_lines", size.ADVISED))
    left = f", {found.left_out} more in generated files" if found.left_out else ""
    said = f"{found.label}: {plural(found.lines, 'line')} in {_files(found.files)}{left}"
    if found.lines <= most:
        yield _passed("size", said, mode, number=found.lines, limit=most)
        return
    details = tuple(f"{path} {lines}" for path, lines in found.largest)
    remedy = f"split it: up to {most} lines are read with care"
    yield _failed("size", said, mode, remedy=remedy, number=found.lines, limit=most, details=details)


def _tests(evidence: Evidence, request: PullRequest, mode: Mode) -> Iterator[CheckResult]:
    from penstock.judge.pull_request import companions

    del request
    if evidence.facts.change is None:
        yield _missing("tests", _unknown(evidence), mode)
        return
    found = companions.sides(evidence.facts.change, evidence.facts.packages)
    if found.source and not found.tests:
        said = f"{_files(len(found.source))} of code, and no test"
        yield _failed("tests", said, mode, remedy="change or add the tests of it", details=found.source[:_SHOWN])
    else:
        yield _passed("tests", f"{_files(len(found.source))} of code, {len(found.tests)} of tests", mode)


def _docs(evidence: Evidence, request: PullRequest, mode: Mode) -> Iterator[CheckResult]:
    from penstock.judge.pull_request import companions

    del request
    breaks = _api_findings(evidence)
    if evidence.facts.change is None or breaks is None:
        return  # nothing compares the public interface here
    found = companions.sides(evidence.facts.change, evidence.facts.packages)
    if breaks and not found.docs:
        said = "the public interface changes, and no documentation does"
        yield _failed("docs", said, mode, remedy="describe it where users look", details=breaks[:_SHOWN])
    else:
        yield _passed(
            "docs", f"{plural(len(breaks), 'change')} of the public interface, {_files(len(found.docs))} of docs", mode
        )


def _conflicts(evidence: Evidence, request: PullRequest, mode: Mode) -> Iterator[CheckResult]:
    change = evidence.facts.change
    base = request.base or (change.branch if change else "") or "the base"
    if change is None or change.conflicts is None:
        yield _missing("conflicts", (change.unknown if change else "") or _unknown(evidence), mode)
    elif change.conflicts:
        remedy = f"merge {base} into the branch, or rebase it"
        said = f"{_files(len(change.conflicts))} do not merge with {base}"
        yield _failed("conflicts", said, mode, remedy=remedy, details=change.conflicts[:_SHOWN])
    else:
        yield _passed("conflicts", f"merges with {base}", mode)


def _breaking(evidence: Evidence, request: PullRequest, mode: Mode) -> Iterator[CheckResult]:
    from penstock.judge.pull_request import title

    breaks = _api_findings(evidence)
    if breaks is None:
        return
    bodies = [] if evidence.facts.change is None else [commit.body for commit in evidence.facts.change.commits]
    told = title.is_breaking(title.parse(request.title), [request.body, *bodies])
    if breaks and not told:
        said = f"{plural(len(breaks), 'break')} of the public interface, and nothing says so"
        remedy = "write `feat!: …`, or a footer `BREAKING CHANGE: what users have to do`"
        yield _failed("breaking", said, mode, remedy=remedy, details=breaks[:_SHOWN])
    else:
        yield _passed("breaking", f"{plural(len(breaks), 'break')}{', declared' if breaks else ''}", mode)


def _api_findings(evidence: Evidence) -> tuple[str, ...] | None:
    """The breaks that a job of this run found; None where none compared, or not to an end."""
    jobs = {job.id for job in evidence.plan.jobs if job.kind is JobKind.API}
    ended = {record.job for record in evidence.records.jobs if record.measure("compared")}
    if not jobs & ended:
        return None
    return tuple(
        f"{each.path} {each.message}" for each in evidence.records.findings if each.job in jobs and each.rule != OPAQUE
    )


def _unknown(evidence: Evidence) -> str:
    return f"what changes is not known: {evidence.facts.unknown or 'nobody asked git'}"


_PARTS = {
    "title": _title,
    "description": _description,
    "issue": _issue,
    "size": _size,
    "tests": _tests,
    "docs": _docs,
    "conflicts": _conflicts,
    "breaking": _breaking,
}


def _files(number: int) -> str:
    return plural(number, "file")


def _passed(
    part: str, summary: str, mode: Mode, *, number: float | None = None, limit: float | None = None
) -> CheckResult:
    return CheckResult(
        name=f"{GATE}.{part}", status=Status.PASSED, summary=summary, mode=mode, number=number, limit=limit, examined=1
    )


def _failed(
    part: str,
    summary: str,
    mode: Mode,
    *,
    remedy: str,
    number: float | None = None,
    limit: float | None = None,
    details: tuple[str, ...] = (),
) -> CheckResult:
    return CheckResult(
        name=f"{GATE}.{part}",
        status=Status.FAILED,
        summary=summary,
        mode=mode,
        number=number,
        limit=limit,
        examined=1,
        remedy=remedy,
        details=details,
    )


def _missing(part: str, summary: str, mode: Mode, remedy: str = _FETCH) -> CheckResult:
    return CheckResult(name=f"{GATE}.{part}", status=Status.MISSING, summary=summary, mode=mode, remedy=remedy)
