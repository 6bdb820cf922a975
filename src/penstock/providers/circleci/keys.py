"""The key of [tool.penstock] that would express an edit of CircleCI's file; or why there is none. One line a place: the
first that fits is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

KEPT = "none: penstock keeps this"
# `{1}`: the second part of the place; `{job}`: the plan's jobs of that runner.
_PLACES = {
    "parameters*": f"{KEPT} (what a pipeline is for decides which workflow runs)",
    "executors/*/resource_class": "ci.circleci.resource_classes.{1}",
    "executors/*/environment*": "ci.circleci.environment",
    "executors/machine/machine/docker_layer_caching": "ci.circleci.layer_cache",
    "executors/*/docker*": "ci.circleci.image",
    "executors/machine/*": "ci.circleci.machine",
    "executors/gpu/*": "ci.circleci.gpu",
    "commands/penstock-setup/*/REQUIREMENTS": "ci.circleci.penstock",
    "commands/penstock-setup/*": f"{KEPT} (penstock comes by its hashes; ci.circleci.from_checkout builds it instead)",
    "commands/*/condition*": "ci.circleci.branch",
    "jobs/*/executor": "ci.circleci.executors.{1}",
    "jobs/*/parallelism": "jobs.{job}.shards",
    "jobs/*/pythons": "jobs.{job}.python",
    "jobs/*/patience": "jobs.{job}.timeout, or ci.circleci.timeout for all that have none",
    "jobs/deploy/*no_output_timeout": "deploy.*.timeout",
    "jobs/*/condition*": "ci.circleci.branch",
    "workflows/*/context*": "ci.circleci.contexts",
    "workflows/*/matrix*": "jobs.*.python, jobs.*.matrix",
    "workflows/*/verdict*": f"{KEPT} (it waits for every job, whatever becomes of it)",
    "workflows/*/requires*": "jobs.*.needs, jobs.*.stage; deploy.*.after",
    "workflows/*/filters*": "jobs.*.branches; deploy.*.branches",
    "workflows/*/type": "deploy.*.approval",
    "workflows/*/when*": f"{KEPT} (a schedule of the project's settings starts the night)",
}


def key_of(path: Sequence[str], jobs: Mapping[str, tuple[str, ...]]) -> str:
    """The key, or that there is none. `jobs`: host's job -> the plan's jobs."""
    place = "/".join(path)
    told = next((key for pattern, key in _PLACES.items() if fnmatchcase(place, pattern)), KEPT)
    host = path[1] if len(path) > 1 else ""
    names = jobs.get(host, (host,))
    return told.replace("{1}", host).replace("{job}", names[0] if len(names) == 1 else f"{{{','.join(names)}}}")
