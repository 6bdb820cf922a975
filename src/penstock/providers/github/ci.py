"""The workflow `ci`: a plan, a row of runners, and one required job that reads what they left.

Whatever blocks is in this one workflow, because a job can only need jobs of its own. It has no path filter: a workflow
that is filtered away never reports, and a required check then waits for ever. Which slices run is planned, and the
verdict knows which may be skipped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from penstock.model.hosts import HOST_JOBS, HOST_REQUIRED, WHOLE_PLAN, GitHub
from penstock.providers import pins
from penstock.providers.github import extend, steps
from penstock.providers.github.written import text
from penstock.providers.slices import Slice, slug
from penstock.providers.yaml_text import Above, Flow, Node, Script

PATH = ".github/workflows/ci.yml"
_READY_S = 600.0  # what a runner may take before its jobs start, and to hand on what they left
PLAN, VERDICT = "plan", "verdict"
_PLANNED = f".penstock/pins\n.penstock/resolutions\n.penstock/timings.json\n.penstock/{WHOLE_PLAN}"
_CONCURRENCY = (
    "Pull requests: the newest push wins. Branches: a group for each commit, so that none goes without a verdict."
)
_ALWAYS = "The one required check. It runs whatever happened before: a required check that is skipped counts as passed."


def files(slices: Sequence[Slice], settings: GitHub) -> dict[str, str]:
    """The workflow, by its path."""
    return {PATH: text(workflow(slices, settings), settings)}


def workflow(slices: Sequence[Slice], settings: GitHub) -> dict[str, Node]:
    """The workflow as a table."""
    jobs: dict[str, Node] = {PLAN: _plan(settings)}
    for one in slices:
        jobs[job_id(one.name)] = _work(one, settings)
    waited = [*jobs, *settings.required]
    jobs |= extend.jobs(settings)
    jobs[VERDICT] = _verdict(waited, settings)
    return {
        "name": "CI",
        "on": {
            "push": {"branches": Flow(settings.branches)},
            "pull_request": None,
            "merge_group": None,
            "workflow_dispatch": None,
            **extend.events(settings),
        },
        "permissions": {},
        "concurrency": Above(
            _CONCURRENCY,
            {
                "group": "ci-${{ github.event.pull_request.number || github.sha }}",
                "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
            },
        ),
        "defaults": {"run": {"shell": "bash"}},
        **({"env": dict(settings.environment)} if settings.environment else {}),
        "jobs": jobs,
    }


def job_id(name: str) -> str:
    """A slice's name as GitHub takes it: it begins with a letter, and is none of ours."""
    told = slug(name)
    return f"job-{told}" if not told[0].isalpha() or told in (PLAN, VERDICT) else told


def _job(name: str, settings: GitHub, minutes: int, one: Slice | None, **fields: Node) -> dict[str, Node]:
    called = name if one is None else one.name
    return {
        "name": name,
        **fields,
        "runs-on": extend.runner(called, settings, one),
        "timeout-minutes": minutes,
        "permissions": extend.permissions(called, settings),
    }


def _plan(settings: GitHub) -> Node:
    return {
        **_job(PLAN, settings, 10, None, outputs=_outputs("slices", "matrices")),
        "steps": [
            steps.checkout(),
            steps.setup(),
            {
                "name": "Restore the history of runs",
                "uses": pins.RESTORE.uses,
                "with": {
                    "path": Script(steps.HISTORY),
                    "key": "history-v1-${{ github.run_id }}",
                    "restore-keys": "history-v1-",
                },
            },
            {
                "name": "Plan what runs, with which versions, split how",
                "id": "plan",
                "run": f"{steps.PENSTOCK} ci plan",
            },
            steps.upload("plan", _PLANNED, settings, label="Hand the plan to all runners"),
        ],
    }


def _outputs(*names: str) -> Mapping[str, Node]:
    return {name: f"${{{{ steps.plan.outputs.{name} }}}}" for name in names}


def _work(one: Slice, settings: GitHub) -> Node:
    cell = {axis: f"${{{{ matrix.{axis} }}}}" for axis in one.names}
    minutes = math.ceil((settings.timeout_s if one.timeout_s is None else one.timeout_s + _READY_S) / 60)
    return {
        **_job(
            " ".join([one.name, *cell.values()]),
            settings,
            minutes,
            one,
            needs=Flow([PLAN, *map(job_id, one.needs)]),
            **{"if": _wanted(one)},
            **_strategy(one),
        ),
        "steps": [
            steps.checkout(),
            *extend.before(one.name, settings),
            {
                "name": "Run",
                "uses": steps.RUN,
                **({"env": given} if (given := _given(one)) else {}),
                "with": {
                    "name": "-".join([job_id(one.name), *cell.values()]),
                    "jobs": " ".join(text.format(**cell) for text in one.select),
                    "pythons": cell.get("python") or " ".join(one.pythons),
                },
            },
            *extend.after(one.name, settings),
        ],
    }


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


def _required(settings: GitHub) -> dict[str, Node]:
    return {HOST_REQUIRED: " ".join(settings.required)} if settings.required else {}


def _verdict(needs: Sequence[str], settings: GitHub) -> Node:
    return Above(
        _ALWAYS,
        {
            **_job(VERDICT, settings, 15, None, needs=Flow(needs), **{"if": "${{ always() }}"}),
            "steps": [
                steps.checkout(),
                steps.setup(),
                steps.take("plan", "plan"),
                steps.take("evidence-*", "evidence", pattern=True),
                {
                    "name": "Judge",
                    "env": {HOST_JOBS: "${{ toJSON(needs) }}", **_required(settings)},
                    "run": f"{steps.PENSTOCK} gate --from evidence --plan plan/{WHOLE_PLAN}",
                },
                {
                    "name": "Keep the history for the runs to come",
                    "if": f"${{{{ !cancelled() && {steps.ON_MAIN} }}}}",
                    "uses": pins.SAVE.uses,
                    "with": {"path": Script(steps.HISTORY), "key": "history-v1-${{ github.run_id }}"},
                },
            ],
        },
    )
