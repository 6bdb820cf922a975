"""What hints about failed tests rest on: read from the project only when a test failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from penstock.model.plan import Plan
from penstock.model.records import Records
from penstock.report.grounds import Grounds, Offer

_SOURCES = ("", "src", "lib", "python", "tests", "test")  # where a project's own modules lie
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)[ =@]", re.MULTILINE)


def of(root: Path, plan: Plan, records: Records) -> Grounds | None:
    """The grounds, None where no test failed. What cannot be read is not known: it costs a hint."""
    if not any(test.bad for test in records.tests) and not any(
        job.measure("collection_errors") for job in records.jobs
    ):
        return None
    from penstock.run.environment.closure import DISTRIBUTIONS
    from penstock.scan.detect.pluginsigns import FIXTURES
    from penstock.services import NAMES

    return Grounds(
        own=frozenset(_own(root)),
        offers=tuple(_offers(_document(root / "pyproject.toml"))),
        distributions=DISTRIBUTIONS,
        plugins=FIXTURES,
        services=frozenset(NAMES),
        installed=_installed(plan),
    )


def _own(root: Path) -> Iterator[str]:
    for folder in _SOURCES:
        try:
            entries = list((root / folder).iterdir())
        except OSError:
            continue
        yield from (entry.stem for entry in entries if entry.suffix == ".py" or entry.is_dir())


def _document(path: Path) -> Mapping[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _offers(document: Mapping[str, Any]) -> Iterator[Offer]:
    project = document.get("project")
    extras = project.get("optional-dependencies") if isinstance(project, dict) else None
    for kind, table in (("extra", extras), ("group", document.get("dependency-groups"))):
        for name, lines in table.items() if isinstance(table, dict) else ():
            yield Offer(kind=kind, name=name, distributions=frozenset(_names(lines)))


def _names(lines: Any) -> Iterable[str]:
    from penstock.scan.detect.requirement import names, strings

    return names(strings(lines))


def _installed(plan: Plan) -> dict[str, frozenset[str]]:
    from penstock.scan.detect.requirement import canonical

    pins = {
        one.dependencies: frozenset(canonical(name) for name in _PIN.findall(one.requirements))
        for one in plan.resolutions
    }
    return {one.id: pins.get(one.dependencies.name, frozenset()) for one in plan.environments}
