"""Failed tests that are tried again: what is held back, what is asked for, and what is told in the end."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

import pytest

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest import penstock_tries
from penstock.guest.penstock_retry import (
    ALONE,
    BEHIND,
    EXCUSED,
    FIRST,
    RED,
    RETRY_ALONE,
    RETRY_BEHIND,
    SUSPECT,
    TOGETHER,
    Attempt,
    Decision,
)
from penstock.guest.penstock_suspects import Ran
from penstock.guest.penstock_together import kept
from penstock.guest.penstock_tries import MOST_TESTS, Errand, Tries
from penstock.guest.penstock_units import NEVER, Timing, cuts
from penstock.guest.penstock_units import Test as Known  # not to be collected

NAMES = [f"t.py::test_{number}" for number in range(20)]
AGAIN_ALONE, AGAIN_BEHIND = Decision(RETRY_ALONE, "again"), Decision(RETRY_BEHIND, "again")


class Policy:
    """Says what it was told to, one after another; keeps what it was asked."""

    def __init__(self, *decisions: Decision, settled: Decision | None = None) -> None:
        self._decisions = list(decisions)
        self._settled = settled
        self.asked: list[list[Attempt]] = []
        self.settled: list[tuple[int, ...]] = []

    def after(self, _test: str, attempts: Iterable[Attempt], *, behind: bool) -> Decision:
        assert isinstance(behind, bool)
        self.asked.append(list(attempts))
        return self._decisions.pop(0)

    def settle(self, _test: str, failures: int, runs: int, *, base_failures: int = 0, base_runs: int = 0) -> Decision:
        self.settled.append((failures, runs, base_failures, base_runs) if base_runs else (failures, runs))
        assert self._settled is not None
        return self._settled


class Recorder:
    def __init__(self) -> None:
        self.decisions: list[tuple[str, str, str]] = []

    def decided(self, name: str, action: str, reason: str, _flaky: float) -> None:
        self.decisions.append((name, action, reason))


class There:
    """The base: says what it was told to, after it was asked so often."""

    def __init__(self, *answers: Ran | None) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []
        self.closed = False

    def ran(self, test: str) -> Ran | None:
        self.asked.append(test)
        return self._answers.pop(0)

    def close(self) -> None:
        self.closed = True


class Bench:
    """The tries of one session, as the leader drives them."""

    def __init__(
        self,
        *decisions: Decision,
        settled: Decision | None = None,
        cost: float = 0.1,
        whole: bool = False,
        at_base: There | None = None,
    ) -> None:
        self.policy, self.recorder = Policy(*decisions, settled=settled), Recorder()
        known = [Known(name, name.partition("::")[0]) for name in NAMES]
        self.tries = Tries(
            self.policy,  # type: ignore[arg-type]
            known,
            [cost] * len(NAMES),
            self.recorder,
            whole=whole,
            at_base=at_base,  # type: ignore[arg-type]
        )

    def attempt(self, number: int, *said: str, before: tuple[int, ...] = ()) -> list[bool]:
        """One attempt's reports, "call failed" and so on; which of them are held back."""
        held = []
        for each in said:
            when, outcome, *more = each.split()
            report = SimpleNamespace(when=when, outcome=outcome, sections=[], text=each)
            if more:
                report.wasxfail = "known"
            held.append(self.tries.takes(number, report, [*before, number]))
        self.tries.over(number)
        return held

    @property
    def told(self) -> list[str]:
        told, self.tries.told = self.tries.told, []
        return [f"{report.text} -> {report.outcome}" for _, report in told]

    @property
    def asked(self) -> list[Errand]:
        asked, self.tries.waiting = self.tries.waiting, []
        return asked


FAILS = ("setup passed", "call failed", "teardown passed")
PASSES = ("setup passed", "call passed", "teardown passed")
SKIPS = ("setup skipped", "teardown passed")


def test_what_does_not_fail_is_told_at_once() -> None:
    bench = Bench()
    for said in (PASSES, SKIPS, ("call skipped xfail",), ("call passed xfail",), ("call failed xfail",)):
        assert not any(bench.attempt(1, *said))
    assert (bench.tries.open, bench.told, bench.asked) == (False, [], [])


def test_a_red_test_is_told_as_it_was() -> None:
    bench = Bench(AGAIN_ALONE, Decision(RED, "it failed each time"))
    assert bench.attempt(3, *FAILS, before=(1, 2)) == [False, True, True]
    assert bench.asked == [Errand(test=3, mode=ALONE)]
    assert bench.told == []
    assert bench.tries.open
    bench.attempt(3, *FAILS)
    assert bench.told == ["call failed -> failed", "teardown passed -> passed"]
    assert bench.recorder.decisions == [(NAMES[3], RED, "it failed each time")]
    assert bench.policy.asked[-1] == [Attempt(passed=False, mode=FIRST), Attempt(passed=False, mode=ALONE)]
    assert not bench.tries.open


