"""`penstock plan --event …`: which jobs of a host's configuration an event starts, one block a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from penstock.model.answers import JobAnswer, State, WorkflowAnswer
from penstock.report import sanitize
from penstock.report.screen import Screen, cells, own, pad, wrap
from penstock.util.plural import plural


def text(title: str, answers: Sequence[WorkflowAnswer], screen: Screen) -> str:
    """All files, without a newline at its end. `title`: the event in words."""
    lines = [sanitize.line(title)]
    for each in answers:
        starts = "starts" if each.starts else "does not start"
        lines += [
            "",
            *wrap(f"{sanitize.line(each.path)}  {starts}: {sanitize.line(each.rule)}", screen.width, indent=2),
        ]
        lines += _jobs([job for job in each.jobs if each.starts or job.state is State.BLOCKS], screen)
    return "\n".join([*lines, "", own(screen, "  ·  ").join(_counted(answers))])


def _jobs(jobs: Sequence[JobAnswer], screen: Screen) -> Iterator[str]:
    width = max((cells(sanitize.line(each.job)) for each in jobs), default=0)
    states = max(len(state.value) for state in State)
    for each in jobs:
        start = f"  {pad(sanitize.line(each.job), width)}  {pad(each.state.value, states)}  "
        runners = f"{plural(each.runners, 'runner')}, " if each.runners > 1 else ""
        yield from wrap(f"{start}{runners}{sanitize.line(each.rule)}", screen.width, indent=cells(start))


def _counted(answers: Iterable[WorkflowAnswer]) -> list[str]:
    jobs = [job for each in answers for job in each.jobs]
    counts = Counter(job.state for job in jobs)
    runners = sum(job.runners for job in jobs)
    told = [f"{plural(counts[State.RUNS], 'job')} {'runs' if counts[State.RUNS] == 1 else 'run'}"]
    told += [f"{counts[state]} {word}" for state, word in _WORDS.items() if counts[state]]
    return [*told, f"{plural(runners, 'runner')} in all"]


_WORDS = {State.SKIPPED: "skipped", State.BLOCKS: "blocked"}
