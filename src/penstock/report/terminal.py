"""The end of a run on a terminal (DESIGN.md §1.4): jobs, gates, one block a cause, a footer of at most three lines."""

from __future__ import annotations

from penstock.errors import ExitCode
from penstock.model.verdict import Conclusion, Status
from penstock.report import causes, checks, decisions, flaky, jobs, sanitize, stages
from penstock.report.screen import Screen, cells, fit, own, paint, seconds, wrap
from penstock.report.story import Story
from penstock.util.plural import plural

_NAME_CELLS = 40  # of one name in the footer
_COLORS = {"PASS": "1;32", "FAIL": "1;31"}


def text(story: Story, screen: Screen) -> str:
    """The whole report, without a newline at its end. Failures last, so that they are what stays on the screen."""
    lines = [] if story.told else decisions.lines(story.plan.decisions, screen)
    lines += [""] if lines else []
    lines += jobs.lines(story, screen)
    lines += checks.lines(story, screen)
    lines += stages.lines(story, screen)
    lines += decisions.left_out(story.plan.left_out, screen)
    for damage in story.records.damaged[:5]:
        lines += wrap(f"  not trusted  {sanitize.line(damage)}", screen.width, indent=15)
    lines += flaky.lines(story, screen)
    lines += causes.blocks(story, screen)
    return "\n".join([*lines, *([""] if lines or story.told else []), *footer(story, screen)])


def footer(story: Story, screen: Screen) -> list[str]:
    """The verdict, why it is not green, what to do next: at most three lines."""
    word, names = _word(story), _named(story, screen)
    facts = [_counted(story)]
    facts += story.plan.reach
    facts += [seconds(story.records.run.duration_s), f"run {sanitize.line(story.run)}"]
    room = screen.width - len(word) - 2
    dot = own(screen, "  ·  ")
    heads = [dot.join([*_first(names, shown), *facts]) for shown in range(min(4, len(names)), 0, -1)]
    head = next((head for head in heads if cells(head) <= room), heads[-1] if heads else dot.join(facts))
    lines = [f"{paint(screen, word, _COLORS.get(word, '1;33'))}  {fit(screen, head, room)}"]
    why = _why(story)
    lines += [fit(screen, f"why   {why}", screen.width)] if why else []
    following = _next(story)
    return [*lines, f"next  {following}"] if following else lines


def _first(names: list[str], shown: int) -> list[str]:
    """The first names, and how many more there are."""
    rest = len(names) - shown
    return [", ".join(names[:shown]) + (f" and {rest} more" if rest else "")]


def _word(story: Story) -> str:
    verdict = story.verdict
    if verdict.exit_code in {ExitCode.INTERRUPTED, ExitCode.TERMINATED}:
        return "INTERRUPTED"
    if verdict.exit_code is ExitCode.VERIFIED and verdict.conclusion is Conclusion.PASSED:
        return "PASS"
    return "FAIL" if verdict.conclusion is Conclusion.FAILED else "NOT VERIFIED"


def _named(story: Story, screen: Screen) -> list[str]:
    """What stands in the way: the failed jobs and gates; without any, what has no answer."""
    verdict = story.verdict
    if verdict.exit_code in {ExitCode.INTERRUPTED, ExitCode.TERMINATED}:
        return []
    told_by_job = {*verdict.failed_jobs, *verdict.unfinished_jobs}
    bad = [result for result in verdict.checks if result.name != "jobs" and checks.blocked(result, story)]
    bad = [result for result in bad if result.job not in told_by_job]
    failed = [result for result in bad if result.status is Status.FAILED]
    missing = [result for result in bad if result.status is Status.MISSING]
    for names, results in ((verdict.failed_jobs, failed), (verdict.unfinished_jobs, missing)):
        gates = (checks.titled(each) if "." in each.name else each.job or each.name for each in results)
        if names or results:
            return [fit(screen, sanitize.line(name), _NAME_CELLS) for name in dict.fromkeys((*names, *gates))]
    return []


def _counted(story: Story) -> str:
    verdict = story.verdict
    bad = {*verdict.failed_jobs, *verdict.unfinished_jobs, *verdict.warned_jobs}
    bad |= {job for job, _ in verdict.tolerated_jobs}
    passed = len(story.plan.jobs) - len(bad)
    told = [f"{plural(passed, 'job')} passed"]
    if verdict.unfinished_jobs:
        told.append(f"{len(verdict.unfinished_jobs)} not verified")
    if verdict.tolerated_jobs:
        told.append(f"{len(verdict.tolerated_jobs)} tolerated")
    if verdict.warned_jobs:
        told.append(plural(len(verdict.warned_jobs), "warning"))
    return ", ".join(told)


def _why(story: Story) -> str:
    """The first reason, where the verdict is not simply a failure that is shown above."""
    if story.verdict.conclusion in {Conclusion.PASSED, Conclusion.FAILED} and story.plan.jobs:
        return ""
    return sanitize.line(next(iter(story.verdict.reasons), ""))


def _next(story: Story) -> str:
    verdict = story.verdict
    if verdict.exit_code is ExitCode.VERIFIED:
        return ""
    remedies = (result.remedy for result in verdict.checks if checks.blocked(result, story) and result.remedy)
    if verdict.failed_jobs:
        return "penstock run --failed"
    if verdict.unfinished_jobs:
        planned = (job.remedy for job in story.plan.jobs if job.id in verdict.unfinished_jobs)
        found = (record.note("remedy") for record in story.records.jobs if record.job in verdict.unfinished_jobs)
        return sanitize.line(next(filter(None, (*planned, *found)), "penstock run --failed"))
    return sanitize.line(next(remedies, "penstock run"))
