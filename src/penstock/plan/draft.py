"""From what is declared and detected to concrete jobs and the environments they need, before versions are chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from penstock.model.pipeline import (
    CHANGE,
    IN_A_COPY,
    OF_THE_DAY,
    CheckSpec,
    JobKind,
    JobSpec,
    Mode,
    Pipeline,
    Quarantine,
    Stage,
)
from penstock.model.plan import Environment, Job, LeftOut, Rule, Scope
from penstock.model.services import Service
from penstock.model.snapshot import Decision, DependencySet, Held, Package, Snapshot
from penstock.plan.commands import Work, Workshop
from penstock.plan.compared import settled
from penstock.plan.defaults import detected
from penstock.plan.expand import Leg, check_needs, expand
from penstock.plan.filters import in_this_run
from penstock.plan.pythons import Pythons, pythons_of
from penstock.plan.request import Request
from penstock.plan.select import Chosen, choose, stage_of
from penstock.plan.services import planned, standing_on
from penstock.plan.shards import Known, spread
from penstock.plan.wanted import Wanted, advised, declared, implied
from penstock.ports import Tool
from penstock.util.digest import of_parts
from penstock.value import Value


class Draft(Value, frozen=True, kw_only=True):
    """A plan without versions, order and digest. `sets` and `pythons` are what has to be resolved for it.

    `source_digest`: of the tree; `policy_digest`: of the configuration and of the event's facts that planning used.
    `jobs` ask for the cpus that they declare; `cpus` is what this machine has. `held`, `packages`: of the snapshot.
    """

    root: str
    scope: Scope
    jobs: tuple[Job, ...]
    environments: tuple[Environment, ...]
    sets: tuple[DependencySet, ...]
    pythons: tuple[str, ...]
    cpus: int
    memory_bytes: int = 0  # that this machine has; 0: not known
    gpus: tuple[str, ...] | None = None  # as in `Platform`
    source_digest: str
    policy_digest: str
    occasion: str = CHANGE
    stages: tuple[Stage, ...] = ()
    gates: tuple[CheckSpec, ...] = ()
    quarantine: tuple[Quarantine, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    decisions: tuple[Decision, ...] = ()
    source: str | None = None
    commit: str | None = None
    services: tuple[Service, ...] = ()
    held: Held | None = None
    packages: tuple[Package, ...] = ()


_NOTHING = Known()


def draft(
    pipeline: Pipeline, snapshot: Snapshot, request: Request, tools: Mapping[str, Tool], known: Known = _NOTHING
) -> Draft:
    """Decide what there is to do. `known`: of earlier runs' tests, where they are spread over shards.

    Raises ConfigurationError for needs, cycles and matrices that cannot be, UsageError for a selection that does not
    exist.
    """
    pythons = pythons_of(pipeline, snapshot)
    absent = tuple(python for python in pythons.every if pythons.missing(python) is not None)
    if pipeline.jobs is None:
        found = detected(snapshot.project, absent)
        wanted = (*found, *implied(pipeline, tuple(job.spec for job in found), snapshot.project))
    else:
        wanted = declared(pipeline, snapshot.project, _measuring(pipeline.jobs, request))
    wanted = tuple(settled(advised(_with_variables(job, pipeline), pipeline), snapshot.base) for job in wanted)
    check_needs({job.spec.name: job.spec for job in wanted})
    legs, excluded = expand(wanted, pythons, snapshot.platform.system)
    changed = snapshot.changed if request.changed is None else request.changed
    chosen = choose(legs, request, changed, pipeline.stages)
    workshop = Workshop(
        snapshot,
        tools,
        request.pytest_args,
        measure=_measures(wanted),
        edited=snapshot.edited if request.changed is None else request.changed,
        quarantine=pipeline.quarantine,
    )
    jobs = tuple(_job(leg, chosen, pipeline, workshop.work(leg.wanted, leg.python)) for leg in chosen.legs)
    services = planned(pipeline, snapshot.servers)
    jobs = spread(tuple(standing_on(job, services) for job in jobs), chosen.legs, request, known)
    environments = workshop.environments()
    return Draft(
        root=snapshot.root,
        scope=chosen.scope,
        jobs=jobs,
        environments=environments,
        sets=tuple({one.dependencies.name: one.dependencies for one in environments}.values()),
        pythons=_pythons_in_use(environments, pythons),
        cpus=snapshot.platform.cpus,
        memory_bytes=snapshot.platform.memory_bytes,
        gpus=snapshot.platform.gpus,
        source_digest=source_digest(snapshot),
        policy_digest=_policy_digest(pipeline, request, chosen.left_out),
        occasion=request.occasion,
        stages=pipeline.stages,
        gates=pipeline.gates,
        quarantine=pipeline.quarantine,
        left_out=tuple(sorted((*excluded, *chosen.left_out), key=lambda one: one.id)),
        decisions=(*_decisions(pipeline, snapshot, measures=_measures(wanted)), *chosen.told),
        source=pipeline.source,
        commit=snapshot.git.commit,
        services=services,
        held=snapshot.held,
        packages=snapshot.project.packages,
    )


# What a declaration settles by itself: then nobody needs to be told what would have been detected.
_SETTLED = frozenset({"tests", "tests elsewhere", "lint", "types"})


def _decisions(pipeline: Pipeline, snapshot: Snapshot, *, measures: bool) -> tuple[Decision, ...]:
    """Those of detection that the pipeline leaves open. `measures`: it has a coverage job, whatever was detected."""
    settled = (_SETTLED if pipeline.jobs is not None else frozenset()) | ({"coverage"} if measures else frozenset())
    return tuple(one for one in snapshot.project.decisions if one.subject not in settled)


def source_digest(snapshot: Snapshot) -> str:
    """Of every file's path and content."""
    return of_parts(part for entry in sorted(snapshot.files.items()) for part in entry)