def test_a_red_test_that_was_tried_again_says_why_it_is_red() -> None:
    bench = Bench(AGAIN_ALONE, Decision(RED, "order-dependent or not"))
    bench.attempt(3, *FAILS)
    bench.attempt(3, *PASSES)
    (failed, _) = [report for _, report in bench.tries.told]
    assert failed.sections == [("penstock", "order-dependent or not")]


def test_an_excused_test_is_told_as_a_try_and_then_as_its_pass() -> None:
    bench = Bench(AGAIN_ALONE, Decision(EXCUSED, "flaky"))
    bench.attempt(3, *FAILS)
    assert bench.attempt(3, *PASSES) == [True, True, True]
    assert bench.told == [
        "call failed -> rerun",
        "teardown passed -> passed",
        "setup passed -> passed",
        "call passed -> passed",
        "teardown passed -> passed",
    ]
    assert bench.recorder.decisions == [(NAMES[3], EXCUSED, "flaky")]


@pytest.mark.parametrize(
    "said", [SKIPS, ("setup passed", "teardown passed"), ("setup passed", "call skipped xfail"), ()]
)
def test_a_try_that_does_not_pass_is_none(said: tuple[str, ...]) -> None:
    bench = Bench(AGAIN_ALONE, Decision(RED, "no pass"))
    bench.attempt(3, *FAILS)
    bench.attempt(3, *said)
    assert bench.policy.asked[-1][-1] == Attempt(passed=False, mode=ALONE)


def test_the_pass_is_told_and_no_skip_before_it() -> None:
    bench = Bench(AGAIN_ALONE, AGAIN_ALONE, Decision(EXCUSED, "flaky"))
    for said in (FAILS, SKIPS, PASSES):
        bench.attempt(3, *said)
    assert bench.told[2:] == ["setup passed -> passed", "call passed -> passed", "teardown passed -> passed"]


def test_behind_means_behind_what_its_worker_had_run_before() -> None:
    bench = Bench(AGAIN_BEHIND, AGAIN_ALONE)
    bench.attempt(5, *FAILS, before=(1, 2, 4))
    assert bench.asked == [Errand(before=(1, 2, 4), test=5, mode=BEHIND)]
    bench.attempt(5, *FAILS)
    assert bench.asked == [Errand(test=5, mode=ALONE)]


def test_only_the_last_predecessors_are_run_where_all_would_take_too_long() -> None:
    bench = Bench(AGAIN_BEHIND, cost=6.0)
    bench.attempt(9, *FAILS, before=tuple(range(9)))
    assert bench.asked[0].before == (6, 7, 8)


def test_what_it_fails_behind_is_searched_for() -> None:
    bench = Bench(Decision(RED, "order-dependent: so it is"))
    bench.attempt(9, *FAILS, before=tuple(range(8)))
    tried = []
    while asked := bench.asked:
        (errand,) = asked
        assert errand.mode == BEHIND
        tried.append(errand.before)
        bench.attempt(9, *(FAILS if 2 in errand.before else PASSES))
    ((name, action, why),) = bench.recorder.decisions
    assert (name, action, why) == (NAMES[9], RED, f"order-dependent: so it is; it fails behind {NAMES[2]}")
    assert len(tried) == len(set(tried)) <= 8
    assert bench.told == ["call failed -> failed", "teardown passed -> passed"]


def test_a_suspect_is_run_ten_times_more_and_then_settled() -> None:
    bench = Bench(Decision(SUSPECT, "?"), settled=Decision(EXCUSED, "flaky: as before"))
    bench.attempt(3, *FAILS)
    for number in range(10):
        assert bench.asked == [Errand(test=3, mode=ALONE)]
        bench.attempt(3, *(FAILS if number < 4 else PASSES))
    assert bench.asked == []
    assert bench.policy.settled == [(4, 10)]
    assert bench.recorder.decisions == [(NAMES[3], EXCUSED, "flaky: as before")]


def suspects(bench: Bench, *numbers: int, failing: int = 4) -> None:
    """Each test fails once, and is then run ten times more."""
    for number in numbers:
        bench.attempt(number, *FAILS)
        for count in range(10):
            bench.attempt(number, *(FAILS if count < failing else PASSES))
    assert len(bench.asked) == 10 * len(numbers)


