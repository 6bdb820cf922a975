import pytest
from msgspec.structs import replace

from penstock.errors import Place
from penstock.model.pipeline import CheckSpec, JobKind, JobSpec, Measured, Mode, Pipeline
from penstock.model.snapshot import CoverageUse, Lock, Project
from penstock.plan.defaults import detected
from penstock.plan.draft import draft
from penstock.plan.request import Request
from penstock.plan.wanted import Wanted, declared, split
from penstock.tools import TOOLS
from tests.builders import dependency_set, job_spec, pipeline, project, snapshot, suite, tool_use


def names(wanted: tuple[Wanted, ...]) -> list[str]:
    return [job.spec.name for job in wanted]


def tools(wanted: Wanted) -> list[str]:
    return [use.tool for use in wanted.uses]


def test_everything_that_a_project_has_becomes_a_job() -> None:
    whole = project(
        tools=(tool_use("ruff"), tool_use("black", blocking=False), tool_use("mypy"), tool_use("pyright")),
        coverage=CoverageUse(),
        suites=(suite(), suite(runner="unittest", paths=("tests/integration",)), suite(paths=("tests",))),
    )
    wanted = detected(whole)
    assert names(wanted) == [
        "lint",
        "lint-advice",
        "types-mypy",
        "types-pyright",
        "unit",
        "integration",
        "pytest",
        "coverage",
        "build",
    ]
    assert [job.spec.mode for job in wanted[:2]] == [Mode.ERROR, Mode.WARN]
    assert wanted[7].spec.needs == ("unit", "integration", "pytest")


def test_one_type_checker_is_simply_types_and_advice_alone_is_simply_lint() -> None:
    wanted = detected(project(tools=(tool_use("flake8", blocking=False), tool_use("ty"))))
    assert names(wanted) == ["lint", "types", "unit", "build"]
    assert wanted[0].spec.mode is Mode.WARN


def test_reasons_name_the_place() -> None:
    wanted = detected(project(tools=(tool_use("ruff", place=Place(path="pyproject.toml", line=9)),)))
    assert wanted[0].reasons == ("configured by the project (ruff: pyproject.toml:9)",)


def test_project_without_tests_has_a_job_that_cannot_run() -> None:
    (unit,) = detected(project(suites=(), backend=None))
    assert unit.spec.name == "unit"
    assert unit.blocked_by == "no tests were found"
    assert unit.remedy is not None


@pytest.mark.parametrize(
    ("use", "absent", "mode"),
    [
        (CoverageUse(), (), Mode.WARN),
        (CoverageUse(fail_under=90.0), (), Mode.WARN),
        (CoverageUse(fail_under=90.0, enforced=True), ("3.14",), Mode.WARN),
        (CoverageUse(fail_under=90.0, enforced=True), (), Mode.ERROR),
    ],
)
def test_coverage_blocks_where_the_own_command_would(use: CoverageUse, absent: tuple[str, ...], mode: Mode) -> None:
    job = next(each for each in detected(project(coverage=use), absent) if each.spec.kind is JobKind.COVERAGE)
    assert job.spec.mode is mode
    assert any("advises" in reason for reason in job.reasons) is (mode is Mode.WARN)


def test_suites_with_the_same_name_are_numbered() -> None:
    suites = (suite(), suite(paths=("a/x",)), suite(paths=("b/x",)), suite(paths=("c", "d")))
    assert names(detected(project(suites=suites, backend=None))) == ["unit", "x", "x-2", "pytest"]


def test_declared_lint_takes_what_blocks_else_what_advises_else_ruff() -> None:
    def lint(with_tools: Project) -> list[str]:
        return tools(declared(pipeline(job_spec("lint", "lint")), with_tools)[0])

    assert lint(project(tools=(tool_use("black"), tool_use("mypy"), tool_use("ruff", blocking=False)))) == ["black"]
    assert lint(project(tools=(tool_use("ruff", blocking=False),))) == ["ruff"]
    assert lint(project()) == ["ruff", "ruff-format"]


