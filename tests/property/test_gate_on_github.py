"""The generated gate, over random pipelines and every way in which their runners may end: it is green only if each
planned job that is required has succeeded, and nothing is published but behind a green one. The workflows that are
written for changes, nights and releases are run job by job, each `if` evaluated; once by penstock's own evaluator, and
once, slowly, by GitHub's.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from graphlib import TopologicalSorter
from itertools import product
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from penstock.cli import rejudging
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode, UsageError
from penstock.judge.decide import decide
from penstock.model.hosts import HOST_JOBS, GitHub, Release
from penstock.model.pipeline import CHANGE, NIGHTLY, OCCASIONS, RELEASE, JobSpec, Mode, Pipeline
from penstock.model.plan import NEEDS, Job, Plan
from penstock.model.records import JobRecord, Records
from penstock.model.snapshot import Timings
from penstock.plan.assemble import assemble
from penstock.plan.draft import draft
from penstock.plan.part import part
from penstock.plan.request import Request
from penstock.providers import slices
from penstock.providers.github import ci, nightly, release
from penstock.providers.github.expressions import Scope, holds
from penstock.providers.github.happening import context
from penstock.providers.github.values import UnknownExpressionError
from penstock.providers.happening import Happening
from penstock.providers.slices import Slice
from penstock.providers.yaml_text import Node
from penstock.providers.yaml_values import plain
from tests.builders import job_spec, pipeline, resolution, snapshot
from tests.fakes.clock import FakeClock
from tests.fakes.expressions import GitHubExpressions, RefusedError, github_expressions
from tests.fakes.processes import FakeProcesses
from tests.fakes.tools import table
from tests.verdicts import evidence, job_record, run_record

WORKFLOWS: Mapping[str, Callable[[tuple[Slice, ...]], Mapping[str, Node]]] = {
    CHANGE: lambda written: ci.workflow(written, GitHub()),
    NIGHTLY: lambda written: nightly.workflow(written, GitHub()),
    RELEASE: lambda written: release.workflow(written, GitHub(), Release()),
}
EVENTS = {
    CHANGE: Happening(event="push", branch="main"),
    NIGHTLY: Happening(event="schedule"),
    RELEASE: Happening(event="tag", tag="v1.0.0"),
}
PUBLISHING = ("attest", "pypi", "release")  # what follows a verdict, and must never follow another one than a green one
Evaluate = Callable[[str, Scope], bool]
NAMES = ("a", "b", "c", "quality", "lint")
WORD = re.compile(r"\$\{\{ matrix\.(\w+) \}\}")


class Leg(NamedTuple):
    """How one runner ended, as the host says, and what came of its evidence."""

    result: str
    evidence: str


GOOD = Leg("success", "passed")
# A runner that is green has evidence of it, or it got lost; one that is not may have left any.
LEGS = (
    *(GOOD,) * 8,
    Leg("success", "lost"),
    *(Leg(result, left) for result in ("failure", "cancelled") for left in ("passed", "failed", "lost")),
)


@st.composite
def specs(draw: st.DrawFn) -> tuple[JobSpec, ...]:
    made: list[JobSpec] = []
    for number, name in enumerate(NAMES[: draw(st.integers(1, len(NAMES)))]):
        kind = draw(st.sampled_from(("run", "run", "test", "lint", "metric")))
        needs = draw(st.lists(st.sampled_from(NAMES[:number]), max_size=2, unique=True)) if number else []
        fields: dict[str, Any] = {
            "needs": tuple(needs),
            "when": draw(st.sampled_from(((), (), ("docs/**",), ("src/**",)))),
            "on": draw(st.sampled_from(((), (), ("nightly",), ("change", "release")))),
            "branches": draw(st.sampled_from(((), (), ("main",)))),
            "mode": draw(st.sampled_from((Mode.ERROR, Mode.ERROR, Mode.WARN))),
        }
        if kind == "test":
            fields |= {"paths": ("tests",), "runner": "pytest", "shards": draw(st.sampled_from((None, 2, 0)))}
        if kind in ("test", "run"):
            fields["python"] = draw(st.sampled_from(((), ("*",))))
        if kind == "metric":  # a job that reads what others leave: as a command, that any table of tools knows
            kind, fields["run"] = "run", ("read", f"{NEEDS}/x")
            fields["python"] = ()
        made.append(job_spec(name, kind, **fields))
    return tuple(made)


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    return pipeline(*draw(specs()), python=("3.11", "3.12"))


requests = st.builds(
    Request,
    event=st.sampled_from(OCCASIONS),
    changed=st.sampled_from((None, ("docs/index.md",), ("src/demo/core.py",))),
    branch=st.sampled_from(("main", "mine", "")),
)


class Host:
    """The workflow as it is written, and what the plan of this event makes of it."""

    def __init__(self, declared: Pipeline, request: Request, evaluate: Evaluate, leg: Callable[[], Leg]) -> None:
        facts, tools = snapshot(), table()
        every = draft(declared, facts, Request(event=request.event, unfiltered=True), tools).jobs
        counted = {spec.name for spec in declared.jobs or () if spec.shards == 0}
        found = draft(declared, facts, request, tools)
        made = assemble(found, [resolution(one.name) for one in found.sets], Timings())
        self.plan: Plan = replace(made, homes=slices.homes_of(every))
        written = slices.of(every, counted)
        self.jobs: dict[str, Any] = plain(WORKFLOWS[request.occasion](written)["jobs"])  # type: ignore[assignment]  # a table
        self.work = {ci.job_id(one.name) for one in written}
        self.event = context(EVENTS[request.occasion])
        self.results: dict[str, str] = {}
        self.records: dict[str, JobRecord] = {}
        self.host_of: dict[str, str] = {}  # penstock's job -> GitHub's
        self._evaluate = evaluate
        self._leg = leg

    def run(self) -> None:
        """Every job in the order of its needs.

        Raises CycleError for jobs that wait for each other, which GitHub refuses.
        """
        for name in TopologicalSorter({name: job.get("needs", ()) for name, job in self.jobs.items()}).static_order():
            job = self.jobs[name]
            runs = self._evaluate(job.get("if", ""), self._scope(job))
            if name == ci.VERDICT:
                assert runs, "a required check that is skipped counts as passed"
                self.results[name] = "success" if self.verdict() is ExitCode.VERIFIED else "failure"
            elif not runs:
                self.results[name] = "skipped"
            else:
                self.results[name] = self._work(name, job) if name in self.work else self._leg().result

    def verdict(self) -> ExitCode:
        """What the verdict's job ends with."""
        told = {name: {"result": self.results[name]} for name in self.jobs[ci.VERDICT]["needs"]}
        if self.results[ci.PLAN] != "success":  # there is no plan to take, and the step before it fails
            return ExitCode.NOT_VERIFIED
        given = next(step["env"] for step in self.jobs[ci.VERDICT]["steps"] if HOST_JOBS in step.get("env", {}))
        environ, nowhere = {**given, HOST_JOBS: json.dumps(told)}, cast("Any", None)
        here = Surroundings(nowhere, nowhere, environ, FakeProcesses(), FakeClock(), Out(quiet=True))
        kept = Records(run=run_record(), jobs=tuple(self.records.values()))
        return decide(evidence(self.plan, rejudging._with_host(here, self.plan, kept)), ()).exit_code

    def _work(self, name: str, job: Mapping[str, Any]) -> str:
        """The runners of one job, and GitHub's word for all of them."""
        said = (step.get("with", {}).get("jobs") or step.get("env", {}).get("JOBS") for step in job["steps"])
        text = next(filter(None, said))
        ends = [self._cell(name, text, cell) for cell in self._cells(job)]
        return next((bad for bad in ("failure", "cancelled") if bad in ends), "success")

    def _cell(self, name: str, text: str, cell: Mapping[str, str]) -> str:
        words = tuple(WORD.sub(lambda match: cell[match[1]], text).split())
        try:
            mine = part(self.plan, words)
        except UsageError:
            return "failure"
        leg = self._leg()
        for job in mine.jobs:
            self.host_of[job.id] = name
            if leg.evidence != "lost":
                self.records[job.id] = job_record(job, leg.evidence)
        return leg.result

    def _cells(self, job: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
        matrix = job.get("strategy", {}).get("matrix", {})
        if isinstance(matrix, str):
            asked = re.search(r"\['([^']+)'\]", matrix)
            assert asked is not None
            matrix = json.loads(self._outputs()["matrices"])[asked[1]]
        if "include" in matrix:
            yield from matrix["include"]
        else:
            yield from (dict(zip(matrix, values, strict=True)) for values in product(*matrix.values()))

    def _outputs(self) -> dict[str, str]:
        if self.results.get(ci.PLAN) != "success":
            return {}
        wanted = {ci.job_id(one.name): one for one in slices.of(self.plan.jobs, homes=self.plan.homes)}
        matrices = {name: {"include": one.points} for name, one in wanted.items() if one.points}
        return {"slices": json.dumps(list(wanted)), "matrices": json.dumps(matrices)}

    def _scope(self, job: Mapping[str, Any]) -> Scope:
        needs = {
            name: {
                "result": self.results[name],
                "outputs": self._outputs() if name == ci.PLAN else {"prerelease": "false"},
            }
            for name in job.get("needs", ())
        }
        pending, ends = [*needs], set()
        while pending:
            name = pending.pop()
            ends.add(self.results[name])
            pending += self.jobs[name].get("needs", ())
        status = {"success": ends <= {"success"}, "failure": "failure" in ends, "cancelled": False, "always": True}
        return Scope(contexts={"needs": needs, "github": self.event}, status=status)


def check(declared: Pipeline, request: Request, evaluate: Evaluate, leg: Callable[[], Leg]) -> None:
    """Green is only what is verified."""
    host = Host(declared, request, evaluate, leg)
    host.run()
    published = [name for name in PUBLISHING if host.results.get(name, "skipped") != "skipped"]
    assert not published or host.results[ci.VERDICT] == "success"
    if host.verdict() is not ExitCode.VERIFIED:
        return
    assert host.results[ci.PLAN] == "success"
    for job in filter(_required, host.plan.jobs):
        assert host.records[job.id].outcome == "passed", job.id
        assert host.results[host.host_of[job.id]] == "success", job.id


def _required(job: Job) -> bool:
    return job.required


@given(pipelines(), requests, st.data())
def test_the_gate_is_green_only_if_every_required_job_succeeded(
    declared: Pipeline, request: Request, data: st.DataObject
) -> None:
    check(declared, request, holds, lambda: data.draw(st.sampled_from(LEGS)))


@given(pipelines(), requests)
def test_where_every_runner_succeeds_every_planned_job_ran_and_the_gate_is_green(
    declared: Pipeline, request: Request
) -> None:
    host = Host(declared, request, holds, lambda: GOOD)
    host.run()
    assert set(host.records) == {job.id for job in host.plan.jobs}
    wanted = {host.host_of[job.id] for job in host.plan.jobs}
    assert {name for name in host.work if host.results[name] != "skipped"} == wanted
    if any(map(_required, host.plan.jobs)):
        assert host.verdict() is ExitCode.VERIFIED
        assert {host.results[name] for name in host.results.keys() - host.work} == {"success"}


def _working(host: Host) -> bool:
    """Whether it is at the work that is planned: what comes before it went well, and the verdict is still to come."""
    return ci.PLAN in host.results and ci.VERDICT not in host.results


@given(pipelines(), requests, st.data())
def test_one_runner_that_does_not_succeed_is_enough(declared: Pipeline, request: Request, data: st.DataObject) -> None:
    strict = replace(declared, jobs=tuple(replace(spec, mode=Mode.ERROR) for spec in declared.jobs or ()))
    bad = [data.draw(st.sampled_from([leg for leg in LEGS if leg != GOOD]))]
    host = Host(strict, request, holds, lambda: bad.pop() if bad and _working(host) else GOOD)
    host.run()
    assert bad or host.verdict() is not ExitCode.VERIFIED


# --- GitHub's own evaluator -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubExpressions]:
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("GitHub's evaluator comes by npm, and runs in node")
    with github_expressions(tmp_path_factory.mktemp("expressions")) as found:
        yield found


@pytest.mark.slow  # the evaluator is fetched
@settings(max_examples=200)
@given(declared=pipelines(), request=requests, data=st.data())
def test_so_it_is_by_githubs_own_evaluator(
    github: GitHubExpressions, declared: Pipeline, request: Request, data: st.DataObject
) -> None:
    def evaluate(condition: str, scope: Scope) -> bool:
        answer = github.holds(condition, scope)
        assert holds(condition, scope) is answer, condition
        return answer

    check(declared, request, evaluate, lambda: data.draw(st.sampled_from(LEGS)))


CONTEXTS: dict[str, Any] = {
    "github": {"event_name": "push", "ref": "refs/heads/Main", "number": 0, "event": {"fork": False, "none": None}},
    "needs": {
        "a": {"result": "success", "outputs": {"x": '["one", "two"]'}},
        "b": {"result": "skipped", "outputs": {}},
    },
}
ATOMS = (
    *("true", "false", "null", "0", "1", "-1.5", "0x1F", "''", "'push'", "'PUSH'", "'0'", "' 1 '", "'it''s'", "'one'"),
    *("github.event_name", "github['REF']", "github.number", "github.event.fork", "github.event.none.deeper"),
    *("github.event", "needs.a.result", "needs.*.result", "needs.b.outputs", "needs.*.outputs.x", "needs.nothing"),
    *("fromJSON(needs.a.outputs.x)", "fromJSON(needs.a.outputs.x)[1]", "fromJSON('[1, [2, 3]]').*[1]"),
    *("success()", "failure()", "always()", "cancelled()", "toJSON(needs.a.result)", "fromJSON('{\"k\": 1.50}').K"),
)
operators = st.sampled_from(("==", "!=", "<", "<=", ">", ">=", "&&", "||"))
functions = st.sampled_from(("contains", "startsWith", "endsWith"))
expressions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, operators, inner),
        st.builds("{} {} {}".format, inner, operators, inner),
        st.builds("!{}".format, inner),
        st.builds("{}({}, {})".format, functions, inner, inner),
    ),
    max_leaves=6,
)


@pytest.mark.slow  # the evaluator is fetched
@settings(max_examples=1500)
@given(text=expressions, success=st.booleans(), failure=st.booleans())
def test_penstocks_own_evaluator_says_what_githubs_says(
    github: GitHubExpressions, text: str, *, success: bool, failure: bool
) -> None:
    status = {"success": success, "failure": failure, "cancelled": False, "always": True}
    scope = Scope(contexts=CONTEXTS, status=status)
    try:
        mine: bool | str = holds(text, scope)
    except UnknownExpressionError as error:
        mine = str(error)
    try:
        theirs: bool | str = github.holds(text, scope)
    except RefusedError as error:
        theirs = str(error)
    assert mine == theirs or (isinstance(mine, str) and isinstance(theirs, str)), text
