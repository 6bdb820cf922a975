"""Built-in groups of jobs: a selection by what jobs are made of, whatever they are called.

A job, a stage or a leg that is called like a group wins: what a project declares is what it means.
"""

from __future__ import annotations

from collections.abc import Iterable

from penstock.errors import UsageError
from penstock.model.pipeline import JobKind
from penstock.model.snapshot import Decision

# What a person asks before a commit: jobs that read files alone, so that each answer can be kept until a file changes.
# Not `audit` and `freshness`, which ask an index each time, nor `api`, `licenses`, `coverage` and `build`, which want a
# base, an environment or what others leave. A group costs one line here.
GROUPS: dict[str, tuple[JobKind, ...]] = {
    "quality": (
        JobKind.LINT,
        JobKind.TYPES,
        JobKind.ANNOTATIONS,
        JobKind.COMPLEXITY,
        JobKind.SECURITY,
        JobKind.SECRETS,
        JobKind.DEPENDENCIES,
    ),
    "tests": (JobKind.TEST,),
}


def meant(name: str, jobs: Iterable[tuple[str, JobKind]]) -> Decision:
    """Which of the jobs, as (name, kind), the group stands for, as something to tell.

    Raises UsageError if there is none: a run of nothing would verify nothing.
    """
    kinds = GROUPS[name]
    names = list(dict.fromkeys(job for job, kind in jobs if kind in kinds))
    if not names:
        raise UsageError(
            f"`{name}` is a group of jobs by their kind ({', '.join(kinds)}), and this pipeline has none of them",
            remedy=f"declare one, such as `{_EXAMPLES[name]}` in [tool.penstock.jobs]",
        )
    return Decision(subject=name, choice=", ".join(names), why=f"it stands for the kinds {', '.join(kinds)}")


def overruled(name: str, by: str) -> Decision:
    """That a `job`, `stage` or `leg` of the pipeline is called like the group, as something to tell."""
    return Decision(
        subject=name, choice=f"the {by} of that name", why="what is declared goes before the built-in group"
    )


_EXAMPLES = {"quality": "lint = true", "tests": 'unit = { test = "tests" }'}
