"""What GitHub says of the jobs that the verdict needs, held against the plan: an allow-list of successes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from penstock.model.hosts import HOST_JOBS
from penstock.providers.github.ci import PLAN, job_id
from penstock.providers.slices import Slice


def troubles(text: str, planned: Mapping[str, Slice], told_of: frozenset[str], required: str = "") -> Iterator[str]:
    """Why the host's own results forbid a green verdict, in words.

    `planned`: the slices that the plan wants, by name; any other may be skipped, by a declared rule. `told_of`: those
    of them that failed, or wait for one that did, as the evidence tells by itself. `required`: the names, with spaces
    between, of jobs that no plan knows and that have to succeed.
    """
    results = _results(text)
    if results is None:
        yield f"what GitHub says of its jobs cannot be read: {HOST_JOBS} holds no table of results"
        return
    wanted = {**dict.fromkeys(required.split(), ""), **{job_id(name): name for name in planned}}
    for name, result in results.items():
        skipped = result == "skipped" and name != PLAN and name not in wanted
        told = result in ("failure", "skipped") and wanted.get(name, "") in told_of
        if result != "success" and not skipped and not told:
            yield f"GitHub's job {name} ended as {result}"
    for name in sorted({PLAN, *wanted} - results.keys()):
        yield f"GitHub's job verdict does not wait for {name}, which is required: penstock ci generate github"


def _results(text: str) -> dict[str, str] | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not told:
        return None
    return {name: str(job.get("result")) if isinstance(job, dict) else "unknown" for name, job in told.items()}