def test_declared_tool_is_taken_as_the_project_uses_it() -> None:
    uses = (tool_use("ruff", version="==0.4.4"), tool_use("ruff-format", version="==0.4.4"), tool_use("black"))
    spec = job_spec("lint", "lint", tool="ruff")
    assert declared(pipeline(spec), project(tools=uses))[0].uses == uses[:2]
    assert tools(declared(pipeline(spec), project())[0]) == ["ruff"]


def test_declared_types() -> None:
    spec = job_spec("types", "types")
    assert tools(declared(pipeline(spec), project())[0]) == ["mypy"]
    assert tools(declared(pipeline(spec), project(tools=(tool_use("ruff"), tool_use("ty"))))[0]) == ["ty"]


def test_declared_paths_replace_those_of_the_suite_and_its_count() -> None:
    known = project(suites=(suite(paths=("tests",), counted=90, environment=(("A", "1"),)),))
    found = declared(pipeline(job_spec("unit", "test", paths=("tests/unit",))), known)[0].suite
    assert found == suite(paths=("tests/unit",), environment=(("A", "1"),))


def test_declared_paths_that_are_a_suite_keep_it_whole() -> None:
    suites = (suite(counted=5), suite(runner="unittest", paths=("more",), counted=7))
    found = declared(pipeline(job_spec("more", "test", paths=("more",))), project(suites=suites))[0].suite
    assert found == suites[1]


def test_which_tests_run_is_said_by_declared_paths_alone() -> None:
    argv = ("-m", "not slow", "-W", "error", "--ignore=tests/slow", "-kfast", "--deselect", "tests/a.py::b", "-mx")
    known = project(suites=(suite(paths=("tests",), argv=argv, counted=90),))
    found = declared(pipeline(job_spec("unit", "test", paths=("tests",))), known)[0].suite
    assert found == suite(paths=("tests",), argv=("-W", "error"), counted=90)
    assert declared(pipeline(job_spec("unit", "test")), known)[0].suite == known.suites[0]
    assert split(argv) == (("-W", "error"), (*argv[:2], *argv[4:]))
    assert split(("-k",)) == ((), ("-k",))


def test_own_runner_takes_no_paths() -> None:
    own = project(suites=(suite(runner="command", argv=("-m", "demo.test"), paths=()),))
    assert declared(pipeline(job_spec("all", "test")), own)[0].suite == own.suites[0]
    found = declared(pipeline(job_spec("unit", "test", paths=("tests",))), own)[0].suite
    assert found == suite(paths=("tests",))


def test_declared_runner_chooses_the_suite() -> None:
    suites = (suite(), suite(runner="unittest", paths=("t",)))
    found = declared(pipeline(job_spec("unit", "test", runner="unittest")), project(suites=suites))[0].suite
    assert found == suites[1]
    alone = declared(pipeline(job_spec("unit", "test", runner="unittest")), project())[0].suite
    assert alone == suite(runner="unittest", paths=())


def test_coverage_needs_all_tests_unless_it_says_which() -> None:
    unit, integ = job_spec("unit", "test"), job_spec("integ", "test")
    every = declared(pipeline(unit, integ, job_spec("cov", "coverage")), project())[2]
    one = declared(pipeline(unit, integ, job_spec("cov", "coverage", needs=("unit",))), project())[2]
    assert (every.spec.needs, one.spec.needs) == (("integ", "unit"), ("unit",))


def test_coverage_gate_brings_its_job_once() -> None:
    gate = CheckSpec(name="coverage")
    brought = declared(pipeline(job_spec("unit", "test"), gates=(gate,)), project())
    assert (brought[-1].spec.kind, brought[-1].spec.needs) == (JobKind.COVERAGE, ("unit",))
    there = declared(pipeline(job_spec("unit", "test"), job_spec("cov", "coverage"), gates=(gate,)), project())
    assert names(there) == ["unit", "cov"]


