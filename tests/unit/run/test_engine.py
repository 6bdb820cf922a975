"""The one loop, with no process, no clock and no cache but fakes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from penstock.model import events, records
from penstock.model.events import (
    CommandFinished,
    JobFinished,
    JobStarted,
    Outcome,
    PreparationFinished,
    RunFinished,
    RunStarted,
)
from penstock.model.pipeline import JobKind
from penstock.model.plan import Job
from penstock.model.records import Reading
from penstock.run.attempt import Station
from penstock.run.preparation import Prepared
from tests.fakes.clock import FakeClock
from tests.fakes.executor import Script
from tests.fakes.rehearsal import Rehearsal, job

NO = Script(exit_code=1)


def test_a_run_announces_its_obligations_keeps_the_order_of_needs_and_is_closed(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"), job("b", "a"), job("c", "a", "b"))
    assert run.play() == ""
    first, last = run.sink.events[0], run.sink.events[-1]
    assert isinstance(first, RunStarted)
    assert first.obligations == ("a", "b", "c")
    assert isinstance(last, RunFinished)
    assert last.interrupted == ""
    assert run.started == ["a", "b", "c"]
    assert [type(event) for event in run.sink.events[1:4]] == [JobStarted, CommandFinished, JobFinished]
    assert set(run.outcomes.values()) == {"passed"}
    assert run.told == run.sink.events
    assert run.sink.synced == len(run.sink.events)
    assert run.executor.closed


def test_every_event_is_in_the_log_before_it_is_told(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"))
    run.play()
    assert run.logged_when_told == list(range(1, len(run.sink.events) + 1))


def test_what_stands_on_a_job_that_did_not_pass_is_skipped_and_the_rest_goes_on(tmp_path: Path) -> None:
    jobs = (job("bad"), job("next", "bad"), job("last", "next"), job("other"))
    run = Rehearsal(tmp_path, *jobs, scripts={"bad": NO})
    run.play()
    assert run.outcomes == {"bad": "failed", "next": "skipped", "last": "skipped", "other": "passed"}
    assert (run.ends["next"].reason, run.ends["last"].reason) == ("needs bad", "needs next")
    assert sorted(run.started) == ["bad", "other"]


def test_no_more_run_at_once_than_there_are_cpus(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, *(job(f"j{number}") for number in range(9)))
    run.play(cpus=3)
    assert run.executor.most_at_once == 3
    assert len(run.ends) == 9


def test_what_only_reads_runs_in_the_background_while_the_tests_have_the_cpus(tmp_path: Path) -> None:
    jobs = (job("unit"), job("lint", kind=JobKind.LINT), job("types", kind=JobKind.TYPES, timeout_s=60.0))
    run = Rehearsal(tmp_path, *jobs, scripts={"unit": Script(lasts_s=9.0)})
    run.play(cpus=1)
    assert {launch.task: launch.background for launch in run.executor.launched} == {
        "unit": False,
        "lint": True,
        "types": False,
    }
    starts = [event for event in run.sink.events if isinstance(event, JobStarted)]
    assert [(start.job, start.background) for start in starts] == [("unit", False), ("lint", True), ("types", False)]


def test_a_hit_is_told_with_the_run_that_did_the_work_and_starts_nothing(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"), job("b", "a"), hits=["a", "b"])
    run.play()
    assert run.executor.launched == []
    assert run.started == []
    assert {end.cached_from for end in run.ends.values()} == {"earlier"}
    assert run.ends["a"].cached_wall_s == 5.0
    assert run.ends["a"].at_s == run.clock.monotonic_s()


def test_a_hit_that_cannot_be_trusted_after_all_is_run(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"), hits=["a"])
    run.cache.files = dict.fromkeys(run.cache.files, b"another content")
    run.play()
    assert run.started == ["a"]
    assert run.ends["a"].cached_from is None


def test_a_hit_that_a_running_job_reads_comes_back_with_its_files(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"), job("b", "a"), job("c"), hits=["a", "c"])
    run.play()
    assert run.started == ["b"]
    assert (run.job_folder("a") / "reading.json").exists()
    assert not (run.job_folder("c") / "reading.json").exists()


def test_exit_first_ends_what_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    jobs = (job("bad"), job("long"), job("later"))
    run = Rehearsal(tmp_path, *jobs, scripts={"bad": Script(exit_code=1, lasts_s=1), "long": Script(lasts_s=60)})
    assert run.play(cpus=2, exit_first=True) == ""
    assert run.outcomes == {"bad": "failed", "long": "cancelled", "later": "cancelled"}
    assert run.executor.stopped == [("long", "cancelled")]
    assert "-x" in run.ends["long"].reason
    assert "-x" in run.ends["later"].reason
    assert run.clock.monotonic_s() < 1005


def test_exit_first_does_not_stop_for_a_job_that_only_advises(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("advice", required=False), job("later"), scripts={"advice": NO})
    run.play(cpus=1, exit_first=True)
    assert run.outcomes == {"advice": "failed", "later": "passed"}


def test_an_interrupt_cancels_what_waits_and_gives_what_runs_its_grace(tmp_path: Path) -> None:
    deaf = Script(lasts_s=60, ignores_term=True)
    run = Rehearsal(tmp_path, job("a"), job("b", "a"), scripts={"a": deaf}, signals=[(1.0, "SIGTERM")])
    assert run.play() == "SIGTERM"
    assert run.outcomes == {"a": "cancelled", "b": "cancelled"}
    assert run.ends["b"].reason == "interrupted by SIGTERM"
    assert 11 <= run.clock.monotonic_s() - 1000 < 12  # the grace is ten seconds
    assert run.executor.stopped == [("a", "interrupt")]
    last = run.sink.events[-1]
    assert isinstance(last, RunFinished)
    assert last.interrupted == "SIGTERM"


def test_a_second_interrupt_leaves_no_grace(tmp_path: Path) -> None:
    deaf = Script(lasts_s=60, ignores_term=True)
    run = Rehearsal(tmp_path, job("a"), scripts={"a": deaf}, signals=[(1.0, "SIGINT"), (2.0, "SIGINT")])
    assert run.play() == "SIGINT"
    assert run.outcomes == {"a": "cancelled"}
    assert run.clock.monotonic_s() - 1000 < 3


def test_after_an_interrupt_no_further_command_of_a_job_starts(tmp_path: Path) -> None:
    """The command ends by itself just when it is to be stopped, so there is nothing left to stop."""
    run = Rehearsal(tmp_path, job("a", commands=3), scripts={"a": Script(lasts_s=0.3)}, signals=[(0.1, "SIGINT")])
    run.executor.unstoppable = True
    run.play()
    assert run.commands == [("a", 0)]
    assert run.outcomes == {"a": "cancelled"}


def test_an_environment_is_made_before_its_jobs_and_once(tmp_path: Path) -> None:
    jobs = (job("a", environment="3.12/test"), job("b", environment="3.12/test", extra_environments=("3.12/ruff",)))
    run = Rehearsal(tmp_path, *jobs, ready=["3.12/ruff"])
    run.play()
    (prepared,) = run.of(PreparationFinished)
    assert (prepared.id, prepared.outcome) == ("3.12/test", Outcome.PASSED)
    assert run.sink.events.index(prepared) < min(map(run.sink.events.index, run.of(JobStarted)))
    assert dict(run.launches("a")[0].environment)["PATH"].startswith("/envs/3.12/test/bin:")


def test_a_hit_needs_no_environment(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a", environment="3.12/test"), hits=["a"])
    run.play()
    assert run.of(PreparationFinished) == []


def test_jobs_whose_environment_cannot_be_made_are_errored_with_its_reason(tmp_path: Path) -> None:
    jobs = (job("a", environment="3.12/test"), job("b", "a"), job("c"))
    run = Rehearsal(tmp_path, *jobs, scripts={"3.12/test": NO})
    run.play()
    assert run.outcomes == {"a": "errored", "b": "errored", "c": "passed"}
    assert run.ends["a"].reason == "3.12/test could not be made: no such version"
    assert run.ends["a"].notes == {"remedy": "choose another"}
    assert run.of(PreparationFinished)[0].outcome is Outcome.ERRORED


def test_an_interrupt_while_an_environment_is_made_cancels(tmp_path: Path) -> None:
    run = Rehearsal(
        tmp_path,
        job("a", environment="3.12/test"),
        scripts={"3.12/test": Script(lasts_s=60)},
        signals=[(1.0, "SIGINT")],
    )
    run.play()
    assert run.of(PreparationFinished)[0].outcome is Outcome.CANCELLED
    assert run.outcomes == {"a": "cancelled"}


def test_the_limit_of_a_job_is_for_all_its_commands_together(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a", commands=3, timeout_s=10.0), scripts={"a": Script(lasts_s=6)})
    run.play()
    assert [launch.timeout_s for launch in run.launches("a")] == [10.0, pytest.approx(4.0)]
    assert run.commands == [("a", 0), ("a", 1)]
    assert run.outcomes == {"a": "timed_out"}
    assert run.ends["a"].reason == "ran longer than its limit 10 s"
    assert run.ends["a"].duration_s == pytest.approx(10.0)


def test_a_command_that_failed_does_not_keep_the_next_one_from_running(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a", commands=2), scripts={"a": (NO, Script())})
    run.play()
    assert run.commands == [("a", 0), ("a", 1)]
    assert run.outcomes == {"a": "failed"}


def test_a_blocked_job_is_errored_with_its_remedy_and_nothing_of_it_runs(tmp_path: Path) -> None:
    jobs = (job("a", blocked_by="Python 3.9 is not here", remedy="install it"), job("b", "a"), job("c", "b"))
    run = Rehearsal(tmp_path, *jobs)
    run.play()
    assert run.outcomes == {"a": "errored", "b": "skipped", "c": "skipped"}
    assert (run.ends["a"].reason, run.ends["a"].notes) == ("Python 3.9 is not here", {"remedy": "install it"})
    assert run.executor.launched == []


def test_a_program_that_is_not_there_makes_an_error_and_not_a_failure(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"), scripts={"a": Script(problem="mkdocs could not be started")})
    run.play()
    assert run.outcomes == {"a": "errored"}
    assert run.ends["a"].reason == "mkdocs could not be started"


def test_a_place_that_cannot_be_made_is_an_error_and_what_needs_it_is_skipped(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"), job("b", "a"))

    def full(job: Job, environments: Mapping[str, Prepared]) -> Station:
        raise OSError(28, "No space left on device")

    run.play(station=full)
    assert run.outcomes == {"a": "errored", "b": "skipped"}
    assert "No space left on device" in run.ends["a"].reason


def test_variables_that_were_withheld_and_are_named_in_the_output_are_told(tmp_path: Path) -> None:
    run = Rehearsal(
        tmp_path,
        job("a", variables=(("GIVEN_TOKEN", "x"),)),
        job("fine"),
        scripts={"a": Script(exit_code=1, output=b"KeyError: 'DATABASE_URL', not GIVEN_TOKEN, not HOME")},
        environ={"DATABASE_URL": "secret", "GIVEN_TOKEN": "secret", "HOME": "/home/x", "OTHER_NAME": "x"},
    )
    run.play()
    assert run.ends["a"].notes["withheld"] == "DATABASE_URL"
    assert "withheld" not in run.ends["fine"].notes
    assert "DATABASE_URL" not in dict(run.launches("a")[0].environment)


def test_a_log_that_is_not_whole_is_told(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"), scripts={"a": Script(unlogged="the disk is full")})
    run.play()
    assert run.results.troubles == ["a: the disk is full"]
    assert run.outcomes == {"a": "passed"}


def test_what_a_job_leaves_behind_keeps_it_out_of_the_cache(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"), job("b"), scripts={"a": Script(leaked=("sleep 9",))})
    run.play()
    assert "key b" in run.cache.entries
    assert "key a" not in run.cache.entries


def test_outputs_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    run = Rehearsal(tmp_path, job("a", outputs=("site/**",)))
    run.play()
    assert run.outcomes == {"a": "errored"}
    assert "site/**" in run.ends["a"].reason


def test_an_adapter_that_fails_leaves_no_process(tmp_path: Path) -> None:
    run = Rehearsal(tmp_path, job("a"), job("b"), scripts={"b": Script(lasts_s=60)})
    run.tool.broken = True
    with pytest.raises(ZeroDivisionError):
        run.play()
    assert run.executor.closed


def test_a_clock_on_the_wall_that_is_set_back_changes_no_duration(tmp_path: Path) -> None:
    class SetBack(FakeClock):
        def advance(self, seconds: float) -> None:
            super().advance(seconds)
            self._wall_s -= 86_400

    run = Rehearsal(tmp_path, job("a", timeout_s=60.0), scripts={"a": Script(lasts_s=30)}, clock=SetBack())
    run.play()
    assert run.ends["a"].duration_s == pytest.approx(30.0)
    assert run.outcomes == {"a": "passed"}


def test_a_flaky_pass_is_told_and_not_cached(tmp_path: Path) -> None:
    tries = (
        records.TestRecord(job="a", id="t", outcome=events.TestOutcome.FAILED, attempt=1),
        records.TestRecord(job="a", id="t", outcome=events.TestOutcome.PASSED, attempt=2),
    )
    run = Rehearsal(tmp_path, job("a"), readings={"a": (Reading(outcome=Outcome.PASSED, tests=tries),)})
    run.play()
    assert run.ends["a"].flaky == ("t",)
    assert run.cache.entries == {}
