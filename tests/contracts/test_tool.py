"""What every tool's adapter promises to the plan: the real table and the fake one."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from penstock.model import plan as tokens
from penstock.model.plan import Job
from penstock.model.snapshot import CoverageUse, Project, ToolUse
from penstock.plan.draft import Draft, draft
from penstock.plan.request import Request
from penstock.plan.wanted import DEFAULT_LINTERS, DEFAULT_TYPE_CHECKERS, TYPE_CHECKERS
from penstock.ports import Tool
from penstock.tools import TOOLS
from tests.builders import job_spec, pipeline, project, snapshot, suite, tool_use
from tests.fakes.tools import table

TOKEN = re.compile(r"\$\{penstock:[^}]*\}")
OTHER_BIN = re.compile(r"\$\{penstock:bin:([^}]+)\}")
KNOWN = {
    tokens.PYTHON,
    tokens.BIN,
    tokens.GUEST,
    tokens.REPORTS,
    tokens.WORKSPACE,
    tokens.UV,
    tokens.SELF,
    tokens.NEEDS,
}
SUITES = (
    suite(),
    suite(runner="unittest", paths=("old",)),
    suite(runner="command", argv=("-m", "demo.test"), paths=()),
)


@pytest.fixture(params=["real", "fake"])
def tools(request: pytest.FixtureRequest) -> Mapping[str, Tool]:
    return TOOLS if request.param == "real" else table()


def planned(tools: Mapping[str, Tool], whole: Project) -> Draft:
    return draft(pipeline(), snapshot(project=whole), Request(), tools)


def project_with_all(tools: Mapping[str, Tool], dependencies: str | None) -> Project:
    names = [
        name
        for name, tool in tools.items()
        if tool.requirement and name not in ("coverage", "twine", "ruff-files", "examples")
    ]
    return project(
        suites=SUITES,
        coverage=CoverageUse(),
        tools=tuple(ToolUse(tool=name, dependencies=dependencies) for name in sorted(names)),
    )


def texts(job: Job) -> list[str]:
    values = [value for command in job.commands for _, value in command.environment]
    return [*(text for command in job.commands for text in command.argv), *values]


def test_tools_have_their_own_names_and_exact_pins(tools: Mapping[str, Tool]) -> None:
    for name, tool in tools.items():
        assert tool.name == name
        for line in tool.requirement.splitlines():
            assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9.]*( ; python_version [<>=]+ '3\.\d+')?", line), name


def test_table_holds_what_plans_fall_back_on(tools: Mapping[str, Tool]) -> None:
    assert {*DEFAULT_LINTERS, *DEFAULT_TYPE_CHECKERS, "pytest", "unittest", "own-runner"} <= tools.keys()
    assert {"command", "build", "coverage"} <= tools.keys()


def test_type_checkers_of_the_table_are_known_as_such(tools: Mapping[str, Tool]) -> None:
    assert tools.keys() & TYPE_CHECKERS
    uses = tuple(tool_use(name) for name in sorted(tools.keys() & TYPE_CHECKERS))
    jobs = planned(tools, project(tools=uses)).jobs
    assert {job.kind.value for job in jobs if job.name.startswith("types")} == {"types"}


@pytest.mark.parametrize("dependencies", [None, "test"])
def test_every_command_can_be_filled_in(tools: Mapping[str, Tool], dependencies: str | None) -> None:
    found = planned(tools, project_with_all(tools, dependencies))
    environments = {one.id: one.dependencies.name for one in found.environments}
    for job in found.jobs:
        assert job.commands, job.id
        assert job.blocked_by is None, job.id
        names = {environments[one] for one in (job.environment, *job.extra_environments) if one is not None}
        for text in texts(job):
            assert set(OTHER_BIN.findall(text)) <= names, f"{job.id}: {text}"
            assert {token for token in TOKEN.findall(text) if not OTHER_BIN.fullmatch(token)} <= KNOWN
            if tokens.PYTHON in text or tokens.BIN in text:
                assert job.environment is not None, f"{job.id}: {text}"


def test_every_command_names_the_tool_that_reads_it(tools: Mapping[str, Tool]) -> None:
    for job in planned(tools, project_with_all(tools, None)).jobs:
        assert all(command.tool in tools for command in job.commands), job.id


def test_commands_are_the_same_each_time(tools: Mapping[str, Tool]) -> None:
    whole = project_with_all(tools, None)
    assert planned(tools, whole) == planned(tools, whole)


def test_plain_command_is_run_as_it_stands(tools: Mapping[str, Tool]) -> None:
    spec = job_spec("docs", run=("mkdocs", "build"))
    (job,) = draft(pipeline(spec), snapshot(), Request(), tools).jobs
    assert job.commands[0].argv[-2:] == ("mkdocs", "build")
