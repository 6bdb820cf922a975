"""What every executor promises: the real one and the fake that stands in for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from penstock.ports import Ended, Executor, Launch
from penstock.run.local import LocalExecutor
from penstock.util.clock import SystemClock
from tests.fakes.clock import FakeClock
from tests.fakes.executor import FakeExecutor, Script

BEHAVIOURS = {
    "says hello": (("sh", "-c", "echo hello; echo oops >&2; exit 3"), Script(output=b"hello\noops\n", exit_code=3)),
    "is quick": (("true",), Script(lasts_s=0.02)),
    "is slow": (("sleep", "30"), Script(lasts_s=30.0)),
    "is deaf": (("sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"), Script(lasts_s=30.0, ignores_term=True)),
    "crashes": (("sh", "-c", "kill -SEGV $$"), Script(signal=11)),
    "is not there": (("no-such-program",), Script(problem="no-such-program could not be started")),
    "tells its priority": (("sh", "-c", "nice"), Script(output=b"19\n")),
    "prints much": (("sh", "-c", "yes 0123456 | head -c 262144"), Script(output=b"0123456\n" * 32768)),
}


class Bench(NamedTuple):
    """An executor under test and how to launch a behaviour on it."""

    executor: Executor
    folder: Path

    def start(self, task: str, behaviour: str, **limits: object) -> Launch:
        make: Callable[..., Launch] = Launch
        launch = make(
            task=task,
            argv=BEHAVIOURS[behaviour][0],
            directory=str(self.folder),
            environment=(("PATH", "/usr/bin:/bin"),),
            output=str(self.folder / f"{task}.log"),
            **limits,
        )
        self.executor.start(launch)
        return launch

    def end(self) -> Ended:
        ended = self.executor.wait(20.0)
        assert len(ended) == 1
        return ended[0]


@pytest.fixture(params=["local", "fake"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    executor: Executor
    if request.param == "local":
        executor = LocalExecutor(SystemClock(), "contract")
    else:
        executor = FakeExecutor(FakeClock(), {name: script for name, (_, script) in BEHAVIOURS.items()})
    yield Bench(executor, tmp_path)
    executor.close()


def test_exit_code_and_output_are_told(bench: Bench) -> None:
    bench.start("says hello", "says hello")
    ended = bench.end()
    assert (ended.task, ended.exit_code, ended.signal, ended.cause) == ("says hello", 3, None, "")
    assert ended.head + ended.tail == b"hello\noops\n"
    assert ended.output_bytes == 11
    assert (bench.folder / "says hello.log").read_bytes() == b"hello\noops\n"
    assert ended.problem is None
    assert ended.leaked == ()


def test_both_ends_of_a_long_output_are_kept(bench: Bench) -> None:
    bench.start("prints much", "prints much")
    ended = bench.end()
    assert ended.output_bytes == 262144
    assert ended.head.startswith(b"0123456\n")
    assert ended.tail.endswith(b"0123456\n")
    assert len(ended.head) == len(ended.tail) == 65536
    assert (bench.folder / "prints much.log").stat().st_size == 262144


def test_a_crash_is_a_signal_without_a_cause(bench: Bench) -> None:
    bench.start("crashes", "crashes")
    ended = bench.end()
    assert (ended.exit_code, ended.signal, ended.cause) == (None, 11, "")


def test_a_missing_program_is_a_problem(bench: Bench) -> None:
    bench.start("is not there", "is not there")
    ended = bench.end()
    assert ended.problem is not None
    assert "no-such-program could not be started" in ended.problem
    assert ended.exit_code is None


def test_a_time_limit_ends_it(bench: Bench) -> None:
    bench.start("is slow", "is slow", timeout_s=0.1)
    ended = bench.end()
    assert (ended.exit_code, ended.signal, ended.cause) == (None, 15, "timeout")
    assert 0.1 <= ended.duration_s < 5.0


def test_who_ignores_term_is_killed_after_the_grace(bench: Bench) -> None:
    bench.start("is deaf", "is deaf", timeout_s=0.3, grace_s=0.2)
    ended = bench.end()
    assert (ended.signal, ended.cause) == (9, "timeout")
    assert ended.duration_s >= 0.45


def test_stop_gives_its_cause(bench: Bench) -> None:
    bench.start("is slow", "is slow")
    assert bench.executor.wait(0.05) == []
    bench.executor.stop("is slow", "interrupt")
    ended = bench.end()
    assert (ended.signal, ended.cause) == (15, "interrupt")


def test_a_second_stop_can_only_hasten(bench: Bench) -> None:
    bench.start("is deaf", "is deaf", grace_s=60.0)
    bench.executor.wait(0.3)
    bench.executor.stop("is deaf", "interrupt")
    assert bench.executor.wait(0.1) == []
    bench.executor.stop("is deaf", "interrupt", grace_s=0.0)
    assert bench.end().signal == 9


def test_stopping_what_does_not_run_does_nothing(bench: Bench) -> None:
    bench.executor.stop("nobody", "interrupt")
    bench.start("is quick", "is quick")
    assert bench.end().cause == ""
    bench.executor.stop("is quick", "interrupt")
    assert bench.executor.wait(0.01) == []


def test_several_run_at_once_and_end_in_their_own_time(bench: Bench) -> None:
    bench.start("is slow", "is slow")
    bench.start("is quick", "is quick")
    assert bench.end().task == "is quick"
    bench.executor.stop("is slow", "cancelled", grace_s=0.0)
    assert bench.end().task == "is slow"


def test_standard_output_can_go_to_a_file_of_its_own(bench: Bench) -> None:
    bench.start("says hello", "says hello", stdout=str(bench.folder / "report.txt"))
    bench.end()
    assert (bench.folder / "report.txt").read_bytes().startswith(b"hello\n")
    assert (
        not (bench.folder / "says hello.log").exists() or b"hello" not in (bench.folder / "says hello.log").read_bytes()
    )


def test_waiting_for_nothing_returns(bench: Bench) -> None:
    assert bench.executor.wait(0.01) == []
    assert bench.executor.wait(None) == []


def test_nothing_runs_after_close(bench: Bench) -> None:
    bench.start("is deaf", "is deaf")
    bench.executor.wait(0.1)
    bench.executor.close()
    assert bench.executor.wait(0.0) == []


def test_what_runs_in_the_background_takes_the_lowest_priority(bench: Bench) -> None:
    bench.start("tells its priority", "tells its priority", background=True)
    assert bench.end().head == b"19\n"