def test_a_suspect_is_run_at_the_base_too_and_then_settled_by_both() -> None:
    there = There(None, Ran(10, 3))
    bench = Bench(Decision(SUSPECT, "?"), settled=Decision(EXCUSED, "flaky"), at_base=there)
    suspects(bench, 3)
    assert bench.recorder.decisions == []
    bench.tries.look()
    assert (bench.tries.busy, bench.recorder.decisions) == (True, [])
    bench.tries.look()
    assert (bench.tries.busy, bench.tries.open) == (False, False)
    assert there.asked == [NAMES[3]] * 2
    assert bench.policy.settled == [(4, 10), (4, 10, 3, 10)]
    assert bench.recorder.decisions == [(NAMES[3], EXCUSED, "flaky")]


def test_suspects_are_run_there_one_after_another() -> None:
    there = There(Ran(10, 0), Ran(10, 0))
    bench = Bench(*[Decision(SUSPECT, "?")] * 2, settled=Decision(RED, "?"), at_base=there)
    suspects(bench, 3, 5)
    bench.tries.look()
    bench.tries.look()
    assert there.asked == [NAMES[3], NAMES[5]]


@pytest.mark.parametrize("action", [RED, EXCUSED])
def test_where_the_base_could_not_be_run_it_is_decided_as_without_it_and_said(action: str) -> None:
    bench = Bench(Decision(SUSPECT, "?"), settled=Decision(action, "as before"), at_base=There(Ran(why="no git")))
    suspects(bench, 3)
    bench.tries.look()
    assert bench.recorder.decisions == [(NAMES[3], action, "as before; the base was not compared: no git")]
    assert bench.policy.settled[-1] == (4, 10)


def test_what_its_history_says_already_is_not_asked_again_at_the_base() -> None:
    there = There()
    decision = Decision(RED, "made flaky by this change: failed 4 of 10 times here, 0 of 200 before")
    bench = Bench(Decision(SUSPECT, "?"), settled=decision, at_base=there)
    suspects(bench, 3)
    assert ([each[1] for each in bench.recorder.decisions], there.asked) == ([RED], [])


def test_a_session_that_ends_before_the_base_has_answered_leaves_the_test_red() -> None:
    there = There(None)
    bench = Bench(Decision(SUSPECT, "?"), settled=Decision(EXCUSED, "flaky"), at_base=there)
    suspects(bench, 3)
    bench.tries.look()
    bench.tries.give_up("the session was ended")
    assert bench.recorder.decisions == [(NAMES[3], RED, "the session was ended")]
    assert (there.closed, bench.tries.busy) == (True, False)


def test_no_more_than_so_many_tests_are_tried_again() -> None:
    bench = Bench(*(Decision(RED, "no") for _ in range(MOST_TESTS)))
    for number in range(MOST_TESTS):
        assert bench.attempt(number, *FAILS) == [False, True, True]
    assert bench.attempt(MOST_TESTS, *FAILS) == [False, False, False]
    assert len(bench.recorder.decisions) == MOST_TESTS


def test_a_test_is_decided_once() -> None:
    bench = Bench(Decision(RED, "no"))
    bench.attempt(3, *FAILS)
    assert bench.attempt(3, *FAILS) == [False, False, False]
    assert len(bench.recorder.decisions) == 1


def test_what_is_not_decided_at_the_end_of_the_session_stays_red() -> None:
    bench = Bench(AGAIN_ALONE, AGAIN_ALONE)
    bench.attempt(3, *FAILS)
    bench.attempt(4, *FAILS)
    bench.tries.give_up("the session was ended")
    assert bench.recorder.decisions == [(name, RED, "the session was ended") for name in NAMES[3:5]]
    assert (bench.asked, bench.tries.open) == ([], False)
    assert bench.told == ["call failed -> failed", "teardown passed -> passed"] * 2


