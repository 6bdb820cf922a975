from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.errors import ConfigurationError, UsageError
from penstock.model.pipeline import CacheFolder, Mode, Quarantine, Stage, Tolerance
from penstock.model.plan import Job, Scope
from penstock.model.snapshot import CoverageUse
from penstock.plan.draft import Draft, draft
from penstock.plan.request import Request
from penstock.ports import Tool
from penstock.tools import TOOLS
from tests.builders import dependency_set, job_spec, pipeline, project, snapshot, suite, tool_use
from tests.fakes.tools import FakeTool, table

UNIT = job_spec("unit", "test", python=("*",))
INTEG = job_spec("integ", "test", python=("*",), needs=("unit",), stage="slow")
DOCS = job_spec("docs", when=("docs/**",))
WHOLE = pipeline(
    UNIT,
    INTEG,
    DOCS,
    job_spec("lint", "lint"),
    python=("3.12", "3.13"),
    stages=(Stage(name="fast"), Stage(name="slow")),
)


def drafted(request: Request | None = None, **fields: Any) -> Draft:
    return draft(WHOLE, snapshot(**fields), request or Request(), table())


def ids(found: Draft) -> list[str]:
    return [job.id for job in found.jobs]


def left_out(found: Draft) -> dict[str, str]:
    return {left.id: left.reason for left in found.left_out}


def job_of(found: Draft, name: str) -> Job:
    return next(job for job in found.jobs if job.id == name)


def test_everything_is_planned_by_default() -> None:
    found = drafted()
    assert sorted(ids(found)) == ["docs", "integ@3.12", "integ@3.13", "lint", "unit@3.12", "unit@3.13"]
    assert (found.scope, found.left_out) == (Scope.FULL, ())
    assert job_of(found, "integ@3.12").needs == ("unit@3.12",)
    assert [job_of(found, name).stage for name in ("unit@3.12", "integ@3.12")] == ["fast", "slow"]


@pytest.mark.parametrize(
    ("select", "chosen"),
    [
        (("unit",), ["unit@3.12", "unit@3.13"]),
        (("unit@3.12",), ["unit@3.12"]),
        (("unit@*",), ["unit@3.12", "unit@3.13"]),
        (("@3.13",), ["docs", "integ@3.13", "lint", "unit@3.13"]),
        (("slow",), ["integ@3.12", "integ@3.13", "unit@3.12", "unit@3.13"]),
        (("integ@3.13", "docs"), ["docs", "integ@3.13", "unit@3.13"]),
        (("l*",), ["lint"]),
    ],
)
def test_selection_brings_what_it_needs_and_is_partial(select: tuple[str, ...], chosen: list[str]) -> None:
    found = drafted(Request(select=select))
    assert sorted(ids(found)) == chosen
    assert found.scope is Scope.PARTIAL
    assert set(left_out(found).values()) == {"not asked for"}
    assert len(found.left_out) == 6 - len(chosen)


def test_a_quarantine_reaches_the_jobs_with_tests_and_the_verdict() -> None:
    entry = Quarantine(test="tests/test_a.py::test_x", owner="ops", reason="issue 12", until="2027-03-01")
    found = draft(replace(WHOLE, quarantine=(entry,)), snapshot(), Request(), table())
    assert found.quarantine == job_of(found, "unit@3.12").quarantine == (entry,)
    assert job_of(found, "lint").quarantine == ()


def test_tests_that_the_change_edits_are_told_to_the_runner_where_that_is_known() -> None:
    spec = pipeline(job_spec("unit", "test", paths=("tests",), runner="pytest"), python=("3.12",))
    files = {"tests/test_a.py": "1", "src/a.py": "1", "README.md": "1"}
    request = Request(changed=("tests/test_a.py", "tests/test_gone.py", "README.md"))
    (found,) = draft(spec, snapshot(files=files), request, TOOLS).jobs
    settings = dict(found.commands[0].environment)["PENSTOCK_ENGINE"]
    assert '"edited":["tests/test_a.py"]' in settings
    (by_git,) = draft(spec, snapshot(files=files, edited=("tests/test_a.py",)), Request(), TOOLS).jobs
    assert by_git.commands == found.commands


