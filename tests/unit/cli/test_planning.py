"""A remembered plan is the plan that would be made: everything that can change it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.cache.local import LocalCache
from penstock.cli import planning
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings
from penstock.model.plan import CacheState
from penstock.plan.request import Request
from penstock.record import timings
from penstock.util.clock import SystemClock
from penstock.util.process import SystemProcesses

CONFIGURATION = """
[project]
name = "demo"
version = "1"
[tool.penstock.jobs]
one = { run = ["python", "-c", "print(1)"] }
two = { run = ["python", "-c", "print(2)"], needs = ["one"], inputs = ["src/**"] }
"""


class World:
    """A project, planned with a memory and without one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.made = 0
        self.environ = {"PATH": "", "HOME": "/nonexistent"}
        (root / "src").mkdir(parents=True)
        (root / "src" / "a.py").write_text("a = 1\n")
        (root / "pyproject.toml").write_text(CONFIGURATION)

    def plan(self, request: Request | None = None, *, state: str = ".penstock") -> planning.Planned:
        out = Out(quiet=True, no_color=True)
        surroundings = Surroundings(self.root, self.root / state, self.environ, SystemProcesses(), SystemClock(), out)
        return planning.plan(surroundings, request or Request())


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path / "demo")
    fresh = planning._keyed

    def counted(*given: object, **named: object) -> planning.Keyed:
        made.made += 1
        return fresh(*given, **named)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(planning, "_keyed", counted)
    return made


def test_a_remembered_plan_is_the_plan_that_was_made(world: World) -> None:
    first = world.plan()
    again = world.plan()
    assert world.made == 1
    assert again == first._replace(cache=again.cache)
    assert [binding.cache for binding in again.bindings.values()] == [CacheState.MISS] * 2


def _edit(world: World) -> None:
    (world.root / "src" / "a.py").write_text("a = 2\n")


def _configure(world: World) -> None:
    (world.root / "pyproject.toml").write_text(CONFIGURATION.replace("print(1)", "print(3)"))


def _learn(world: World) -> None:
    (world.root / ".penstock" / "timings.json").write_bytes(timings.encode(timings.Durations(jobs={"one": (7.0,)})))


def _speak(world: World) -> None:
    world.environ["LC_ALL"] = "C"


def _forget(world: World) -> None:
    for path in (world.root / ".penstock" / "plans").iterdir():
        path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize("change", [_edit, _configure, _learn, _speak, _forget])
def test_whatever_can_change_it_makes_a_new_one(world: World, change: Callable[[World], None]) -> None:
    before = world.plan()
    change(world)
    after = world.plan()
    assert world.made == 2
    assert change is _forget or (after.plan, after.bindings) != (before.plan, before.bindings)
    assert world.plan().plan == after.plan
    assert world.made == 2


def test_requests_are_remembered_apart(world: World) -> None:
    whole, part = world.plan(), world.plan(Request(select=("one",)))
    assert [job.id for job in part.plan.jobs] == ["one"]
    assert (world.plan().plan, world.plan(Request(select=("one",))).plan) == (whole.plan, part.plan)
    assert world.made == 2


def test_a_result_that_came_meanwhile_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    key = world.plan().bindings["one"].key
    monkeypatch.setattr(LocalCache, "get", lambda _, asked: object() if asked == key else None)
    found = world.plan().bindings
    assert (found["one"].cache, found["two"].cache) == (CacheState.HIT, CacheState.MISS)
    assert world.plan(Request(fresh=True)).bindings["one"].cache is CacheState.MISS


def test_a_runner_s_part_looks_at_the_inputs_that_its_key_was_made_of(world: World) -> None:
    """What other jobs leave is no input, also where their runner is another one: else nothing of a host is kept."""
    declared = CONFIGURATION.replace('needs = ["one"]', 'caches = ["kept"]')
    (world.root / "pyproject.toml").write_text(declared)
    (world.root / "kept").mkdir()
    (world.root / "kept" / "index").write_text("by hand\n")
    planned = world.plan(Request(alone=("one",)))
    out = Out(quiet=True, no_color=True)
    state = world.root / ".penstock"
    surroundings = Surroundings(world.root, state, world.environ, SystemProcesses(), SystemClock(), out)
    binding = planned.bindings["one"]
    assert planning.inputs_now(surroundings, planned, binding) == binding.inputs_digest
