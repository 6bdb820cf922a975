"""The files of each host's configuration, and how they are read and written. The same wherever they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from penstock.cli.ci_jobs import Declared, declared
from penstock.cli.surroundings import Surroundings
from penstock.errors import StateError, UsageError
from penstock.model.circleci import CircleCI
from penstock.model.hosts import GitHub
from penstock.model.pipeline import CHANGE, NIGHTLY, RELEASE, JobKind, Pipeline
from penstock.util import atomic

if TYPE_CHECKING:
    from penstock.cli.out import Out
    from penstock.providers.drift import Difference
    from penstock.providers.remark import Remark
    from penstock.providers.yaml_text import Node


class Upkeep(NamedTuple):
    """What a host's files are asked beside being as they would be written. `folders`: where they are. `requirements`:
    the file by which its runners get penstock. `key_of`: the key that would express an edit of a file. `refused`,
    `advice`: (files as they would be written, YAML files that are there) -> remarks.
    """

    folders: tuple[str, ...]
    requirements: str
    key_of: Callable[[str, Difference], str]
    refused: Callable[[Mapping[str, str], Mapping[str, str]], Iterable[Remark]] = lambda *_: ()
    advice: Callable[[Mapping[str, str], Mapping[str, str]], Iterable[Remark]] = lambda *_: ()


class Made(NamedTuple):
    """The files of a host, as they would be written."""

    host: str
    files: dict[str, str]
    upkeep: Upkeep


def made(surroundings: Surroundings, host: str | None) -> tuple[Made, ...]:
    """Those of a host, by path; None: of each host that is declared, or GitHub. Raises UsageError where the pipeline
    does not say enough.
    """
    found = declared(surroundings)
    return tuple(Made(each, HOSTS[each](found), _UPKEEP[each](found)) for each in hosts(found.pipeline, host))


def hosts(pipeline: Pipeline, host: str | None) -> tuple[str, ...]:
    """The host that is named, else those that are declared, else GitHub."""
    if host is not None:
        return (host,)
    return tuple(each for each in HOSTS if getattr(pipeline, each) is not None) or ("github",)


def _github(found: Declared) -> dict[str, str]:
    from penstock.providers.github import names, steps
    from penstock.providers.github.written import text

    settings = found.pipeline.github or GitHub()
    names.check(settings, found.every_slice())
    _check(found, settings)
    return {path: text(tree, settings) for path, tree in workflows(found).items()} | steps.files(settings)


def workflows(found: Declared) -> dict[str, Mapping[str, Node]]:
    """GitHub's workflows as the tables that are written, by path."""
    from penstock.providers.github import ci, nightly, pr, release

    settings = found.pipeline.github or GitHub()
    made: dict[str, Mapping[str, Node]] = {
        ci.PATH: ci.workflow(found.slices(), settings, found.flags),
        pr.PATH: pr.workflow(settings),
    }
    if settings.nightly or any(NIGHTLY in job.on for job in found.pipeline.jobs or ()):
        made[nightly.PATH] = nightly.workflow(found.slices(NIGHTLY), settings)
    if settings.release is not None:
        made[release.PATH] = release.workflow(found.slices(RELEASE), settings, settings.release)
    return made


def _check(found: Declared, settings: GitHub) -> None:
    """Raises UsageError where a workflow is asked for that would have nothing to do."""
    if settings.release is not None and not any(job.kind is JobKind.BUILD for job in found.jobs(RELEASE)):
        remedy = "declare one: `build = true` in [tool.penstock.jobs]"
        raise UsageError("ci.github.release: no job builds the package for a release", remedy=remedy)
    if settings.codecov is not None and not any(job.kind is JobKind.COVERAGE for job in found.jobs()):
        remedy = "declare one: `coverage = true` in [tool.penstock.jobs]"
        raise UsageError("ci.github.codecov: no job merges coverage", remedy=remedy)


def _github_upkeep(found: Declared) -> Upkeep:
    from penstock.providers.github import keys, upkeep
    from penstock.providers.github.ci import job_id

    settings = found.pipeline.github or GitHub()
    known = keys.known(settings, {job_id(one.name): one.jobs for one in found.every_slice()})
    free = {job.name for job in settings.jobs if not job.required}
    return Upkeep(
        folders=(".github/workflows", ".github/actions"),
        requirements=settings.penstock,
        key_of=lambda path, one: keys.key_of(path, one, known),
        refused=lambda wanted, there: upkeep.refused(wanted, there, free),
        advice=lambda wanted, there: upkeep.unpinned(
            {path: text for path, text in there.items() if path not in wanted}
        ),
    )


def _circleci(found: Declared) -> dict[str, str]:
    from penstock.providers.circleci import config

    return config.files(found.slices(CHANGE), found.slices(NIGHTLY), found.pipeline)


def _circleci_upkeep(found: Declared) -> Upkeep:
    from penstock.providers.circleci import keys, runners

    known = {each.id: each.of.jobs for each in runners.of(found.every_slice(), found.pipeline)}
    settings = found.pipeline.circleci or CircleCI()
    return Upkeep((".circleci",), settings.penstock, key_of=lambda _, one: keys.key_of(one.path, known))


HOSTS: Mapping[str, Callable[[Declared], dict[str, str]]] = {"github": _github, "circleci": _circleci}
_UPKEEP: Mapping[str, Callable[[Declared], Upkeep]] = {"github": _github_upkeep, "circleci": _circleci_upkeep}


def not_there(root: Path, every: Iterable[Made]) -> tuple[str, ...]:
    """The files of requirements that runners need and that the project lacks."""
    return tuple(dict.fromkeys(path for one in every if not (root / (path := one.upkeep.requirements)).is_file()))


def read(path: Path) -> str | None:
    """The text of a file; None where there is none, or none that can be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def write(path: Path, text: str) -> None:
    """The whole file at once. Raises StateError."""
    try:
        atomic.write(path, text.encode())
    except OSError as error:
        raise StateError(f"{path} cannot be written: {error.strerror}") from error


def write_json(path: Path, value: object, out: Out) -> None:
    """What a verb has found, for programs. One that cannot be written is told, and changes nothing else."""
    import msgspec

    try:
        atomic.write(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    except OSError as error:
        out.complain(f"penstock: {path} could not be written: {error.strerror}")