def test_a_limit_for_each_test_needs_pytest() -> None:
    facts = snapshot(project=project(suites=(suite(runner="unittest"),)))
    spec = pipeline(job_spec("unit", "test", test_timeout_s=60.0), python=("3.12",))
    (found,) = draft(spec, facts, Request(), TOOLS).jobs
    assert found.blocked_by == "`test_timeout` is kept by the pytest runner only"


def test_selecting_everything_is_the_whole() -> None:
    assert drafted(Request(select=("fast", "slow"))).scope is Scope.FULL


def test_reasons_say_who_asked() -> None:
    found = drafted(Request(select=("integ@3.13",)))
    assert job_of(found, "integ@3.13").reasons == ("declared", "asked for by `integ@3.13`")
    assert job_of(found, "unit@3.13").reasons == ("declared", "needed by integ@3.13")


@pytest.mark.parametrize(
    ("item", "remedy"),
    [("untit", "did you mean `unit`?"), ("unit@3.11", "did you mean `unit@3.13`?"), ("x", "there are: ")],
)
def test_unknown_selection_is_a_usage_error_with_a_suggestion(item: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        drafted(Request(select=("unit", item)))
    assert caught.value.message == f"`{item}` is no job, stage, group or leg of this pipeline"
    assert str(caught.value.remedy).startswith(remedy)


def test_legs_with_axes_are_selected_by_any_part() -> None:
    spec = job_spec("integ", python=("3.12", "3.13"), matrix=(("db", ("pg", "my")),))
    for item, count in (("integ@3.12", 2), ("integ@db=pg", 2), ("integ@db=pg,3.12", 1), ("*db=my", 2)):
        found = draft(pipeline(spec), snapshot(), Request(select=(item,)), table())
        assert len(found.jobs) == count, item


def test_failed_ones_again_within_the_selection() -> None:
    assert sorted(ids(drafted(Request(failed=("lint", "integ@3.13", "gone"))))) == ["integ@3.13", "lint", "unit@3.13"]
    assert ids(drafted(Request(failed=("lint", "unit@3.12"), select=("fast",)))) == ["unit@3.12", "lint"]
    for failed in ((), ("gone",)):
        with pytest.raises(UsageError, match="nothing to repeat"):
            drafted(Request(failed=failed))


def test_missing_declared_python_blocks_its_legs() -> None:
    found = drafted(pythons=("3.13",))
    unit = job_of(found, "unit@3.12")
    assert unit.blocked_by == "no Python 3.12 on this machine (looked in: PATH, pyenv)"
    assert str(unit.remedy).startswith("uv python install 3.12")
    assert job_of(found, "unit@3.13").blocked_by is None
    assert found.scope is Scope.FULL


def test_available_leaves_them_out_and_is_partial() -> None:
    found = drafted(Request(available=True), pythons=("3.13",))
    assert sorted(ids(found)) == ["docs", "integ@3.13", "lint", "unit@3.13"]
    assert found.scope is Scope.PARTIAL
    assert left_out(found)["unit@3.12"] == "no Python 3.12 on this machine (looked in: PATH, pyenv)"


def test_available_with_everything_here_is_the_whole() -> None:
    assert drafted(Request(available=True)).scope is Scope.FULL


def test_available_leaves_out_what_stands_on_it() -> None:
    old = job_spec("old", python=("3.9",))
    after = job_spec("after", needs=("old",))
    last = job_spec("last", needs=("after", "lint"))
    declared = pipeline(old, after, last, job_spec("lint", "lint"), python=("3.13",))
    found = draft(declared, snapshot(), Request(available=True), table())
    assert ids(found) == ["lint"]
    assert left_out(found)["after"] == "needs old, which cannot run here"
    assert left_out(found)["last"] == "needs after, which cannot run here"


def test_zero_configuration_lists_absent_pythons_and_stays_whole() -> None:
    found = draft(pipeline(), snapshot(pythons=("3.12",)), Request(), table())
    assert ids(found) == ["unit@3.12", "build"]
    assert sorted(left_out(found)) == ["unit@3.11", "unit@3.13"]
    assert found.scope is Scope.FULL
    assert not any(left.declared for left in found.left_out)


def test_zero_configuration_without_a_supported_python_is_blocked() -> None:
    found = draft(pipeline(), snapshot(pythons=("3.8",)), Request(), table())
    assert ids(found) == ["unit@3.13", "build"]
    assert all(job.blocked_by for job in found.jobs)


def test_absent_leg_that_is_asked_for_by_name_is_an_obligation() -> None:
    found = draft(pipeline(), snapshot(pythons=("3.12",)), Request(select=("unit@3.11",)), table())
    assert ids(found) == ["unit@3.11"]
    assert job_of(found, "unit@3.11").blocked_by is not None


def test_path_filter() -> None:
    kept = drafted(Request(changed=("docs/index.md", "a.py")))
    assert job_of(kept, "docs").reasons == ("declared", "docs/index.md changed")
    filtered = drafted(Request(changed=("a.py",)))
    (out,) = filtered.left_out
    assert (out.id, out.declared, out.reason) == ("docs", True, "none of 1 changed file matches docs/**")
    assert filtered.scope is Scope.FULL
    unknown = drafted()
    assert "what changed is not known, so its path filter is not applied" in job_of(unknown, "docs").reasons


def test_path_filter_yields_to_a_request_and_to_needs() -> None:
    assert ids(drafted(Request(changed=("a.py",), select=("docs",)))) == ["docs"]
    after = job_spec("after", needs=("docs",))
    found = draft(pipeline(DOCS, after), snapshot(changed=("a.py",)), Request(), table())
    assert sorted(ids(found)) == ["after", "docs"]
    assert job_of(found, "docs").reasons == ("declared", "needed by after")


def test_request_knows_better_than_the_snapshot_what_changed() -> None:
    assert "docs" in ids(drafted(Request(changed=("docs/a",)), changed=("a.py",)))


def test_arguments_for_pytest_reach_the_tests_and_make_the_plan_partial() -> None:
    found = drafted(Request(pytest_args=("-k", "fast")))
    assert job_of(found, "unit@3.12").commands[0].argv[-2:] == ("-k", "fast")
    assert "-k" not in job_of(found, "lint").commands[0].argv
    assert found.scope is Scope.PARTIAL


def test_variables() -> None:
    spec = job_spec(
        "unit", "test", python=("3.12",), matrix=(("my-db", ("pg",)),), environment=(("A", "job"), ("C", "job"))
    )
    with_suite = project(suites=(suite(environment=(("A", "suite"), ("D", "suite"))),))
    declared = pipeline(spec, environment=(("A", "all"), ("B", "all")))
    (found,) = draft(declared, snapshot(project=with_suite), Request(), table()).jobs
    assert dict(found.variables) == {
        "A": "job",
        "B": "all",
        "C": "job",
        "D": "suite",
        "PENSTOCK_MATRIX_MY_DB": "pg",
    }


def test_what_a_spec_says_reaches_the_job() -> None:
    tolerance = Tolerance(reason="slow", until="2027-01-01")
    spec = job_spec(
        "x",
        cpus=99,
        timeout_s=5.0,
        inputs=("a/**",),
        outputs=("b",),
        caches=(CacheFolder(path="c"),),
        mode=Mode.WARN,
        tolerance=tolerance,
        workspace="copy",
        services=("redis",),
    )
    (found,) = draft(pipeline(spec), snapshot(), Request(), table()).jobs
    assert (found.cpus, found.timeout_s, found.inputs, found.outputs) == (99, 5.0, ("a/**",), ("b",))
    assert (found.caches, found.required, found.mode, found.tolerance) == (
        (CacheFolder(path="c"),),
        False,
        Mode.WARN,
        tolerance,
    )
    assert (found.workspace, found.cacheable) == ("copy", False)


def test_expected_tests_only_where_the_whole_suite_runs() -> None:
    counted = project(suites=(suite(counted=40),))
    specs = (UNIT, job_spec("some", "test", marker="slow"), job_spec("part", "test", paths=("tests/x",)))
    found = draft(pipeline(*specs, python=("3.13",)), snapshot(project=counted), Request(), table())
    assert {job.id: job.expected_tests for job in found.jobs} == {"unit@3.13": 40, "some": 0, "part": 0}


def test_unknown_tool_blocks_its_job_only() -> None:
    declared = pipeline(job_spec("lint", "lint", tool="pyroma"), UNIT, python=("3.13",))
    found = draft(declared, snapshot(), Request(), table())
    assert job_of(found, "lint").blocked_by == "penstock does not know the tool pyroma"
    assert job_of(found, "unit@3.13").blocked_by is None


def test_impossible_pipelines_are_refused() -> None:
    with pytest.raises(ConfigurationError):
        draft(pipeline(job_spec("a", needs=("b",))), snapshot(), Request(), table())


def test_coverage_is_measured_in_every_plan_of_a_pipeline_that_has_the_job() -> None:
    covered = snapshot(project=project(coverage=CoverageUse()))
    alone = draft(pipeline(), covered, Request(select=("unit@3.13",)), table())
    whole = draft(pipeline(), covered, Request(), table())
    assert "--measure" in job_of(alone, "unit@3.13").commands[0].argv
    assert job_of(alone, "unit@3.13").commands == job_of(whole, "unit@3.13").commands
    assert "--measure" not in job_of(draft(pipeline(), snapshot(), Request(), table()), "unit@3.13").commands[0].argv


def test_declared_coverage_goes_by_the_projects_settings_even_where_nothing_shows_that_it_measures() -> None:
    settings = project(unmeasured=CoverageUse(config="setup.cfg", branch=True, source=("demo",)))
    jobs = pipeline(job_spec("unit", "test"), job_spec("coverage", "coverage"))
    found = draft(jobs, snapshot(project=settings), Request(), TOOLS)
    (test,) = job_of(found, "unit").commands
    assert '"branch": true' in dict(test.environment)["PENSTOCK_COVERAGE"]
    assert "setup.cfg" in job_of(found, "coverage").commands[0].argv[-1]
    unasked = draft(pipeline(), snapshot(project=settings), Request(), TOOLS)
    assert "PENSTOCK_COVERAGE" not in dict(job_of(unasked, "unit@3.13").commands[0].environment)


# --- environments --------------------------------------------------------------------------------------------------


def environments(found: Draft) -> dict[str, str | None]:
    return {job.id: job.environment for job in found.jobs}


def contents(found: Draft) -> Mapping[str, tuple[str, ...]]:
    return {one.name: one.requirements for one in found.sets}


def test_zero_configuration_has_the_fewest_environments() -> None:
    uses = (
        tool_use("ruff", version="==0.4.4"),
        tool_use("ruff-format", version="==0.4.4"),
        tool_use("flake8", plugins=("flake8-bugbear",)),
        tool_use("mypy"),
    )
    found = draft(pipeline(), snapshot(project=project(tools=uses, coverage=CoverageUse())), Request(), table())
    assert [one.id for one in found.environments] == [
        "3.11/test",
        "3.12/test",
        "3.13/coverage",
        "3.13/flake8",
        "3.13/mypy",
        "3.13/ruff",
        "3.13/test",
        "3.13/twine",
    ]
    assert contents(found) == {
        "test": (),
        "coverage": ("coverage==7.17.3",),
        "flake8": ("flake8-bugbear", "flake8==7.5.0"),
        "mypy": ("mypy==2.4.1",),
        "ruff": ("ruff==0.4.4",),
        "twine": ("twine==7.0.0",),
    }
    assert {one.name: one.install_project for one in found.sets} == {
        "test": True,
        "coverage": False,
        "flake8": False,
        "mypy": True,
        "ruff": False,
        "twine": False,
    }
    assert environments(found)["build"] == "3.13/twine"
    assert job_of(found, "build").workspace == "copy"
    lint = job_of(found, "lint")
    assert (lint.environment, lint.extra_environments) == ("3.13/ruff", ("3.13/flake8",))
    assert found.pythons == ("3.11", "3.12", "3.13")


def test_tool_of_its_own_environment_is_called_there_whatever_its_adapter_says() -> None:
    tools: dict[str, Tool] = table() | {"black": FakeTool("black", "black==26.1")}
    found = draft(pipeline(), snapshot(project=project(tools=(tool_use("black"),))), Request(), tools)
    assert job_of(found, "lint").commands[0].argv == ("${penstock:bin:black}/black",)
    assert environments(found)["lint"] == "3.13/black"


def test_type_checker_beside_the_tests_dependencies() -> None:
    found = draft(
        pipeline(), snapshot(project=project(tools=(tool_use("mypy", dependencies="test"),))), Request(), table()
    )
    assert environments(found)["types"] == "3.13/test+mypy"
    mypy = next(one for one in found.sets if one.name == "test+mypy")
    assert (mypy.requirements, mypy.otherwise) == ((), ("mypy==2.4.1",))


def test_type_checker_that_the_tests_dependencies_hold_shares_their_environment() -> None:
    listed = dependency_set(requirements=("Mypy >=1", "pytest"))
    uses = (tool_use("mypy", dependencies="test", version="==1.1"),)
    found = draft(pipeline(), snapshot(project=project(tools=uses, dependency_sets=(listed,))), Request(), table())
    assert environments(found)["types"] == "3.13/test"


def test_declared_dependencies_change_the_set_and_equal_ones_share_it() -> None:
    specs = (
        UNIT,
        job_spec("same", "test", extras=("test",)),
        job_spec("a", "test", extras=("redis", "test")),
        job_spec("b", "test", extras=("redis", "test")),
        job_spec("c", "test", requirements=("pytest==8", "-r dev.txt")),
    )
    found = draft(pipeline(*specs, python=("3.13",)), snapshot(), Request(), table())
    named = environments(found)
    assert named["unit@3.13"] == named["same"] == "3.13/test"
    assert named["a"] == named["b"] == "3.13/test+redis+test"
    changed = next(one for one in found.sets if one.name == str(named["c"]).partition("/")[2])
    assert (changed.requirements, changed.files, changed.extras) == (("pytest==8",), ("dev.txt",), ("test",))


def test_command_runs_with_the_tests_dependencies_or_with_only_what_it_declares() -> None:
    specs = (job_spec("script"), job_spec("docs", groups=("docs",)))
    found = draft(pipeline(*specs, python=("3.13",)), snapshot(), Request(), table())
    assert environments(found) == {"script": "3.13/test", "docs": "3.13/project+docs"}
    docs = next(one for one in found.sets if one.name == "project+docs")
    assert (docs.extras, docs.groups, docs.install_project) == ((), ("docs",), True)


def test_project_without_a_backend_is_not_installed() -> None:
    bare = project(backend=None, dependency_sets=())
    found = draft(pipeline(job_spec("unit", "test"), python=("3.13",)), snapshot(project=bare), Request(), table())
    assert [(one.name, one.install_project) for one in found.sets] == [("test", False)]
