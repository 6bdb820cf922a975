"""A deployment ends in a state that can be named, and is green in one of them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from penstock.model.deployment import State
from penstock.model.pipeline import Deployment
from penstock.run.deploying import Stands, World, deploy
from penstock.util.web import Answer, NoAnswerError
from tests.fakes.clock import FakeClock
from tests.fakes.processes import FakeProcesses
from tests.fakes.web import FakeWeb

ONE = Deployment(
    name="staging",
    run=("deploy", "it"),
    rollback=("back",),
    health=("http", "https://example.org/health"),
    health_timeout_s=10.0,
)


class Place:
    """The doors, with what was asked of them."""

    def __init__(self, *answers: int | Exception) -> None:
        self.processes = FakeProcesses()
        self.said: list[tuple[str, bytes]] = []
        self.clock = FakeClock()
        self._answers = list(answers)
        self.web = FakeWeb(lambda _: self._next())

    def _next(self) -> Answer | Exception:
        told = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return told if isinstance(told, Exception) else Answer(status=told)

    def ran(self, one: Deployment = ONE) -> Stands:
        world = World(self.processes, self.web, self.clock, "/", {"A": "b"}, lambda *told: self.said.append(told))
        return deploy(one, world)

    @property
    def started(self) -> list[str]:
        return [call.argv[0] for call in self.processes.calls]


def test_it_is_deployed_once_it_is_healthy() -> None:
    place = Place(NoAnswerError("refused"), 503, 200)
    place.processes.says("deploy", stdout=b"done")
    stands = place.ran()
    assert (stands, place.started) == (Stands(State.DEPLOYED, asked=3), ["deploy"])
    assert place.said == [("run", b"done")]
    assert place.processes.calls[0].environment == {"A": "b"}


def test_what_does_not_become_healthy_is_taken_back() -> None:
    place = Place(*[503] * 6, 200)
    place.processes.says("deploy").says("back")
    stands = place.ran()
    assert stands.state is State.ROLLED_BACK
    assert stands.why == "it is not healthy after 10 s: it answers 503"
    assert place.started == ["deploy", "back"]


@pytest.mark.parametrize(
    ("ended", "why"),
    [
        (1, "`run` ended with 1"),
        (-9, "`run` ended by signal 9"),
        (TimeoutError("x"), "`run` did not end within 1800 s"),
    ],
)
def test_a_command_that_fails_is_taken_back(ended: int | Exception, why: str) -> None:
    place = Place(200)
    if isinstance(ended, int):
        place.processes.says("deploy", exit_code=ended)
    else:
        place.processes.script("deploy", answer=ended)
    place.processes.says("back")
    assert place.ran() == Stands(State.ROLLED_BACK, why, asked=1)


def test_without_a_way_back_nobody_knows_what_is_there() -> None:
    place = Place(200)
    place.processes.says("deploy", exit_code=2)
    stands = place.ran(replace(ONE, rollback=()))
    assert (stands.state, place.started) == (State.UNKNOWN, ["deploy"])
    assert "no `rollback` is declared" in stands.why


@pytest.mark.parametrize("back", [1, None])
def test_a_way_back_that_fails_or_is_not_there_leaves_it_unknown(back: int | None) -> None:
    place = Place(200)
    place.processes.says("deploy", exit_code=2)
    if back is not None:
        place.processes.says("back", exit_code=back)
    stands = place.ran()
    assert stands.state is State.UNKNOWN
    assert "the rollback failed" in stands.why


def test_a_rollback_to_something_ill_is_told() -> None:
    place = Place(500)
    place.processes.says("deploy").says("back")
    stands = place.ran()
    assert (stands.state, stands.health) == (State.UNKNOWN, "it answers 500")


def test_a_command_that_is_not_there_changes_nothing() -> None:
    place = Place(200)
    stands = place.ran()
    assert (stands.state, place.web.asked) == (State.UNCHANGED, [])


@pytest.mark.parametrize(("ended", "state"), [(0, State.DEPLOYED), (22, State.UNKNOWN)])
def test_health_by_a_command(ended: int, state: State) -> None:
    place = Place(200)
    place.processes.says("deploy").says("back").says("curl", exit_code=ended)
    stands = place.ran(replace(ONE, health=("command", "curl", "-f")))
    assert stands.state is state
    assert place.web.asked == []
