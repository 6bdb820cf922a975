"""radon: each function's cyclomatic complexity, and each file's maintainability index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import REPORTS, Command, Job
from penstock.model.records import FindingRecord, Reading
from penstock.model.scales import GRADES, MAINTAINABLE
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, grades, versions
from penstock.value import Value

_COMPLEXITY = "radon-cc.json"
_INDEX = "radon-mi.json"
# Of the project's own options only those that say what is measured: the others say what is shown.
_KEPT_FLAGS = ("--no-assert", "--include-ipynb", "--ipynb-cells")
_KEPT_VALUED = ("-e", "--exclude", "-i", "--ignore")


class _Block(Value, frozen=True, kw_only=True):
    """A function, method or class. A class stands for the sum of its methods, which have entries of their own."""

    type: str
    name: str
    complexity: int
    lineno: int = 0
    col_offset: int = 0
    classname: str = ""


class _Lines(Value, frozen=True, kw_only=True):
    """What `radon mi` says of a file: its index, or why it could not be parsed."""

    mi: float | None = None
    error: str = ""


class Radon:
    """`radon mi`, which names every file that it could read, then `radon cc`, which names only those with functions."""

    name = "radon"
    requirement = versions.RADON

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """Both, with nothing filtered away."""
        chosen = calls.spread(context, calls.paths(context, (".",)))
        kept = tuple(_kept((*(context.use.args if context.use is not None else ()), *context.spec.args)))
        listed = calls.listed(context, chosen, stubs=False, hidden=False)
        made = []
        for verb, report, tool, worst in (
            ("mi", _INDEX, self.name, "C"),
            ("cc", _COMPLEXITY, RadonFunctions.name, "F"),
        ):
            bounds = ("--min", "A", "--max", worst, "--output-file", f"{REPORTS}/{report}")
            fitting = tuple(word for word in kept if verb == "cc" or word != "--no-assert")
            made.append(
                Command(
                    argv=(calls.program(context, "radon"), verb, "--json", *bounds, *fitting, *chosen),
                    tool=tool,
                    listed=listed,
                    excludes=calls.leaves_out(context),
                    version=calls.version(context, self.requirement),
                )
            )
        return tuple(made)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """The files, and the least index of them; a finding where it is no good one."""
        report = answers.document(reports, _INDEX, dict[str, _Lines])
        if isinstance(report, str):
            return _unasked(ended, report)
        unread = {path: each.error or "it has no index" for path, each in report.items() if each.mi is None}
        answer = answers.Answer(
            tool=self.name,
            refused=False,
            findings=tuple(
                answers.finding(job, ended, "radon", rule="syntax-error", message=why, at=(path, 0, 0))
                for path, why in unread.items()
            ),
            examined=len(report) - len(unread),
            expected=len(report),
        )
        reading = answers.reading(answer, ended, job)
        if reading.outcome is not Outcome.PASSED:
            return reading
        found = {path: min(max(each.mi or 0.0, 0.0), 100.0) for path, each in report.items()}
        worst = sorted((number, path) for path, number in found.items() if number < MAINTAINABLE)
        told = {"index": min(found.values()), "findings": float(len(worst))}
        findings = tuple(_index(job, ended, path, number) for number, path in worst[: answers.KEPT_FINDINGS])
        return replace(reading, measures={**reading.measures, **told}, findings=findings)


class RadonFunctions:
    """`radon cc`: a part of `Radon.commands`."""

    name = "radon-functions"
    requirement = versions.RADON

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """See `Radon.commands`."""
        return Radon().commands(context)[1:]

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """The functions. Files, and what could not be parsed, are told by the index."""
        report = answers.document(reports, _COMPLEXITY, dict[str, list[_Block] | _Lines])
        if isinstance(report, str):
            return _unasked(ended, report)
        if ended.exit_code != 0:
            return _unasked(ended, f"ended with exit code {ended.exit_code}")
        functions = [
            (path, block)
            for path, blocks in report.items()
            if isinstance(blocks, list)
            for block in blocks
            if block.type != "class"
        ]
        findings = (_found(job, ended, *each) for each in functions if each[1].complexity > GRADES["A"])
        return grades.graded(Reading(outcome=Outcome.PASSED), [max(b.complexity, 0) for _, b in functions], findings)


def _kept(words: tuple[str, ...]) -> Iterator[str]:
    valued = False
    for word in words:
        if valued or word in _KEPT_FLAGS or word.partition("=")[0] in _KEPT_VALUED:
            yield word
        valued = word in _KEPT_VALUED


def _found(job: Job, ended: Ended, path: str, block: _Block) -> FindingRecord:
    name = f"{block.classname}.{block.name}" if block.classname else block.name
    made = answers.finding(
        job, ended, "radon", rule="", message="", at=(path, block.lineno, max(block.col_offset, 0) + 1)
    )
    return replace(made, **grades.words(name[:300], max(block.complexity, 0)))


def _index(job: Job, ended: Ended, path: str, number: float) -> FindingRecord:
    said = f"the maintainability index is {int(number * 10) / 10:g}"
    made = answers.finding(job, ended, "radon", rule=f"MI{int(number)}", message=said, at=(path, 0, 0), severity="note")
    return replace(made, anchor="module")


def _unasked(ended: Ended, why: str) -> Reading:
    said = [line.strip() for line in answers.output(ended).splitlines() if line.strip()]
    reason = f"radon could not be asked: {said[-1] if said else why}"[:500]
    return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy="mend the configuration of radon")