def _policy_digest(pipeline: Pipeline, request: Request, left_out: Iterable[LeftOut]) -> str:
    """Of the occasion, and of what it and the branch leave out: two branches with the same jobs are judged alike."""
    ruled_out = sorted(f"{left.id}: {left.reason}" for left in left_out if left.declared and left.rule is Rule.RUNS)
    return of_parts((pipeline.digest, request.occasion, *ruled_out))


def _measuring(specs: Iterable[JobSpec], request: Request) -> tuple[JobSpec, ...]:
    """The jobs of this run that measure coverage: tests, and those that say so."""
    return in_this_run((spec for spec in specs if spec.kind is JobKind.TEST or spec.measured), request)


def _measures(wanted: tuple[Wanted, ...]) -> bool:
    """Whether tests measure coverage: the same in every plan of the pipeline, so that their keys do not differ."""
    return any(job.spec.kind is JobKind.COVERAGE for job in wanted)


def _pythons_in_use(environments: tuple[Environment, ...], pythons: Pythons) -> tuple[str, ...]:
    used = dict.fromkeys(environment.python for environment in environments)
    known = [python for python in pythons.every if python in used]
    return (*known, *sorted(used.keys() - set(known)))


def _of_the_day(spec: JobSpec) -> bool:
    """A service that the job does not start is none of its inputs, either."""
    return spec.kind in OF_THE_DAY or (spec.kind is JobKind.HTTP and not spec.option("start"))


def _job(leg: Leg, chosen: Chosen, pipeline: Pipeline, work: Work) -> Job:
    spec = leg.wanted.spec
    blocked_by, remedy = (work.blocked_by, work.remedy) if work.blocked_by else (leg.missing, leg.remedy)
    return Job(
        id=leg.id,
        name=spec.name,
        kind=spec.kind,
        stage=stage_of(leg, pipeline.stages),
        commands=work.commands,
        needs=chosen.needs[leg.id],
        python=leg.python,
        environment=work.environment,
        extra_environments=work.extra_environments,
        variables=_variables(leg),
        inputs=spec.inputs,
        outputs=spec.outputs,
        fresh=() if spec.kind is JobKind.COVERAGE else tuple(each.file for each in spec.measured),
        caches=spec.caches,
        workspace=spec.workspace or ("copy" if spec.kind in IN_A_COPY else "shared"),
        secrets=spec.secrets,
        require=spec.require,
        cpus=spec.cpus,
        memory_bytes=spec.memory_bytes,
        gpus=spec.gpus,
        timeout_s=spec.timeout_s,
        cacheable=_cacheable(spec),
        services=spec.services,
        required=spec.mode is not Mode.WARN,
        mode=spec.mode,
        tolerance=spec.tolerance,
        test_timeout_s=spec.test_timeout_s,
        quarantine=pipeline.quarantine if spec.kind is JobKind.TEST else (),
        blocked_by=blocked_by,
        remedy=remedy,
        expected_tests=work.expected_tests,
        reasons=chosen.reasons[leg.id],
        leg=leg.axes,
        limits=spec.limits,
    )


def _cacheable(spec: JobSpec) -> bool:
    """Whether its result may be used again. With services, secrets, or a network or device that examples need, that has
    to be asked for: they are not in the key, or not all of them.
    """
    outside = spec.services or spec.secrets or spec.option_pairs("needs")
    wished = spec.cache if spec.cache is not None else not outside
    return wished and not _of_the_day(spec)


def _with_variables(job: Wanted, pipeline: Pipeline) -> Wanted:
    """The job with the pipeline's variables, under its own."""
    if not pipeline.environment:
        return job
    merged = dict((*pipeline.environment, *job.spec.environment))
    return replace(job, spec=replace(job.spec, environment=tuple(sorted(merged.items()))))


def _variables(leg: Leg) -> tuple[tuple[str, str], ...]:
    """What the suite and, over it, the job declare; and the leg's axes."""
    suite = leg.wanted.suite.environment if leg.wanted.suite else ()
    merged = dict((*suite, *leg.wanted.spec.environment))
    for axis, value in leg.axes:
        if axis != "python":
            merged["PENSTOCK_MATRIX_" + re.sub(r"\W", "_", axis).upper()] = value
    return tuple(sorted(merged.items()))
