"""What a plan asks of the base: only of tools that the baseline was not made by, so that no other key knows of it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from penstock.model.pipeline import CheckSpec, JobKind, Mode, Pipeline
from penstock.model.plan import BASE, REPORTS, Job, Plan
from penstock.model.snapshot import Held, Timings
from penstock.plan.assemble import assemble
from penstock.plan.compared import wants_held
from penstock.plan.draft import draft
from penstock.plan.keys import bind
from penstock.plan.request import Request
from penstock.tools import TOOLS
from tests.builders import job_spec, pipeline, project, resolution, snapshot, tool_use

DECLARED = pipeline(
    job_spec("lint", kind=JobKind.LINT, mode=Mode.RATCHET),
    job_spec("types", kind=JobKind.TYPES, mode=Mode.RATCHET),
    job_spec("strict", kind=JobKind.LINT, paths=("src",)),
)
TOOL_USES = (tool_use("ruff"), tool_use("ruff-format"), tool_use("mypy", version=">=1", dependencies="test"))
PINS = "mypy==1.18.1\nruff==0.17.6\n"
OLD = Held(versions=(("mypy", "1.18.1"), ("ruff", "0.4.0")), commit="c" * 40)


def planned(held: Held | None, declared: Pipeline = DECLARED, *, pins: str = PINS, **fields: Any) -> Plan:
    facts = snapshot(project=project(tools=TOOL_USES, **fields), held=held)
    found = draft(declared, facts, Request(), TOOLS)
    return assemble(found, [resolution(one.name, requirements=pins) for one in found.sets], Timings())


def job(plan: Plan, name: str) -> Job:
    return next(each for each in plan.jobs if each.name == name)


def at_base(plan: Plan, name: str) -> list[str]:
    return [command.tool for command in job(plan, name).commands if command.base]


def test_the_newer_tool_looks_at_the_base_after_the_job_s_own_commands_and_nothing_else_does() -> None:
    plan = planned(OLD)
    assert at_base(plan, "lint") == ["base", "ruff-files", "ruff", "ruff-format"]
    assert (at_base(plan, "types"), at_base(plan, "strict")) == ([], [])
    commands = job(plan, "lint").commands
    assert [command.tool for command in commands if not command.base] == ["ruff-files", "ruff", "ruff-format"]
    assert not commands[0].base
    assert job(plan, "lint").reasons[-1] == "looks at the base, too: ruff is 0.17.6, the baseline was made by 0.4.0"


def test_over_the_base_it_runs_there_and_writes_apart() -> None:
    plan = planned(OLD)
    export, listing, check, _ = [command for command in job(plan, "lint").commands if command.base]
    assert export.argv[-3:] == ("c" * 40, "${penstock:workspace}", BASE)
    assert (listing.directory, listing.stdout, check.listed) == (BASE, "at-base/ruff-files.txt", 0)
    assert f"{REPORTS}/at-base/ruff.json" in check.argv
    assert "${penstock:workspace}" not in " ".join(check.argv)


def test_the_base_s_own_packages_come_before_the_installed_ones() -> None:
    newer = Held(versions=(("mypy", "1.10.0"),), commit="c" * 40)
    (*_, mypy) = job(planned(newer), "types").commands
    assert (mypy.tool, dict(mypy.environment)["MYPYPATH"]) == ("mypy", f"{BASE}/src")
    own, *_ = job(planned(newer), "types").commands
    assert "MYPYPATH" not in dict(own.environment)


def test_versions_that_the_project_leaves_open_are_those_of_the_resolution() -> None:
    versions = {command.tool: command.version for command in job(planned(None), "types").commands}
    assert versions == {"mypy": "1.18.1"}
    assert {command.version for command in job(planned(None), "lint").commands} == {"0.17.6"}


def test_a_gate_s_ratchet_counts_as_the_job_s() -> None:
    declared = pipeline(job_spec("safe", kind=JobKind.SECURITY), gates=(CheckSpec(name="security", mode=Mode.RATCHET),))
    assert at_base(planned(OLD, declared), "safe") == ["base", "ruff-files", "ruff-security"]
    assert wants_held(declared)
    assert wants_held(DECLARED)
    assert not wants_held(pipeline(job_spec("lint", kind=JobKind.LINT), gates=(CheckSpec(name="security"),)))


def test_what_reads_no_tree_or_needs_git_does_not_look_there() -> None:
    gates = (CheckSpec(name="secrets", mode=Mode.RATCHET),)
    old = Held(versions=(("detect-secrets", "1.0.0"),), commit="c" * 40)
    assert at_base(planned(old, pipeline(job_spec("secrets", kind=JobKind.SECRETS), gates=gates)), "secrets") == []


def test_without_an_upgrade_a_base_or_versions_nothing_is_planned() -> None:
    same = replace(OLD, versions=(("mypy", "1.18.1"), ("ruff", "0.17.6")))
    for held in (None, Held(), replace(OLD, commit=""), same, replace(OLD, versions=())):
        assert at_base(planned(held), "lint") == []


def test_only_the_job_that_looks_at_the_base_has_another_key_by_its_commit() -> None:
    def keys(held: Held) -> dict[str, str]:
        plan = planned(held)
        facts = snapshot(project=project(tools=TOOL_USES), held=held)
        return {binding.job: binding.key for binding in bind(plan, facts, TOOLS, lambda _: False)}

    one, other = keys(OLD), keys(replace(OLD, commit="d" * 40))
    assert {name for name in one if one[name] != other[name]} == {"lint"}
    same = replace(OLD, versions=(("mypy", "1.18.1"), ("ruff", "0.17.6")))
    assert keys(same) == keys(replace(same, commit="d" * 40))
