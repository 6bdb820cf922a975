"""The workflow `ci`: a plan, a row of runners, and one required job that reads what they left.

Whatever blocks is in this one workflow, because a job can only need jobs of its own. It has no path filter: a workflow
that is filtered away never reports, and a required check then waits for ever. Which slices run is planned, and the
verdict knows which may be skipped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from penstock.model.hosts import HOST_JOBS, HOST_REQUIRED, WHOLE_PLAN, Codecov, GitHub
from penstock.providers.github import codecov, extend, steps
from penstock.providers.github.occasion import CHANGE, Occasion
from penstock.providers.github.steps import Step
from penstock.providers.github.written import text
from penstock.providers.slices import Slice, slug
from penstock.providers.yaml_text import Above, Flow, Node, Noted

PATH = ".github/workflows/ci.yml"
_READY_S = 600.0  # what a runner may take before its jobs start, and to hand on what they left
PLAN, VERDICT = "plan", "verdict"
OURS = (PLAN, VERDICT, "issue", "codecov", "verify", "attest", "pypi", "release")  # whatever the workflow
_PLANNED = f".penstock/pins\n.penstock/resolutions\n.penstock/timings.json\n.penstock/{WHOLE_PLAN}"
_CONCURRENCY = (
    "Pull requests: the newest push wins. Branches: a group for each commit, so that none goes without a verdict."
)
_ALSO = "It runs whatever happened before: what did not run is not verified."
_ALWAYS = "The one required check. It runs whatever happened before: a required check that is skipped counts as passed."


def files(slices: Sequence[Slice], settings: GitHub, flags: Sequence[str] = ()) -> dict[str, str]:
    """The workflow, by its path. `flags`: by which the coverage is told apart."""
    return {PATH: text(workflow(slices, settings, flags), settings)}


def workflow(slices: Sequence[Slice], settings: GitHub, flags: Sequence[str] = ()) -> dict[str, Node]:
    """The workflow as a table."""
    concurrency = {
        "group": "ci-${{ github.event.pull_request.number || github.sha }}",
        "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    }
    on: dict[str, Node] = {
        "push": {"branches": Flow(settings.branches)},
        "pull_request": None,
        "merge_group": None,
        "workflow_dispatch": None,
        **extend.events(settings),
    }
    made = jobs(slices, settings)
    if settings.codecov is not None:
        made["codecov"] = _codecov(settings, settings.codecov, flags)
    return frame("CI", on, Above(_CONCURRENCY, concurrency), made, settings)


def _codecov(settings: GitHub, wanted: Codecov, flags: Sequence[str]) -> Node:
    """Beside the verdict, and not before it."""
    identity: dict[str, Node] = {} if wanted.token else {"id-token": Noted("write", "say to Codecov whose run this is")}
    condition = f"${{{{ !cancelled() && needs.{PLAN}.outputs.coverage == 'true' }}}}"
    needs = Flow([PLAN, VERDICT])
    return {
        **job("codecov", settings, 15, Whose(rights={**steps.READS, **identity}), needs=needs, **{"if": condition}),
        "steps": [steps.checkout(), steps.setup(), *steps.evidence(), *codecov.steps_of(wanted, flags)],
    }


def frame(name: str, on: Node, concurrency: Node, jobs: Mapping[str, Node], settings: GitHub) -> dict[str, Node]:
    """A workflow that runs jobs."""
    return {
        "name": name,
        "on": on,
        "permissions": {},
        "concurrency": concurrency,
        "defaults": {"run": {"shell": "bash"}},
        **({"env": dict(settings.environment)} if settings.environment else {}),
        "jobs": jobs,
    }


def jobs(
    slices: Sequence[Slice], settings: GitHub, occasion: Occasion = CHANGE, then: Sequence[Step] = ()
) -> dict[str, Node]:
    """The plan, a row of runners, and the verdict over them. `then`: steps of the verdict's job, once it has judged."""
    made: dict[str, Node] = {PLAN: _plan(settings, occasion)}
    for one in slices:
        made[job_id(one.name)] = _work(one, settings, occasion)
    waited = [*occasion.needs, *made]
    if occasion is CHANGE:  # what no plan knows is asked of a change
        waited += settings.required
        made |= extend.jobs(settings)
    made[VERDICT] = _verdict(waited, settings, occasion, then)
    return made


def job_id(name: str) -> str:
    """A slice's name as GitHub takes it: it begins with a letter, and is none of ours."""
    told = slug(name)
    return f"job-{told}" if not told[0].isalpha() or told in OURS else told


class Whose(NamedTuple):
    """What the configuration calls a job, if not by its name; its runner's part of the plan; its token's rights."""

    called: str = ""
    one: Slice | None = None
    rights: Mapping[str, Node] = steps.READS


_PLAIN = Whose()


def job(name: str, settings: GitHub, minutes: int, whose: Whose = _PLAIN, /, **fields: Node) -> dict[str, Node]:
    """The head of a job."""
    called = whose.called or (name if whose.one is None else whose.one.name)
    return {
        "name": name,
        **fields,
        "runs-on": extend.runner(called, settings, whose.one),
        "timeout-minutes": minutes,
        "permissions": extend.permissions(called, settings, rights=whose.rights),
    }


