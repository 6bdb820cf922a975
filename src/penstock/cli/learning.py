"""What is learnt from the runs of other machines, where they are judged.

On a CI host nobody else learns: each runner is thrown away, and what the verdict knows is carried to the next plan.
"""

from __future__ import annotations

from penstock.cli import host, keeping
from penstock.cli.planning import durations
from penstock.cli.surroundings import Surroundings
from penstock.errors import StateError
from penstock.model.plan import Plan
from penstock.record import timings
from penstock.report.story import Story
from penstock.scan import platform
from penstock.util import atomic


def learn(surroundings: Surroundings, story: Story) -> None:
    """Keep it in the state folder. What cannot be kept is told, and changes nothing."""
    on_host = bool(surroundings.environ.get("CI"))
    try:
        _learn_durations(surroundings, story, on_host=on_host)
        if on_host and story.plan.jobs:
            _keep_run(surroundings, story)
    except OSError as error:
        surroundings.out.progress(f"  note  what was learnt could not be kept: {error.strerror}")
    except StateError as error:
        surroundings.out.progress(f"  note  the run is not in the history: {error.message}")


def _learn_durations(surroundings: Surroundings, story: Story, *, on_host: bool) -> None:
    """How long the jobs took, and how good the prediction of the shards was: only where all of them are judged is that
    known.
    """
    if not on_host and not _is_sharded(story.plan):
        return
    before = durations(surroundings.state)
    make = timings.update if on_host else timings.of_shards
    atomic.write(surroundings.state / "timings.json", timings.encode(make(before, story.records, story.plan)))


def _is_sharded(plan: Plan) -> bool:
    return any(job.shard is not None for job in plan.jobs)


def _keep_run(surroundings: Surroundings, story: Story) -> None:
    """The durations of its tests, and its rows, as a run of one machine keeps them."""
    context = host.context(surroundings.environ)
    trust = context.trusted(story.plan.commit)
    keeping.learn(surroundings, story, trust)
    tag = platform.read().tag
    keeping.add(surroundings, story, branch=context.branch, platform=tag, trust=trust, dirty=False)
