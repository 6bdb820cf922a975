"""Whether a tag is one to release: what it names, what it stands on, and the verdict on that commit."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.model.release import HostCheck, Tagged
from penstock.model.verdict import CheckResult, Status

GATE = "release"
_FETCH = "check out with the whole history and its tags (`fetch-depth: 0`)"


def answers(tagged: Tagged, version: str, declared: str | None, check: HostCheck) -> Iterator[CheckResult]:
    """One a question. `version`: that the tag names, "" for none; `declared`: the project's own, None where it is only
    known once it is built.
    """
    yield _answer("tag", _tag(tagged, version))
    if declared is not None:
        same = _same(declared, version)
        words = f"the project's version is {declared}" + ("" if same else f", and the tag names {version or 'none'}")
        yield _answer("version", (Status.PASSED if same else Status.FAILED, words, "tag the commit of that version"))
    yield _answer("commit", _commit(tagged))
    yield _answer("branch", _branch(tagged))
    yield _answer("verdict", _verdict(tagged, check))


_Told = tuple[Status, str, str | None]


def _answer(name: str, told: _Told) -> CheckResult:
    status, summary, remedy = told
    passed = status is Status.PASSED
    return CheckResult(
        name=f"{GATE}.{name}", status=status, summary=summary, examined=1, remedy=None if passed else remedy
    )


def _tag(tagged: Tagged, version: str) -> _Told:
    if not tagged.commit:
        return Status.MISSING, f"there is no tag {tagged.tag} here", _FETCH
    if not version or not tagged.tag.startswith("v"):
        return Status.FAILED, f"{tagged.tag} names no version (PEP 440)", "a tag such as v1.2.3 or v1.2.3rc1"
    return Status.PASSED, f"{tagged.tag} names version {version}", None


def _same(declared: str, version: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(declared) == Version(version)
    except InvalidVersion:
        return False


def _commit(tagged: Tagged) -> _Told:
    here, there = tagged.head[:12] or "none", tagged.commit[:12] or "none"
    if tagged.head and tagged.head == tagged.commit:
        return Status.PASSED, f"the checkout is of its commit {there}", None
    status = Status.FAILED if tagged.commit and tagged.head else Status.MISSING
    return status, f"the checkout is of commit {here}, and the tag is on {there}", f"git checkout {tagged.tag}"


def _branch(tagged: Tagged) -> _Told:
    if tagged.merged:
        return Status.PASSED, f"its commit is on {tagged.branch}", None
    if tagged.merged is None or tagged.shallow:
        why = f"the history of {tagged.branch} is not all here" if tagged.branch else "that was not fetched"
        return Status.MISSING, f"whether its commit is on the default branch is not known: {why}", _FETCH
    return Status.FAILED, f"its commit is not on {tagged.branch}", "merge it, and tag what was merged"


def _verdict(tagged: Tagged, check: HostCheck) -> _Told:
    at = tagged.commit[:12] or "it"
    if check.unknown:
        return Status.MISSING, f"how the check `{check.name}` ended on {at} is not known: {check.unknown}", check.remedy
    if not check.count:
        remedy = "push the commit to the default branch, and tag it when its run has ended"
        return Status.MISSING, f"no check `{check.name}` has run on {at}", remedy
    if not check.conclusion:
        return Status.MISSING, f"the check `{check.name}` on {at} has not ended yet", "run this again when it has"
    if check.conclusion != "success":
        return Status.FAILED, f"the check `{check.name}` on {at} ended as {check.conclusion}", check.url or None
    return Status.PASSED, f"the check `{check.name}` on {at} is green", None
