"""One deployment: the command, the question whether it is healthy, and the way back. It decides nothing before.

Whatever happens, it says what stands there now. What nobody can say is `unknown`, and never green.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from penstock.model.deployment import State
from penstock.model.pipeline import Deployment
from penstock.ports import Clock, Processes, Web
from penstock.util.process import Completed
from penstock.util.web import NoAnswerError, Request

_PAUSE_S = 2.0  # between two questions
_ANSWER_S = 10.0  # for one of them


class World(NamedTuple):
    """The doors, and what the commands are given. `told`: is called with what each command put out."""

    processes: Processes
    web: Web
    clock: Clock
    directory: str
    environment: Mapping[str, str]
    told: Callable[[str, bytes], None]


class Stands(NamedTuple):
    """What is there at the end. See `model.deployment.Deployed`."""

    state: State
    why: str = ""
    health: str = ""
    asked: int = 0


class _Asked(NamedTuple):
    said: str
    number: int


def deploy(one: Deployment, world: World) -> Stands:
    """Run it, wait until it is healthy, roll back if it is not."""
    try:
        wrong = _failure("run", one.run, one.timeout_s, world)
    except OSError as error:  # nothing has begun
        return Stands(State.UNCHANGED, f"{one.run[0]} could not be started: {error.strerror or error}")
    if wrong:
        return _back(one, wrong, _Asked("", 0), world)
    asked = _health(one, world)
    if asked.said:
        return _back(one, f"it is not healthy after {one.health_timeout_s:g} s: {asked.said}", asked, world)
    return Stands(State.DEPLOYED, asked=asked.number)


def _back(one: Deployment, why: str, asked: _Asked, world: World) -> Stands:
    """Bring back what was there, and ask whether that is healthy."""
    if not one.rollback:
        return Stands(State.UNKNOWN, f"{why}; no `rollback` is declared", asked.said, asked.number)
    try:
        wrong = _failure("rollback", one.rollback, one.timeout_s, world)
    except OSError as error:
        wrong = f"{one.rollback[0]} could not be started: {error.strerror or error}"
    if wrong:
        return Stands(State.UNKNOWN, f"{why}; the rollback failed: {wrong}", asked.said, asked.number)
    again = _health(one, world)
    number = asked.number + again.number
    if again.said:
        return Stands(State.UNKNOWN, f"{why}; what was rolled back to is not healthy, either", again.said, number)
    return Stands(State.ROLLED_BACK, why, asked=number)


def _failure(name: str, argv: tuple[str, ...], limit_s: float, world: World) -> str:
    """Why the command failed, "" if it did not. Raises OSError where it cannot be started."""
    try:
        done = _run(argv, limit_s, world)
    except TimeoutError:
        return f"`{name}` did not end within {limit_s:g} s"
    world.told(name, done.stdout + done.stderr)
    if done.exit_code == 0:
        return ""
    ended = f"by signal {-done.exit_code}" if done.exit_code < 0 else f"with {done.exit_code}"
    return f"`{name}` ended {ended}"


def _run(argv: tuple[str, ...], limit_s: float, world: World) -> Completed:
    return world.processes.run(argv, directory=world.directory, environment=world.environment, timeout_s=limit_s)


def _health(one: Deployment, world: World) -> _Asked:
    """Ask until it is healthy, or the time is over: at least once."""
    until_s = world.clock.monotonic_s() + one.health_timeout_s
    number = 0
    while True:
        number += 1
        said = _ill(one.health, world)
        if not said or world.clock.monotonic_s() + _PAUSE_S > until_s:
            return _Asked(said, number)
        world.clock.sleep(_PAUSE_S)


def _ill(health: tuple[str, ...], world: World) -> str:
    """Why it is not healthy, "" if it is."""
    kind, *words = health
    if kind == "command":
        try:
            done = _run(tuple(words), _ANSWER_S, world)
        except (OSError, TimeoutError) as error:
            return f"{words[0]}: {error}"
        return "" if done.exit_code == 0 else f"{words[0]} ended with {done.exit_code}"
    try:
        answer = world.web.ask(Request(method="GET", url=words[0]), timeout_s=_ANSWER_S)
    except (NoAnswerError, TimeoutError) as error:
        return f"it does not answer: {error}"
    return "" if 200 <= answer.status < 300 else f"it answers {answer.status}"
