"""Known vulnerabilities of the dependencies: `uv audit`, or pip-audit, over a list of versions that is made first.

Four processes, so that each part of the answer has its own evidence: the list; the canary, a version known to be bad
that the same database must report; the audit; how bad the database calls what was found. The last one tells the
findings. The answer depends on the database's day, so the job is never taken from the cache.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from penstock.model.events import Outcome
from penstock.model.plan import GUEST, PYTHON, REPORTS, SELF, UV, Command, Job, bin_of
from penstock.model.records import FindingRecord, Reading
from penstock.model.scales import UNAUDITED
from penstock.ports import Ended, ToolContext
from penstock.tools import answers, audit_reports, calls, versions
from penstock.tools.audit_reports import Audited, Listed, Listing, Weighed
from penstock.util import uv
from penstock.util.plural import plural

# PYSEC-2019-217, CVE-2019-10906, GHSA-462w-v97r-4m45: a way out of the sandbox, mended in 2.10.1.
CANARY = ("jinja2", "2.10")
DATABASE = "https://api.osv.dev"
_FOLDER = "audit"
_WEIGHED = f"{_FOLDER}/weighed.json"
_FOUND = f"{_FOLDER}.json"
_CANARY_FOUND = "canary.json"
_UNREACHED = re.compile(r"[Rr]equest failed|error sending request|dns error|ConnectionError|ConnectTimeout|HTTPError")
_ERRNO = re.compile(r"\[Errno -?\d+\] [^'\")]+")
# What would change who is asked, what is audited, or what is told of it: permissions are the gate's.
_OF_UV = ("--output-format", "--service-url", "--service-format", "--project", "--ignore", "--ignore-until-fixed")
_OF_PIP = (
    *("--format", "-f", "--output", "-o", "--ignore-vuln", "--osv-url", "--vulnerability-service", "-s"),
    *("--requirement", "-r", "--path"),
)
_FLAGS_OF_PIP = ("--fix", "--dry-run", "-d", "--local", "-l", "--skip-editable")
_OLD_UV = re.compile(r"unrecognized subcommand|unexpected argument")


class AuditList:
    """The list of what is to be audited."""

    name = "audit-list"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """A part of the others' commands: from uv.lock where there is one, else what the environment holds."""
        inside = context.use is not None and context.use.dependencies is not None
        settings = {
            "out": f"{REPORTS}/{_FOLDER}",
            "lock": "" if inside else "uv.lock",
            "own": context.project.name,
            "canary": CANARY,
        }
        return (_script("list", settings, python=PYTHON if inside else SELF, tool=self.name),)

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if it names anything at all."""
        del job
        listing = audit_reports.listing(reports)
        if ended.exit_code != 0 or isinstance(listing, str):
            said = answers.output(ended).strip().splitlines()[-1:]
            why = listing if isinstance(listing, str) else f"exit code {ended.exit_code}"
            return answers.unasked(f"the dependencies could not be listed: {' '.join(said) or why}"[:500])
        number = len(listing.listed) + len(listing.skipped)
        if not number:
            return answers.unasked(
                "there is no dependency to audit", "leave the gate out of a project without dependencies"
            )
        return Reading(
            outcome=Outcome.PASSED, measures={"dependencies": float(number)}, notes={"audited": listing.source}
        )


class AuditCanary:
    """Whether the database reports what is known to be bad: one that is empty, or answers nothing, does not."""

    name = "audit-canary"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """A part of the others' commands."""
        del context
        return ()

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if the canary's name is among what was found."""
        audited = _audited(reports, _CANARY_FOUND, ended)
        if isinstance(audited, str):
            return _unasked(audited, job)
        if not any(each.name == CANARY[0] for each in audited.found):
            return answers.unasked(
                f"the canary was not reported: {CANARY[0]} {CANARY[1]} is known to be vulnerable, and the database at "
                f"{database_of(job)} knows nothing of it",
                "name a database that is complete in jobs.audit.database, or mend that one",
            )
        return Reading(outcome=Outcome.PASSED, notes={"canary": audited.found[0].id})


