"""The project's distributions: sdist and wheel by uv, their metadata checked by twine as PyPI would."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock.model.events import Outcome
from penstock.model.plan import REPORTS, UV, Command, Job, bin_of
from penstock.model.records import FindingRecord, Reading
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, versions
from penstock.tools.package import Metadata, WheelContents
from penstock.util.plural import plural

_REPORT = "twine.txt"
_UNREACHED = r"Failed to fetch|client error|network (?:connectivity )?(?:is|was) disabled|dns error|Connection refused"
_CHECKED = r"(?m)^Checking (?P<path>.+?): +(?P<answer>PASSED|FAILED)(?P<warnings> with warnings)?"


class Build:
    """`uv build`: the sdist, and the wheel from the sdist, as an installer without a wheel would make it.

    Of an unpacked source distribution both from the tree: it is what an installer would have.
    """

    name = "build"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """Build into the job's reports, then check. The job is to run in a copy: backends write into the tree."""
        make = (
            UV,
            "build",
            "--color",
            "never",
            "--python",
            f"{bin_of('twine')}/python",
            "--out-dir",
            f"{REPORTS}/dist",
        )
        # Backends that ask version control what belongs into an sdist leave things out where there is none.
        both = ("--sdist", "--wheel") if context.project.released else ()
        return (Command(argv=(*make, *both, *context.spec.args), tool=self.name), *_looks(context))

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if both kinds are there and look like what they are called."""
        del job
        sdists, wheels = _distributions(reports)
        measures = {"sdists": float(len(sdists)), "wheels": float(len(wheels))}
        if ended.exit_code is None:
            reason = f"the build was ended by signal {ended.signal}"
            return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, measures=measures)
        if ended.exit_code != 0:
            return _unbuilt(answers.output(ended), measures)
        if not sdists or not wheels:
            reason = f"the build left {len(sdists)} sdists and {len(wheels)} wheels"
            return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, measures=measures)
        return Reading(outcome=Outcome.PASSED, reason=", ".join((*sdists, *wheels)), measures=measures)


class Twine:
    """`twine check` over what was built."""

    name = "twine"
    requirement = versions.TWINE

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """A part of `Build.commands`; twine expands the pattern itself."""
        del context
        argv = (f"{bin_of('twine')}/twine", "check", f"{REPORTS}/dist/*")
        return (Command(argv=argv, tool=self.name, stdout=_REPORT, environment=(("COLUMNS", "1000"),)),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if every distribution was checked and passed; warnings are findings that do not block, as on PyPI."""
        text = answers.plain(reports.get(_REPORT, b""))
        sdists, wheels = _distributions(reports)
        built = {*sdists, *wheels}
        answered = {match["path"].rpartition("/")[2]: match for match in re.finditer(_CHECKED, text)}
        findings = tuple(_finding(job, ended, match) for match in answered.values() if _is_finding(match))
        notes = {"version:twine": self.requirement.split("\n")[0].partition("==")[2]}
        if any(match["answer"] == "FAILED" for match in answered.values()):
            names = ", ".join(name for name, match in answered.items() if match["answer"] == "FAILED")
            return Reading(
                outcome=Outcome.FAILED, reason=f"twine: the metadata of {names}"[:500], findings=findings, notes=notes
            )
        if ended.exit_code != 0 or not built or not built <= answered.keys():
            reason = f"twine checked {len(built & answered.keys())} of {plural(len(built), 'distribution')}"
            return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy="see the end of its log")
        return Reading(outcome=Outcome.PASSED, findings=findings, notes=notes)


def _looks(context: ToolContext) -> tuple[Command, ...]:
    looks = (Twine(), WheelContents(), Metadata())
    return tuple(command for look in looks for command in look.commands(context))


def _unbuilt(text: str, measures: Mapping[str, float]) -> Reading:
    """The backend said no, or could not even be fetched: the second says nothing of the project."""
    causes = [line.strip() for line in text.splitlines() if re.match(r"\s*(?:error|cause|.*Error)\b", line)]
    reason = f"the build failed: {' '.join(causes[:6]) or 'see its log'}"[:500]
    if re.search(_UNREACHED, text):
        remedy = "the build's own requirements could not be fetched: is the package index reachable?"
        return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason, remedy=remedy, measures=measures)
    return Reading(outcome=Outcome.FAILED, reason=reason, measures=measures)


def _distributions(reports: Mapping[str, bytes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the sdists and wheels, of those whose first bytes are a gzip's or a zip's."""
    files = {name.rpartition("/")[2]: content for name, content in reports.items() if name.startswith("dist/")}
    sdists = tuple(name for name in files if name.endswith(".tar.gz") and files[name][:2] == b"\x1f\x8b")
    wheels = tuple(name for name in files if name.endswith(".whl") and files[name][:2] == b"PK")
    return sdists, wheels


def _is_finding(match: re.Match[str]) -> bool:
    return match["answer"] == "FAILED" or match["warnings"] is not None


def _finding(job: Job, ended: Ended, match: re.Match[str]) -> FindingRecord:
    bad = match["answer"] == "FAILED"
    message = "its metadata would be refused" if bad else "its metadata passes with warnings"
    at = (match["path"].rpartition("/")[2], 0, 0)
    severity = "error" if bad else "warning"
    return answers.finding(job, ended, "twine", rule="metadata", message=message, at=at, severity=severity)
