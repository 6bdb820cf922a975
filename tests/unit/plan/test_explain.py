import pytest

from penstock.errors import Place, UsageError
from penstock.model.pipeline import CheckSpec, Tolerance
from penstock.model.plan import Binding, CacheState, LeftOut
from penstock.model.snapshot import Decision, Lock
from penstock.plan.explain import explain
from tests.builders import command, dependency_set, environment, job, plan, resolution

UNIT = job(
    "unit@3.12",
    environment="3.12/test",
    commands=(command("pytest", "a b"),),
    variables=(("A", "1"),),
    reasons=("declared", "needed by deploy"),
    estimate_s=3.14159,
    stage="fast",
)
OTHER = job("unit@3.13", blocked_by="no Python 3.13", remedy="uv python install 3.13")
DEPLOY = job("deploy", needs=("unit@3.12", "unit@3.13"), required=False, tolerance=Tolerance(reason="new", until="x"))
PLAN = plan(
    UNIT,
    OTHER,
    DEPLOY,
    environments=(
        environment(
            dependencies=dependency_set(extras=("test",), groups=("dev",), lock=Lock(kind="uv", path="uv.lock"))
        ),
        environment("3.13/ruff", dependencies=dependency_set("ruff", install_project=False)),
    ),
    resolutions=(resolution(), resolution("ruff", problem="offline", remedy="go online")),
    left_out=(
        LeftOut(id="unit@3.9", reason="excluded from its matrix", declared=True),
        LeftOut(id="docs", reason="not asked for"),
    ),
    gates=(CheckSpec(name="coverage", limits=(("total", 80.0),)),),
    decisions=(
        Decision(
            subject="tests",
            choice="pytest",
            why="[tool.pytest] is there",
            place=Place(path="pyproject.toml", line=3),
            runner_up="unittest",
            setting="jobs.unit.runner",
        ),
    ),
)
BINDINGS = (
    Binding(
        job="unit@3.12",
        interpreter="/p/python",
        key="k" * 64,
        key_parts={"files": "f" * 64, "packed:files": "opaque", "needs": ""},
        cache=CacheState.MISS,
        miss="changed a.py",
    ),
    Binding(job="unit@3.13", cache=CacheState.OFF, miss="no Python 3.13"),
    Binding(job="deploy", cache=CacheState.HIT),
)


def test_leg() -> None:
    assert explain(PLAN, BINDINGS, "unit@3.12") == (
        "unit@3.12: a test job, stage fast, required (declared; needed by deploy)",
        "  needed by deploy",
        "  Python 3.12 at /p/python",
        "  environment 3.12/test: the project; extras test; groups dev; versions of uv.lock",
        "  runs pytest 'a b'",
        "  with A=1",
        "  reads all files that git does not ignore",
        "  1 cpu, about 3.14 s",
        "  will run: changed a.py",
        "  key kkkkkkkkkkkkkkkk, made of:",
        "    files = ffffffffffffffff",
    )


def test_job_with_legs() -> None:
    assert explain(PLAN, BINDINGS, "unit") == (
        "unit: 2 legs (declared; needed by deploy)",
        "  unit@3.12: will run: changed a.py",
        "  unit@3.13: cannot run: no Python 3.13; uv python install 3.13",
        "unit@3.9 is left out by its declaration: excluded from its matrix",
    )


def test_advising_job_with_needs() -> None:
    lines = explain(PLAN, BINDINGS, "deploy")
    assert lines[:3] == (
        "deploy: a test job, advises only (planned)",
        "  may fail until x: new",
        "  needs unit@3.12, unit@3.13",
    )
    assert lines[-1] == "  cached: its result is known"


@pytest.mark.parametrize(
    ("subject", "lines"),
    [
        ("docs", ("docs is left out: not asked for",)),
        ("unit@3.9", ("unit@3.9 is left out by its declaration: excluded from its matrix",)),
        ("coverage", ("gate coverage: total 80, mode error",)),
        ("3.13/ruff", ("environment 3.13/ruff: nothing but Python", "  no versions: offline; go online")),
        (
            "tests",
            (
                "tests: pytest, because [tool.pytest] is there (pyproject.toml:3)",
                "  else it would be unittest",
                "  settled by `jobs.unit.runner` in [tool.penstock]",
            ),
        ),
    ],
)
def test_other_subjects(subject: str, lines: tuple[str, ...]) -> None:
    assert explain(PLAN, BINDINGS, subject) == lines


def test_environment_by_the_name_of_its_set() -> None:
    assert explain(PLAN, BINDINGS, "test") == (
        "environment 3.12/test: the project; extras test; groups dev; versions of uv.lock",
        "  for unit@3.12",
        "  resolution r-test",
    )


def test_without_bindings_it_will_run() -> None:
    assert explain(PLAN, (), "unit@3.12")[-1] == "  will run"


def test_unknown_subject() -> None:
    with pytest.raises(UsageError) as caught:
        explain(PLAN, BINDINGS, "untit")
    assert caught.value.remedy == "did you mean `unit`?"
    with pytest.raises(UsageError) as caught:
        explain(PLAN, BINDINGS, "zzz")
    assert caught.value.remedy == "jobs: unit, deploy"