class _Auditor:
    """What both tools have in common."""

    name = ""
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """The list, the canary, the audit, the severities."""
        database = context.spec.database or DATABASE
        weigh = {"out": f"{REPORTS}/{_FOLDER}", "report": f"{REPORTS}/{_FOUND}", "database": database}
        return (
            *AuditList().commands(context),
            self.asked("canary", database, context, tool="audit-canary", stdout=_CANARY_FOUND),
            self.asked("all", database, context, tool=self.name, stdout=_FOUND),
            _script("weigh", weigh, python=SELF, tool="audit-findings"),
        )

    def asked(self, project: str, database: str, context: ToolContext, *, tool: str, stdout: str) -> Command:
        """The process that audits one of the two lists."""
        raise NotImplementedError

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """Passed if every dependency that has a version was asked for. What was found is told by `AuditFindings`."""
        listing, audited = audit_reports.listing(reports), _audited(reports, _FOUND, ended)
        if isinstance(audited, str):
            return _unasked(audited, job)
        if isinstance(listing, str):
            return answers.unasked(f"the dependencies are not known: {listing}")
        if audited.number < len(listing.listed):
            named = f": not {', '.join(audited.passed_over[:5])}" if audited.passed_over else ""
            every = _dependencies(len(listing.listed))
            return answers.unasked(f"{self.name} audited {audited.number} of {every}{named}")
        version = {f"version:{self.name}": self.requirement.partition("==")[2]} if self.requirement else {}
        return Reading(
            outcome=Outcome.PASSED,
            reason=f"{audited.number} of {_dependencies(len(listing.listed) + len(listing.skipped))} audited",
            measures={"audited": float(len(listing.listed)), "vulnerabilities": float(len(audited.found))},
            notes=version,
        )


class UvAudit(_Auditor):
    """`uv audit`: one request for all; no environment of its own."""

    name = "uv-audit"

    def asked(self, project: str, database: str, context: ToolContext, *, tool: str, stdout: str) -> Command:
        """See `_Auditor`. The project's own settings of uv have no say: permissions are the gate's."""
        quiet = ("--no-config", "--no-progress", "--preview-features", "audit-command,json-output")
        own = calls.options(context, valued=_OF_UV)
        where = ("--project", f"{REPORTS}/{_FOLDER}/{project}", "--frozen", *quiet)
        return Command(
            argv=(UV, "audit", *where, "--output-format", "json", "--service-url", database, *own),
            environment=(("UV_HTTP_RETRIES", "1"),),
            tool=tool,
            stdout=stdout,
        )


class PipAudit(_Auditor):
    """pip-audit, from an environment of its own, over what the tests' environment holds."""

    name = "pip-audit"
    requirement = versions.PIP_AUDIT

    def asked(self, project: str, database: str, context: ToolContext, *, tool: str, stdout: str) -> Command:
        """See `_Auditor`."""
        what = ("--requirement", f"{REPORTS}/{_FOLDER}/{project}/requirements.txt", "--no-deps", "--disable-pip")
        whom = ("--vulnerability-service", "osv", "--osv-url", f"{database.rstrip('/')}/v1/query")
        manner = ("--format", "json", "--progress-spinner", "off", "--cache-dir", f"{calls.PRIVATE}/pip-audit")
        own = calls.options(context, flags=_FLAGS_OF_PIP, valued=_OF_PIP)
        return Command(
            argv=(f"{bin_of(self.name)}/pip-audit", *what, *whom, *manner, *own),
            tool=tool,
            stdout=stdout,
            version=calls.version(context, self.requirement),
        )