def test_a_gate_that_measures_brings_its_job_with_the_projects_own_ruff() -> None:
    gates = (CheckSpec(name="complexity"), CheckSpec(name="security"))
    wanted = declared(
        pipeline(job_spec(name="lint", kind=JobKind.LINT), gates=gates),
        project(tools=(tool_use("ruff", version="==0.9.0"),)),
    )
    assert names(wanted) == ["lint", "complexity", "security"]
    assert [(use.tool, use.version) for use in wanted[1].uses] == [("ruff-complexity", "==0.9.0")]
    assert wanted[2].reasons == ("the security gate asks for it",)
    own = declared(pipeline(job_spec(name="mine", kind=JobKind.SECURITY), gates=gates[1:]), project())
    assert names(own) == ["mine"], "the job is there by another name"


def test_bandit_and_radon_are_what_the_project_has_and_what_a_job_names() -> None:
    own = project(tools=(tool_use("bandit", args=("-c", "x")), tool_use("radon", blocking=False)))
    security, complexity = (job_spec(name=kind.value, kind=kind) for kind in (JobKind.SECURITY, JobKind.COMPLEXITY))

    def used(spec: JobSpec, known: Project) -> list[str]:
        return [use.tool for use in declared(pipeline(spec), known)[0].uses]

    assert used(security, own) == ["bandit"]
    assert used(complexity, own) == ["ruff-complexity"], "it only advises"
    assert used(replace(complexity, tool="radon"), own) == ["radon"]
    assert used(replace(security, tool="ruff"), own) == ["ruff-security"]
    assert used(replace(security, tool="bandit"), project()) == ["bandit"]
    indexed = CheckSpec(name="complexity", limits=(("index", 20.0),))
    assert [use.tool for use in declared(pipeline(gates=(indexed,)), project())[0].uses] == ["radon"]


def test_a_key_that_the_tool_does_not_know_is_told_before_it_runs() -> None:
    use = tool_use("bandit", unknown=("pyproject.toml: [tool.bandit] skpis",))
    spec = job_spec(name="security", kind=JobKind.SECURITY)
    (job,) = draft(pipeline(spec), snapshot(project=project(tools=(use,))), Request(), TOOLS).jobs
    assert job.blocked_by == "bandit does not know pyproject.toml: [tool.bandit] skpis"
    assert job.remedy


def test_the_gates_over_dependencies_and_secrets_bring_their_jobs_where_they_can_see_what_they_ask() -> None:
    gates = tuple(CheckSpec(name=name) for name in ("audit", "secrets", "dependencies"))
    locked = dependency_set("test", lock=Lock(kind="uv", path="uv.lock"))

    def places(whole: Project) -> list[tuple[str, str | None]]:
        wanted = declared(Pipeline(gates=gates, jobs=()), whole)
        return [(job.uses[0].tool, job.uses[0].dependencies) for job in wanted]

    asked = places(project(dependency_sets=(dependency_set("test"),)))
    assert asked == [("uv-audit", "test"), ("detect-secrets", None), ("deptry", "test")]
    assert places(project(dependency_sets=(locked,)))[0] == ("uv-audit", None), "uv reads its lock"
    by_pip = job_spec(name="audit", kind=JobKind.AUDIT, tool="pip-audit")
    (job,) = declared(pipeline(by_pip), project(dependency_sets=(locked,)))
    assert (job.uses[0].tool, job.uses[0].dependencies, job.uses[0].provided) == ("pip-audit", "test", True)


def test_coverage_needs_the_jobs_that_measure_other_code() -> None:
    rust = job_spec("rust", run=("x",), measured=(Measured(file="r.lcov", flag="rust"),))
    coverage = declared(pipeline(job_spec("unit", "test"), rust, job_spec("coverage", "coverage")), project())[2]
    assert coverage.spec.needs == ("rust", "unit")
    assert coverage.spec.measured == (Measured(file="r.lcov", flag="rust", job="rust"),)