def _plan(settings: GitHub, occasion: Occasion) -> Node:
    before: dict[str, Node] = {"needs": Flow(occasion.needs)} if occasion.needs else {}
    before |= {"if": f"${{{{ {occasion.guard} }}}}"} if occasion.guard else {}
    return {
        **job(PLAN, settings, 10, **before, outputs=_outputs("slices", "matrices", "coverage")),
        "steps": [
            steps.checkout(),
            steps.setup(),
            *([steps.history()] if occasion.cached else []),
            {
                "name": "Plan what runs, with which versions, split how",
                "id": "plan",
                "run": f"{steps.PENSTOCK} ci plan --event {occasion.name}",
            },
            steps.upload("plan", _PLANNED, settings, label="Hand the plan to all runners"),
        ],
    }


def _outputs(*names: str) -> Mapping[str, Node]:
    return {name: f"${{{{ steps.plan.outputs.{name} }}}}" for name in names}


def _work(one: Slice, settings: GitHub, occasion: Occasion) -> Node:
    cell = {axis: f"${{{{ matrix.{axis} }}}}" for axis in one.names}
    minutes = math.ceil((settings.timeout_s if one.timeout_s is None else one.timeout_s + _READY_S) / 60)
    part = steps.Work(
        name="-".join([job_id(one.name), *cell.values()]),
        jobs=" ".join(text.format(**cell) for text in one.select),
        pythons=cell.get("python") or " ".join(one.pythons),
        event=occasion.name,
    )
    given = _given(one)
    return {
        **job(
            " ".join([one.name, *cell.values()]),
            settings,
            minutes,
            Whose(one=one),
            needs=Flow([PLAN, *map(job_id, one.needs)]),
            **{"if": _wanted(one)},
            **_strategy(one),
        ),
        "steps": [
            steps.checkout(),
            *extend.before(one.name, settings, occasion.name),
            *([_run(one, part, given)] if occasion.cached else steps.work(part, settings, given)),
            *extend.after(one.name, settings, occasion.name),
        ],
    }


def _run(one: Slice, part: steps.Work, given: Mapping[str, Node]) -> Step:
    """The part as one step, by the repository's own action."""
    inputs: dict[str, Node] = {"name": part.name, "jobs": part.jobs, "pythons": part.pythons, "event": part.event}
    inputs |= {"caches": steps.paths("\n".join(one.caches))} if one.caches else {}
    return {"name": "Run", "uses": steps.RUN, **({"env": given} if given else {}), "with": inputs}


def _given(one: Slice) -> dict[str, Node]:
    """What its jobs name of the repository's secrets and variables; no other runner gets them."""
    secrets = {name: f"${{{{ secrets.{name} }}}}" for name in one.secrets}
    return {**{name: f"${{{{ vars.{name} }}}}" for name in one.variables}, **secrets}


def _wanted(one: Slice) -> str:
    """Planned, and nothing that it needs has failed. What it needs may be left out by the plan."""
    planned = (
        f"needs.{PLAN}.result == 'success' && contains(fromJSON(needs.{PLAN}.outputs.slices), '{job_id(one.name)}')"
    )
    failed = " && !contains(needs.*.result, 'failure') && !contains(needs.*.result, 'cancelled')" if one.needs else ""
    return f"${{{{ !cancelled() && {planned}{failed} }}}}"


def _strategy(one: Slice) -> Mapping[str, Node]:
    if not one.names:
        return {}
    matrix: Node = {axis: Flow(values) for axis, values in one.axes.items()}
    if one.counted:
        matrix = f"${{{{ fromJSON(needs.{PLAN}.outputs.matrices)['{job_id(one.name)}'] }}}}"
    elif not one.axes:
        matrix = {"include": [Flow(cell) for cell in one.cells]}
    return {"strategy": {"fail-fast": False, "matrix": matrix}}


def _required(settings: GitHub, occasion: Occasion) -> dict[str, Node]:
    """What the verdict is told of the jobs that no plan knows: they are a change's alone."""
    return {HOST_REQUIRED: " ".join(settings.required)} if settings.required and occasion is CHANGE else {}


def _verdict(needs: Sequence[str], settings: GitHub, occasion: Occasion, then: Sequence[Step]) -> Node:
    condition = f"${{{{ always(){f' && ({occasion.guard})' if occasion.guard else ''} }}}}"
    return Above(
        _ALWAYS if occasion is CHANGE else _ALSO,
        {
            **job(occasion.verdict, settings, 15, Whose(called=VERDICT), needs=Flow(needs), **{"if": condition}),
            "steps": [
                steps.checkout(),
                steps.setup(),
                *([steps.history()] if occasion.cached else []),
                *steps.evidence(),
                {
                    "name": "Judge",
                    "env": {HOST_JOBS: "${{ toJSON(needs) }}", **_required(settings, occasion)},
                    "run": f"{steps.PENSTOCK} gate {steps.GIVEN}",
                },
                *then,
                *([steps.keep_history()] if occasion.cached else []),
            ],
        },
    )
