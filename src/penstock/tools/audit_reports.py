"""What the audit's processes leave: the list, and the reports of `uv audit` and of pip-audit, as values of one kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from penstock.tools import answers
from penstock.util.plural import plural
from penstock.value import Value

LIST = "audit/listed.json"


class Listed(Value, frozen=True, kw_only=True):
    """One dependency to audit."""

    name: str
    version: str = ""
    path: str = ""
    line: int = 0
    why: str = ""


class Listing(Value, frozen=True, kw_only=True):
    """What `penstock_audit.py list` leaves."""

    source: str
    listed: tuple[Listed, ...] = ()
    skipped: tuple[Listed, ...] = ()


class Weighed(Value, frozen=True, kw_only=True):
    """What `penstock_audit.py weigh` leaves. `unlisted`: declared, and in no list of versions."""

    severities: Mapping[str, str] = {}
    unlisted: tuple[Listed, ...] = ()


class Vulnerability(Value, frozen=True, kw_only=True):
    """One entry, whoever reported it."""

    id: str
    name: str
    version: str
    aliases: tuple[str, ...] = ()
    summary: str = ""
    fixed: tuple[str, ...] = ()


class Audited(Value, frozen=True, kw_only=True):
    """A tool's report: how many versions it asked for, those it passed over, what it found."""

    number: int
    found: tuple[Vulnerability, ...] = ()
    passed_over: tuple[str, ...] = ()


class _Package(Value, frozen=True, kw_only=True):
    name: str
    version: str = ""


class _UvEntry(Value, frozen=True, kw_only=True):
    dependency: _Package
    id: str
    aliases: tuple[str, ...] = ()
    summary: str | None = None
    description: str | None = None
    fix_versions: tuple[str, ...] = ()


class _UvSummary(Value, frozen=True, kw_only=True):
    audited_packages: int
    vulnerabilities: int


class _UvReport(Value, frozen=True, kw_only=True):
    summary: _UvSummary
    vulnerabilities: tuple[_UvEntry, ...]


class _PipEntry(Value, frozen=True, kw_only=True):
    id: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    fix_versions: tuple[str, ...] = ()


class _PipDependency(Value, frozen=True, kw_only=True):
    name: str
    version: str = ""
    vulns: tuple[_PipEntry, ...] = ()
    skip_reason: str = ""


class _PipReport(Value, frozen=True, kw_only=True):
    dependencies: tuple[_PipDependency, ...]


def listing(reports: Mapping[str, bytes]) -> Listing | str:
    """The list, or why there is none."""
    return answers.document(reports, LIST, Listing)


def report(reports: Mapping[str, bytes], name: str) -> Audited | str:
    """Either tool's JSON, or why it cannot be read."""
    by_uv = answers.document(reports, name, _UvReport)
    if not isinstance(by_uv, str):
        found = tuple(map(_of_uv, by_uv.vulnerabilities))
        if len(found) != by_uv.summary.vulnerabilities:
            counted = plural(by_uv.summary.vulnerabilities, "vulnerability", "vulnerabilities")
            return f"its report counts {counted} and names {len(found)}"
        return Audited(number=by_uv.summary.audited_packages, found=found)
    by_pip = answers.document(reports, name, _PipReport)
    if isinstance(by_pip, str):
        return by_uv
    found = tuple(_of_pip(each, entry) for each in by_pip.dependencies for entry in each.vulns)
    passed_over = tuple(each.name for each in by_pip.dependencies if each.skip_reason or not each.version)
    return Audited(number=len(by_pip.dependencies) - len(passed_over), found=found, passed_over=passed_over)


def _of_uv(entry: _UvEntry) -> Vulnerability:
    return Vulnerability(
        id=entry.id,
        name=entry.dependency.name,
        version=entry.dependency.version,
        aliases=entry.aliases,
        summary=entry.summary or entry.description or "",
        fixed=entry.fix_versions,
    )


def _of_pip(dependency: _PipDependency, entry: _PipEntry) -> Vulnerability:
    return Vulnerability(
        id=entry.id,
        name=dependency.name,
        version=dependency.version,
        aliases=entry.aliases,
        summary=entry.description,
        fixed=entry.fix_versions,
    )


def notes(found: Sequence[Vulnerability]) -> Iterator[tuple[str, str]]:
    """`aliases:ID`, and `fixed:NAME`: the least version in which all that was found of it is mended."""
    for each in found:
        if each.aliases:
            yield f"aliases:{each.id}", " ".join(each.aliases)
    for name in dict.fromkeys(each.name for each in found):
        least = [_least(each) for each in found if each.name == name]
        if all(least):
            yield f"fixed:{name}", max(least, key=_order)


def _least(each: Vulnerability) -> str:
    """The first mended version after the one that is there; "" where there is none."""
    later = [version for version in each.fixed if _order(version) > _order(each.version)]
    return min(later, key=_order, default="")


def _order(version: str) -> tuple[bool, object]:
    from packaging.version import InvalidVersion, Version

    try:
        return True, Version(version)
    except InvalidVersion:
        return False, version
