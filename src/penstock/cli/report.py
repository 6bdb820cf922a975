"""`penstock report`: a run that is over, told again in the forms that people and programs read."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from penstock.cli import files, issue, rejudging
from penstock.cli.out import Out
from penstock.cli.surroundings import look
from penstock.errors import ExitCode, UsageError
from penstock.report.story import Story

_PYTHON = "python"  # the flag of what the tests measured, where nothing else did
_FORMS = {
    "comment": "a pull request's comment, in Markdown of at most 60 kB",
    "summary": "a job's summary, in Markdown of at most 900 kB",
    "sarif": "the findings as SARIF",
    "cobertura": "the coverage of each line as Cobertura's XML",
    "lcov": "the coverage of each line as LCOV's tracefile",
    "annotations": "findings and failures as GitHub's workflow commands",
    "json": "the verdict as JSON",
    "junit": "the tests as JUnit XML",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    rejudging.arguments(parser)
    parser.add_argument("--plan", type=Path, metavar="FILE", help="the whole plan, as `penstock ci plan` left it")
    for name, help_ in _FORMS.items():
        parser.add_argument(f"--{name}", metavar="FILE", help=f"write {help_}; - = standard output")
    parser.add_argument("--flag", metavar="NAME", help="of the coverage only what this flag measured")
    parser.add_argument("--html", metavar="FILE", help="write a page for people, in one file")
    parser.add_argument(
        "--badge",
        action="append",
        default=[],
        metavar="KIND=FILE",
        help="write a badge (verdict, coverage, tests): .svg as a picture, .json for shields.io's endpoint",
    )
    issue.arguments(parser)


def main(options: argparse.Namespace, out: Out) -> int:
    """Write what is asked for; without anything, the summary to the screen. The verdict's exit code is `gate`'s.

    Raises UsageError where there is no run; StateError if a file cannot be written; PublishError for an issue.
    """
    badges = [_badge(text) for text in options.badge]
    surroundings = look(out, directory=options.directory)
    if options.issue or options.dry_run:
        return issue.tell(surroundings, options)
    story = rejudging.judged(surroundings, options.sources, cached=True, plan=options.plan)
    if options.flag is not None:
        story = _measured_by(story, options.flag)
    wanted = {name: target for name in _FORMS if (target := getattr(options, name)) is not None}
    if options.html is not None:
        from penstock.cli import html

        _deliver(html.of(surroundings, story), options.html, out)
    if not wanted and not badges and options.html is None:
        wanted = {"summary": "-"}
    for name, target in wanted.items():
        _deliver(_MAKERS[name](story), target, out)
    for kind, path in badges:
        from penstock.report import badge

        made = badge.of(story, kind)
        _deliver(badge.endpoint(made) if path.endswith(".json") else badge.svg(made).encode(), path, out)
    return ExitCode.VERIFIED


def _measured_by(story: Story, flag: str) -> Story:
    """With this flag's coverage alone. Raises UsageError where there is none: an empty report would look like one."""
    from msgspec.structs import replace

    there = sorted({each.flag or _PYTHON for each in story.records.coverage})
    kept = tuple(each for each in story.records.coverage if (each.flag or _PYTHON) == flag)
    if not kept:
        raise UsageError(
            f"--flag {flag}: nothing was measured by it", remedy=f"there are: {', '.join(there) or 'none'}"
        )
    return replace(story, records=replace(story.records, coverage=kept))


def _badge(text: str) -> tuple[str, str]:
    """Kind and file. Raises UsageError for what is not KIND=FILE."""
    from penstock.report import badge

    kind, _, path = text.partition("=")
    if kind not in badge.KINDS or not path.endswith((".svg", ".json")):
        kinds = ", ".join(badge.KINDS)
        raise UsageError(f"--badge {text}: it is KIND=FILE", remedy=f"one of {kinds}, and a file .svg or .json")
    return kind, path


def _deliver(content: bytes, target: str, out: Out) -> None:
    if target == "-":
        out.say(content.decode("utf-8", "replace").rstrip("\n"))
        return
    files.put(Path(target), content)


def _markdown(story: Story, most_bytes: int) -> bytes:
    from penstock.report import markdown

    return markdown.text(story, most_bytes).encode("utf-8", "replace")


def _comment(story: Story) -> bytes:
    from penstock.report.markdown import COMMENT_BYTES

    return _markdown(story, COMMENT_BYTES)


def _summary(story: Story) -> bytes:
    from penstock.report.markdown import SUMMARY_BYTES

    return _markdown(story, SUMMARY_BYTES)


def _sarif(story: Story) -> bytes:
    from penstock.report import sarif

    return sarif.encode(story)


def _cobertura(story: Story) -> bytes:
    from penstock.report import lines

    return lines.cobertura(story.records.coverage, timestamp_s=story.records.run.wall_s).encode()


def _lcov(story: Story) -> bytes:
    from penstock.report import lines

    return lines.lcov(story.records.coverage).encode("utf-8", "replace")


def _annotations(story: Story) -> bytes:
    from penstock.report import annotations

    return "".join(f"{line}\n" for line in annotations.lines(story)).encode("utf-8", "replace")


def _json(story: Story) -> bytes:
    from penstock.report import run_json

    return run_json.encode(story)


def _junit(story: Story) -> bytes:
    from penstock.report import junit

    return junit.text(story).encode("utf-8", "replace")


_MAKERS: Mapping[str, Callable[[Story], bytes]] = {
    "comment": _comment,
    "summary": _summary,
    "sarif": _sarif,
    "cobertura": _cobertura,
    "lcov": _lcov,
    "annotations": _annotations,
    "json": _json,
    "junit": _junit,
}
