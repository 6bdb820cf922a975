"""detect-secrets over the files that git knows. What it finds is named by kind and place; no secret is ever in it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from penstock.model.events import Outcome
from penstock.model.plan import GUEST, REPORTS, Command, Job, bin_of
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, calls, versions
from penstock.util.plural import plural
from penstock.value import Value

_LIST = "git-files"
_REPORT = "secrets.json"
_OURS = (b".penstock/", b".secrets.baseline")
_SHOWN = 5


class Found(Value, frozen=True, kw_only=True):
    """One secret, without it. `mark`: four digits that tell it from another of its kind in the file."""

    path: str
    line: int
    kind: str
    mark: str


class Report(Value, frozen=True, kw_only=True):
    """What `penstock_secrets.py` leaves."""

    version: str
    scanned: int
    left: tuple[tuple[str, str], ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    found: tuple[Found, ...] = ()


class GitFiles:
    """The files that git knows: tracked, and untracked ones that it does not ignore."""

    name = "git-files"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """A part of `DetectSecrets.commands`."""
        del context
        argv = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return (Command(argv=argv, tool=self.name, stdout=_LIST),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if git could tell; the list itself is used by `DetectSecrets.read`."""
        del reports, job
        if ended.exit_code == 0:
            return Reading(outcome=Outcome.PASSED)
        said = " ".join(answers.output(ended).split())[:300]
        return answers.unasked(
            f"git could not list the files: {said}", "secrets are sought in what git knows: make a repository"
        )


class DetectSecrets:
    """All plugins of detect-secrets with its default filters, and no request to anywhere to verify what is found."""

    name = "detect-secrets"
    requirement = versions.DETECT_SECRETS

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The list of files, then the search with detect-secrets as a library: its report is silent on what it read."""
        script = (f"{bin_of(self.name)}/python", "-I", f"{GUEST}/penstock_secrets.py")
        look = Command(
            argv=(*script, f"{REPORTS}/{_LIST}", f"{REPORTS}/{_REPORT}"),
            tool=self.name,
            version=calls.version(context, self.requirement),
        )
        return (*GitFiles().commands(context), look)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if every file with text was looked at. What was found is never a refusal: the gate judges."""
        report = answers.document(reports, _REPORT, Report)
        if ended.exit_code != 0 or isinstance(report, str):
            why = report if isinstance(report, str) and ended.exit_code == 0 else f"exit code {ended.exit_code}"
            return answers.unasked(f"detect-secrets could not look: {why}", "see the end of its log")
        listed = {path for path in reports.get(_LIST, b"").split(b"\0") if path and not path.startswith(_OURS)}
        expected = len(listed) - len(report.left)
        if report.unread:
            named = ", ".join(f"{path} ({why})" for path, why in report.unread[:_SHOWN])
            return answers.unasked(f"{len(report.unread)} of {plural(expected, 'file')} could not be read: {named}")
        if not report.scanned:
            return answers.unasked(
                "no file was looked at", "git knows no file with text here: commit, or add, what there is"
            )
        if report.scanned < expected:
            return answers.unasked(f"{report.scanned} of {plural(expected, 'file')} looked at")
        findings = tuple(_finding(job, ended, each) for each in report.found)
        left = f", {len(report.left)} without text left out" if report.left else ""
        return Reading(
            outcome=Outcome.PASSED,
            reason=f"{plural(report.scanned, 'file')}{left}",
            measures={
                "files": float(report.scanned),
                "expected": float(expected),
                "left_out": float(len(report.left)),
                "findings": float(len(findings)),
            },
            notes={"version:detect-secrets": report.version},
            findings=findings[: answers.KEPT_FINDINGS],
        )


def _finding(job: Job, ended: Ended, each: Found) -> FindingRecord:
    """The anchor is the mark, so that nobody puts the line's text there: it holds the secret."""
    message = "what looks like a secret stands here; it is not shown"
    made = answers.finding(
        job, ended, "detect-secrets", rule=each.kind, message=message, at=(each.path, each.line, 0), severity="high"
    )
    return replace(made, anchor=each.mark or "unmarked")
