"""`penstock release`: whether a tag may be released, what it changes, and the files that were built for it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.cli import host, interface, outputs, rejudging
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings, look
from penstock.errors import ExitCode, StateError, UsageError
from penstock.model.release import HostCheck, Tagged
from penstock.model.verdict import CheckResult
from penstock.report import pull_request as form
from penstock.report.screen import Screen
from penstock.util import atomic

if TYPE_CHECKING:
    from packaging.version import Version

    from penstock.report.changelog import Entry

CHECK = "verdict"  # the name of the host's check that says that a commit is verified


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "verb",
        choices=("check", "notes", "files"),
        help="check: may it be released? notes: what has changed, in Markdown; files: those that were built for it, "
        "out of the evidence",
    )
    parser.add_argument("tag", metavar="TAG", help="the tag, such as v1.2.3")
    parser.add_argument("--json", type=Path, metavar="FILE", help="of check: write the answers as JSON")
    parser.add_argument("--out", type=Path, metavar="FILE", help="of notes: write them there")
    parser.add_argument("--into", type=Path, metavar="DIR", default=Path("dist"), help="of files (default: dist)")
    interface.arguments(parser)
    rejudging.arguments(parser, f"of files: {rejudging.LEFT}")


def main(options: argparse.Namespace, out: Out) -> int:
    """Check, tell, or take out."""
    surroundings = look(out, directory=options.directory)
    if options.verb == "check":
        return _check(surroundings, options)
    if options.verb == "notes":
        return _notes(surroundings, options)
    from penstock.cli import built, evidence

    version = _version(options.tag)
    last = evidence.newest(surroundings.state)
    names = built.take(options.sources or ((last,) if last else ()), options.into, version)
    out.say("\n".join(names))
    return ExitCode.VERIFIED


def _version(tag: str) -> Version:
    """Raises UsageError for a tag that names none."""
    from penstock.scan import tags

    version = tags.version_of(tag)
    if version is None:
        raise UsageError(f"{tag} names no version", remedy="a tag such as v1.2.3 or v1.2.3rc1")
    return version


def _tagged(surroundings: Surroundings, tag: str) -> Tagged:
    from penstock.scan import tags

    default = host.context(surroundings.environ).default
    return tags.read(surroundings.root, tag, default, processes=surroundings.processes, environ=surroundings.environ)


def _check(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """Ask everything, report, and end with the exit code of the answers."""
    from penstock.judge import decide, release
    from penstock.judge.answer import sound
    from penstock.scan import declared, tags

    tagged = _tagged(surroundings, options.tag)
    version = tags.version_of(options.tag)
    named = "" if version is None else str(version)
    own = declared.version(surroundings.root)
    answers = release.answers(tagged, named, own, _verdict(surroundings, options, tagged))
    results = tuple(map(sound, answers))
    code = decide.of_answers(results)
    out = surroundings.out
    screen = Screen(width=out.width, color=out.color, unicode=out.unicode)
    out.say(form.answers(f"release {options.tag}", results, code, screen))
    if own is None:
        out.progress(
            "  note  the project's version is made when it is built: `penstock release files` holds it to the tag"
        )
    if options.json is not None:
        _write(options.json, _json(options.tag, named, results, code))
    if version is not None:
        outputs.tell(surroundings, {"version": named, "prerelease": str(version.is_prerelease).lower()})
    return code


def _verdict(surroundings: Surroundings, options: argparse.Namespace, tagged: Tagged) -> HostCheck:
    """How the verdict on the tag's commit ended, by the host. What cannot be asked is not known."""
    if not tagged.commit:
        return HostCheck(name=CHECK, unknown="the tag is not here")
    try:
        reached = interface.of(surroundings, options)
        interface.need_token(reached, "ask with")
    except UsageError as error:
        return HostCheck(name=CHECK, unknown=error.message, remedy=error.remedy)
    from penstock.providers.github import checks

    return checks.newest(interface.api(surroundings, reached), reached.repository, tagged.commit, CHECK)


def _json(tag: str, version: str, results: tuple[CheckResult, ...], code: ExitCode) -> bytes:
    import msgspec

    told = {"version": 1, "exit_code": int(code), "tag": tag, "names": version, "checks": results}
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _notes(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """What has changed since the release before. Raises UsageError without the tag, StateError without its history."""
    from penstock.report import changelog
    from penstock.scan import change

    _version(options.tag)
    tagged = _tagged(surroundings, options.tag)
    if not tagged.commit:
        raise UsageError(f"there is no tag {options.tag} here", remedy="git fetch --tags")
    if tagged.shallow:
        raise StateError("the clone is shallow, so that commits are missing", remedy="git fetch --unshallow --tags")
    span = f"refs/tags/{tagged.before}..{tagged.commit}" if tagged.before else tagged.commit
    found = change.commits(surroundings.root, span, processes=surroundings.processes, environ=surroundings.environ)
    if isinstance(found, str):
        raise StateError(f"the commits of {options.tag} are not known: {found}")
    text = changelog.text([_entry(each.id, each.subject, each.body) for each in found], before=tagged.before)
    if options.out is None:
        surroundings.out.say(text)
    else:
        _write(options.out, text.encode("utf-8", "replace"))
    return ExitCode.VERIFIED


def _entry(commit: str, subject: str, body: str) -> Entry:
    """A title that follows no convention is told as it is."""
    from penstock.judge.pull_request.title import Title, is_breaking, parse
    from penstock.report.changelog import Entry

    title = parse(subject)
    breaking = is_breaking(title, (body,))
    if not isinstance(title, Title):
        return Entry(commit=commit, description=subject, breaking=breaking)
    return Entry(commit=commit, type=title.type, scope=title.scope, description=title.description, breaking=breaking)


def _write(path: Path, content: bytes) -> None:
    """Raises StateError: whoever asks for a file goes on with it."""
    try:
        atomic.write(path, content)
    except OSError as error:
        raise StateError(f"{path} could not be written: {error.strerror}") from error