def test_where_there_is_no_time_left_it_stays_red(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(AGAIN_ALONE, AGAIN_ALONE)
    bench.attempt(3, *FAILS)
    monkeypatch.setattr(penstock_tries, "_EACH_S", -1.0)
    bench.attempt(3, *FAILS)
    assert bench.recorder.decisions == [(NAMES[3], RED, "there was no time to try it again")]


def test_a_suspect_whose_runs_could_not_be_made_is_not_excused(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Decision(SUSPECT, "?"), settled=Decision(EXCUSED, "flaky: failed 0 of 1 times here"))
    bench.attempt(3, *FAILS)
    monkeypatch.setattr(penstock_tries, "_EACH_S", -1.0)
    bench.attempt(3, *PASSES)
    assert [action for _, action, _ in bench.recorder.decisions] == [RED]


def test_where_a_predecessor_ends_the_process_it_is_tried_alone() -> None:
    bench = Bench(AGAIN_BEHIND, AGAIN_ALONE, Decision(EXCUSED, "flaky"))
    bench.attempt(5, *FAILS, before=(1, 2))
    assert bench.asked[0].before == (1, 2)
    bench.tries.spoilt(5)
    assert bench.asked == [Errand(test=5, mode=ALONE)]
    assert len(bench.policy.asked[-1]) == 1, "it was no attempt"
    bench.attempt(5, *PASSES)
    assert bench.told[-1] == "teardown passed -> passed"
    bench.tries.spoilt(5)  # decided already


def test_where_a_predecessor_ends_the_search_what_is_known_stands() -> None:
    bench = Bench(Decision(RED, "order-dependent: so it is"))
    bench.attempt(9, *FAILS, before=tuple(range(8)))
    bench.tries.spoilt(9)
    assert bench.recorder.decisions == [(NAMES[9], RED, "order-dependent: so it is")]


def test_a_test_that_ran_without_those_before_it_in_its_file_passes_behind_them() -> None:
    bench = Bench(whole=True)
    bench.attempt(3, "call failed", "teardown passed", before=(17,))
    assert bench.tries.waiting.pop() == Errand(before=(0, 1, 2), test=3, mode=BEHIND), "in the order of the file"
    bench.attempt(3, "call passed", "teardown passed")
    assert bench.tries.waiting.pop() == Errand(before=(17,), test=3, mode=BEHIND), "as it ran first"
    bench.attempt(3, "call failed", "teardown passed")
    assert bench.tries.waiting.pop().before == (0, 1, 2), "by chance it was not"
    bench.attempt(3, "call passed", "teardown passed")
    ((name, action, reason),) = bench.recorder.decisions
    assert (name, action) == (NAMES[3], TOGETHER)
    assert "builds on tests before it" in reason
    assert bench.tries.together == [NAMES[3]]
    assert bench.told == ["call passed -> passed", "teardown passed -> passed"], "it passed, and that is all"
    bench.attempt(5, "call failed", "teardown passed")
    bench.attempt(5, "call passed", "teardown passed")
    bench.attempt(5, "call failed", "teardown passed")
    assert bench.tries.together == [NAMES[3], NAMES[5]], "another one of the file has shown it"
    assert bench.policy.asked == [], "no policy says whether penstock may cut a file"


def test_one_that_fails_in_the_order_of_its_file_is_what_the_policy_says() -> None:
    bench = Bench(Decision(RED, "no"), whole=True)
    bench.attempt(3, "call failed", "teardown passed")
    assert bench.tries.waiting.pop().before == (0, 1, 2)
    bench.attempt(3, "call failed", "teardown passed")
    assert bench.recorder.decisions == [(NAMES[3], RED, "no")]
    assert bench.policy.asked == [[Attempt(passed=False), Attempt(passed=False, mode=ALONE)]]
    assert bench.tries.together == []


def test_one_that_passes_as_it_ran_first_is_what_the_policy_says() -> None:
    bench = Bench(Decision(EXCUSED, "flaky"), whole=True)
    bench.attempt(3, "call failed", "teardown passed", before=(17,))
    bench.attempt(3, "call passed", "teardown passed")
    bench.attempt(3, "call passed", "teardown passed")
    assert bench.recorder.decisions == [(NAMES[3], EXCUSED, "flaky")]
    assert bench.policy.asked[0][1:] == [Attempt(passed=True, mode=BEHIND)] * 2


def test_one_that_ran_in_the_order_of_its_file_is_not_put_there() -> None:
    bench = Bench(Decision(RED, "no"), whole=True)
    bench.attempt(3, "call failed", "teardown passed", before=(17, 0, 1, 2))
    assert bench.tries.waiting == []
    assert bench.recorder.decisions == [(NAMES[3], RED, "no")]


def test_where_tests_fail_in_their_files_order_too_no_more_are_put_there() -> None:
    bench = Bench(*[Decision(RED, "no")] * 4, whole=True)
    for number in (3, 5, 7):
        bench.attempt(number, "call failed", "teardown passed")
        assert bench.tries.waiting.pop().test == number
        bench.attempt(number, "call failed", "teardown passed")
    bench.attempt(9, "call failed", "teardown passed")
    assert bench.tries.waiting == []
    assert len(bench.recorder.decisions) == 4


def test_what_builds_on_what_is_before_it_is_kept_together() -> None:
    known = [Known(f"{path}::test_{number}", path) for path in ("a.py", "b.py") for number in range(4)]
    told = {"a.py::test_1": Timing(0.1, together=1), "a.py::test_3": Timing(0.1)}
    made = kept(known, told, ["b.py::test_2", "gone.py::test"])
    assert [test.group for test in made] == ["together a.py"] * 2 + [""] * 2 + ["together b.py"] * 3 + [""]
    assert cuts(made)[4:7] == NEVER * 3