class AuditFindings:
    """What was found, with how bad it is by the database's own words."""

    name = "audit-findings"
    requirement = ""

    def commands(self, context: ToolContext) -> tuple[Command, ...]:
        """A part of the others' commands."""
        del context
        return ()

    def read(self, ended: Ended, reports: Mapping[str, bytes], job: Job) -> Reading:
        """One finding a vulnerability, and one a dependency that has no version to ask for. Never a refusal."""
        listing, audited = audit_reports.listing(reports), audit_reports.report(reports, _FOUND)
        if isinstance(listing, str) or isinstance(audited, str):
            return Reading(outcome=Outcome.PASSED)
        weighed = answers.document(reports, _WEIGHED, Weighed)
        if isinstance(weighed, str):
            return answers.unasked(f"what was found could not be weighed: {weighed}", "see the end of its log")
        tool = next(command.tool for command in job.commands if command.stdout == _FOUND)
        skipped = (*listing.skipped, *weighed.unlisted)
        found = _vulnerable(listing, audited, weighed.severities, ended, job, tool)
        findings = [*_skips(skipped, ended, job, tool), *found]
        return Reading(
            outcome=Outcome.PASSED,
            measures={"findings": float(len(findings)), "dependencies": float(len(weighed.unlisted))},
            notes=dict(audit_reports.notes(audited.found)),
            findings=tuple(findings[: answers.KEPT_FINDINGS]),
        )


def _script(what: str, settings: Mapping[str, object], *, python: str, tool: str) -> Command:
    words = msgspec.json.encode(settings).decode()
    return Command(argv=(python, "-I", f"{GUEST}/penstock_audit.py", what, words), tool=tool)


def database_of(job: Job) -> str:
    """The address that the job asks."""
    for command in job.commands:
        words = command.argv
        for option, rest in (("--service-url", ""), ("--osv-url", "/v1/query")):
            if option in words[:-1]:
                return words[words.index(option) + 1].removesuffix(rest)
    return DATABASE


def _audited(reports: Mapping[str, bytes], name: str, ended: Ended) -> Audited | str:
    """The report, or why it cannot be believed. Both tools end with 1 where they found something."""
    if ended.exit_code not in (0, 1):
        return _said(ended) or f"it ended with exit code {ended.exit_code}, signal {ended.signal}"
    report = audit_reports.report(reports, name)
    if isinstance(report, str):
        return _said(ended) or report
    if not report.found and ended.exit_code == 1:
        return "it ended with exit code 1, and reported nothing"
    return report


def _said(ended: Ended) -> str:
    """The tool's own error, in one line."""
    text = answers.output(ended)
    if "Traceback" in text:  # pip-audit's: the last line says it
        return text.strip().splitlines()[-1][:400]
    return uv.explain(text).message if text.strip() else ""


def _unasked(why: str, job: Job) -> Reading:
    if _OLD_UV.search(why):
        return answers.unasked(
            f"this uv cannot audit: {why}", 'install a newer uv, or set jobs.audit.tool = "pip-audit"'
        )
    if _UNREACHED.search(why):
        number = _ERRNO.search(why)
        cause = number[0] if number else why.rpartition(" · ")[2]
        return answers.unasked(
            f"the database at {database_of(job)} could not be asked: {cause}",
            "let this machine reach it (HTTPS_PROXY, SSL_CERT_FILE), or name another in jobs.audit.database",
        )
    return answers.unasked(f"the audit could not be made: {why}", "see the end of its log")


def _skips(skipped: Iterable[Listed], ended: Ended, job: Job, tool: str) -> Iterator[FindingRecord]:
    for each in skipped:
        made = answers.finding(
            job,
            ended,
            tool,
            rule=UNAUDITED,
            message=f"{each.name}: {each.why}",
            at=(each.path, each.line, 0),
            severity="unknown",
        )
        yield msgspec.structs.replace(made, anchor=each.name)


def _vulnerable(
    listing: Listing, audited: Audited, severities: Mapping[str, str], ended: Ended, job: Job, tool: str
) -> Iterator[FindingRecord]:
    places = {each.name: (each.path, each.line, 0) for each in listing.listed}
    for each in sorted(audited.found, key=lambda one: (one.name, one.id)):
        first = " ".join(each.summary.split())[:300]
        fixed = f"; mended in {', '.join(each.fixed)}" if each.fixed else "; no version is mended"
        made = answers.finding(
            job,
            ended,
            tool,
            rule=each.id,
            message=f"{each.name} {each.version}: {first or each.id}{fixed}",
            at=places.get(each.name, ("", 0, 0)),
            severity=severities.get(each.id, "unknown"),
        )
        yield msgspec.structs.replace(made, anchor=each.name)


def _dependencies(number: int) -> str:
    return plural(number, "dependency", "dependencies")
