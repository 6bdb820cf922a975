"""The declaring table becomes a Pipeline, or all that is wrong with it at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from penstock.load import circleci, links
from penstock.load.ci import read_ci
from penstock.load.deploy import read_deploy
from penstock.load.findings import Findings
from penstock.load.gate_keys import GATES
from penstock.load.gates import read_gates
from penstock.load.jobs import read_jobs
from penstock.load.keys import BUILT_IN, JOB, TOP, TOP_TABLES
from penstock.load.locate import KeyPath, Locator
from penstock.load.notify import read_notify
from penstock.load.quarantine import read_quarantine
from penstock.load.services import check as check_services
from penstock.load.services import read_services
from penstock.load.shapes import NAME, List
from penstock.load.table import read_value, unknown
from penstock.load.types import Duration, matches, spoken
from penstock.model.pipeline import Pipeline, Stage
from penstock.util.digest import of_bytes

_TOP = {key.name: key for key in TOP}
_ALL = (*_TOP, *TOP_TABLES)


def parse(table: Mapping[str, object], locator: Locator) -> Pipeline:
    """The pipeline that `table` declares. `locator` knows the text that it was read from.

    Raises ConfigurationError with every problem, each with its place.
    """
    findings = Findings(locator)
    for name in table:
        if name not in _ALL:
            _unknown(name, findings)
    values = _top_values(table, findings)
    stages = read_stages(table["stages"], ("stages",), findings) if "stages" in table else ()
    jobs = read_jobs(table["jobs"], values.get("python"), ("jobs",), findings) if "jobs" in table else None
    gates = read_gates(table["gates"], ("gates",), findings) if "gates" in table else ()
    quarantine = read_quarantine(table["quarantine"], ("quarantine",), findings) if "quarantine" in table else ()
    notify = read_notify(table["notify"], ("notify",), findings) if "notify" in table else None
    services = read_services(table["services"], ("services",), findings) if "services" in table else ()
    hosts = read_ci(table["ci"], ("ci",), findings) if "ci" in table else None
    circle = circleci.read_circleci(table.get("ci"), ("ci",), findings)
    deployments = read_deploy(table["deploy"], ("deploy",), findings) if "deploy" in table else ()
    declared = table.get("jobs")
    if jobs is not None and isinstance(declared, dict):
        links.check(jobs, declared, stages, findings)
        check_services(jobs, services, table.get("services"), findings)
        circleci.check(
            circle,
            jobs=declared,
            stages=(stage.name for stage in stages),
            deployments=(one.name for one in deployments),
            findings=findings,
        )
    findings.stop_if_any()
    pipeline = Pipeline(source=locator.path, stages=stages, jobs=jobs, gates=gates, quarantine=quarantine, **values)
    pipeline = msgspec.structs.replace(
        pipeline, services=services, notify=notify, github=hosts, circleci=circle, deployments=deployments
    )
    return msgspec.structs.replace(pipeline, digest=digest(pipeline))


def digest(pipeline: Pipeline) -> str:
    """sha256 of what is declared, whatever file and line it stands in. Nor whom to tell, how a host is set up
    and what is deployed: that decides nothing.
    """
    jobs = pipeline.jobs and tuple(msgspec.structs.replace(job, place=None) for job in pipeline.jobs)
    gates = tuple(msgspec.structs.replace(gate, place=None) for gate in pipeline.gates)
    quarantine = tuple(msgspec.structs.replace(entry, place=None) for entry in pipeline.quarantine)
    services = tuple(msgspec.structs.replace(service, place=None) for service in pipeline.services)
    bare = msgspec.structs.replace(
        pipeline,
        jobs=jobs,
        gates=gates,
        quarantine=quarantine,
        services=services,
        notify=None,
        github=None,
        circleci=None,
        deployments=(),
        source=None,
        digest="",
    )
    return of_bytes(msgspec.json.encode(bare))


def _top_values(table: Mapping[str, object], findings: Findings) -> dict[str, Any]:
    values = {}
    for key in TOP:
        if key.name in table:
            value = read_value(key, table[key.name], (key.name,), findings)
            if value is not None:
                values[key.target] = value
    return values


def _unknown(name: str, findings: Findings) -> None:
    """An unknown key at the top, which may be a key of one of the tables below."""
    homes = {
        "tool": "at the top of the file: in penstock.toml the tables need no `tool.penstock` before them",
        **{key.name: "in the table of a job, below `jobs`" for key in JOB},
        **{gate.name: "in `gates`" for gate in GATES},
        **dict.fromkeys(BUILT_IN, "in `jobs`"),
    }
    home = homes.get(name)
    if home is None:
        unknown(name, _ALL, "the top table", (name,), findings)
    else:
        findings.add(
            "C101", f"unknown key `{name}` in the top table", (name,), value=False, remedy=f"it belongs {home}"
        )


def read_stages(raw: object, path: KeyPath, findings: Findings) -> tuple[Stage, ...]:
    """A table of names with budgets, or a list of names."""
    if isinstance(raw, list):
        names = List(item=NAME, words="a list of names").read(raw, path, findings)
        return tuple(Stage(name=name) for name in names or ())
    if not isinstance(raw, dict):
        message = f"`stages` must be a table of names with time budgets, or a list of names, not {spoken(raw)}"
        findings.add("C102", message, path, remedy='such as { fast = "5m", full = "30m" }')
        return ()
    stages = []
    for name, value in raw.items():
        if not matches(NAME.pattern, name):
            findings.add("C103", f'"{name}" is not a name for a stage: {NAME.words}', (*path, name), value=False)
        budget_s = Duration().read(value, (*path, name), findings)
        stages.append(Stage(name=name, budget_s=budget_s))
    return tuple(stages)
