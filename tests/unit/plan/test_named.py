"""Jobs that name files by patterns: which files, and why they cannot run where there are none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.model.pipeline import JobKind
from penstock.model.plan import Job
from penstock.model.snapshot import Engine
from penstock.plan.draft import Draft, draft
from penstock.plan.engines import wants_engine
from penstock.plan.named import named
from penstock.plan.request import Request
from penstock.tools import TOOLS
from penstock.tools.versions import NOTEBOOKS
from tests.builders import job_spec, pipeline, snapshot

TREE = (
    "Dockerfile",
    "README.md",
    "docs/a.md",
    "examples/a.py",
    "examples/n.ipynb",
    "scripts/a.py",
    "scripts/data.csv",
    "scripts/deep/b.sh",
    "scripts/go",
    "scripts/.hidden",
)


def drafted(kind: JobKind, *, engine: Engine | None = None, **options: Any) -> Draft:
    spec = job_spec("some", kind, options=tuple(options.items()), cpus=3)
    files = dict.fromkeys((*TREE, "pyproject.toml", "src/demo/__init__.py"), "d")
    return draft(pipeline(spec), snapshot(files=files, engine=engine), Request(), TOOLS)


def planned(kind: JobKind, *, engine: Engine | None = None, **options: Any) -> Job:
    return drafted(kind, engine=engine, **options).jobs[0]


def files_of(job: Job) -> dict[str, dict[str, Any]]:
    """What the guest is told of each file."""
    told = [json.loads(word) for word in job.commands[0].argv[4:]]
    return {file["path"]: file for file in told}


@pytest.mark.parametrize(
    ("kind", "options", "files"),
    [
        (JobKind.SCRIPTS, {}, ("scripts/.hidden", "scripts/a.py", "scripts/deep/b.sh", "scripts/go")),
        (
            JobKind.SCRIPTS,
            {"paths": ("scripts/*",), "exclude": ("scripts/deep",)},
            ("scripts/.hidden", "scripts/a.py", "scripts/go"),
        ),
        (JobKind.SCRIPTS, {"paths": ("scripts/go",)}, ("scripts/go",)),
        (JobKind.EXAMPLES, {"paths": ("examples/**", "docs/*.md")}, ("docs/a.md", "examples/a.py", "examples/n.ipynb")),
        (JobKind.IMAGE, {}, ("Dockerfile",)),
        (JobKind.METRIC, {}, ()),
    ],
)
def test_the_files_of_a_job(kind: JobKind, options: dict[str, Any], files: tuple[str, ...]) -> None:
    assert named(job_spec("some", kind, options=tuple(options.items())), TREE).files == files


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        (JobKind.SCRIPTS, {"paths": ("scripts/*", "x/*.py")}, "jobs.some.scripts.paths: `x/*.py` matches no script"),
        (JobKind.SCRIPTS, {"paths": ("scripts/data.csv",)}, "`scripts/data.csv` matches no script"),
        (JobKind.SCRIPTS, {"plain": ("scripts/b.py",)}, "jobs.some.scripts.plain: `scripts/b.py` matches no script"),
        (JobKind.EXAMPLES, {"paths": ("examples/**",), "needs": (("b.py", "gpu"),)}, "examples.needs: `b.py`"),
        (JobKind.IMAGE, {"file": "docker/Dockerfile"}, "there is no file docker/Dockerfile in the tree"),
    ],
)  # fmt: skip
def test_a_pattern_that_matches_nothing_is_never_green(kind: JobKind, options: dict[str, Any], why: str) -> None:
    job = planned(kind, engine=Engine(program="/bin/docker"), **options)
    assert job.blocked_by is not None
    assert why in job.blocked_by
    assert job.remedy


def test_scripts_are_tried_in_a_copy_with_what_is_said_of_each() -> None:
    job = planned(JobKind.SCRIPTS, paths=("scripts/*.py", "scripts/go"), plain=("scripts/go",))
    settings = json.loads(job.commands[0].argv[3])
    assert settings == {
        "help": "--help",
        "unknown": True,
        "arguments": [],
        "timeout": 30.0,
        "workers": 3,
        "console": "",
        "asked": False,
    }
    assert files_of(job)["scripts/go"] == {"path": "scripts/go", "plain": True, "unguarded": False, "named": True}
    assert (job.workspace, job.environment, job.commands[0].listed) == ("copy", "3.13/test", 1)
    assert job.cacheable


def test_console_scripts_are_tried_where_no_path_is_named() -> None:
    assert json.loads(planned(JobKind.SCRIPTS).commands[0].argv[3])["console"] == "demo"
    off = planned(JobKind.SCRIPTS, console=False)
    assert json.loads(off.commands[0].argv[3])["console"] == ""


def test_notebooks_take_their_client_into_the_environment_and_programs_do_not() -> None:
    plain = drafted(JobKind.EXAMPLES, paths=("examples/*.py",))
    assert plain.jobs[0].environment == "3.13/test"
    layered = drafted(JobKind.EXAMPLES, paths=("examples/**",), not_run=(("examples/a.py", "why"),))
    assert layered.jobs[0].environment == "3.13/test+examples"
    (made,) = (one for one in layered.sets if one.name == "test+examples")
    assert set(made.otherwise) == set(NOTEBOOKS.splitlines())
    assert made.extras == ("test",)
    assert files_of(layered.jobs[0])["examples/a.py"]["not_run"] == "why"
    assert layered.jobs[0].commands[0].listed == 2


def test_what_needs_the_network_is_cached_only_where_that_is_declared() -> None:
    needs = (("examples/a.py", "network"),)
    assert planned(JobKind.EXAMPLES, paths=("examples/*.py",)).cacheable
    assert not planned(JobKind.EXAMPLES, paths=("examples/*.py",), needs=needs).cacheable


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        (None, "no container engine answers here"),
        (Engine(), "no container engine answers here"),
        (
            Engine(deaf="docker is installed, and does not answer: no daemon"),
            "docker is installed, and does not answer",
        ),
    ],
)
def test_without_an_engine_an_image_cannot_be_asked_for(engine: Engine | None, said: str) -> None:
    job = planned(JobKind.IMAGE, engine=engine)
    assert job.blocked_by is not None
    assert said in job.blocked_by
    assert job.remedy is not None
    assert "install Docker or Podman" in job.remedy


def test_an_image_is_built_from_a_copy_by_the_engine_that_answers_and_is_never_cached() -> None:
    job = planned(JobKind.IMAGE, engine=Engine(program="/opt/bin/podman", name="podman"), health="/up")
    assert job.blocked_by is None
    assert job.commands[0].argv[3] == "/opt/bin/podman"
    assert json.loads(job.commands[0].argv[4]) == {"health": "/up", "job": "demo/some"}
    assert (job.workspace, job.environment, job.cacheable) == ("copy", None, False)


def test_only_images_ask_for_an_engine() -> None:
    assert wants_engine(pipeline(job_spec("box", JobKind.IMAGE)))
    assert not wants_engine(pipeline(job_spec("tools", JobKind.SCRIPTS)))
    assert not wants_engine(pipeline())


def test_no_token_of_ours_is_taken_from_the_user() -> None:
    job = planned(JobKind.SCRIPTS, paths=("scripts/*.py",), arguments=("${penstock:uv}",))
    assert "${penstock:uv}" not in job.commands[0].argv[3]
    assert json.loads(job.commands[0].argv[3])["arguments"] == ["${penstock:uv}"]
