"""Whatever a test's tries and its history, the policy excuses nothing without a pass and keeps its budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.guest import penstock_retry as retry
from penstock.guest.penstock_bisect import next_list, shortest
from penstock.guest.penstock_retry import Attempt, History, Policy

_HISTORIES = st.integers(0, 5000).flatmap(
    lambda runs: st.builds(History, runs=st.just(runs), failures=st.integers(0, runs))
)
_RETRIES = st.sampled_from([None, None, None, 0, 1, 2, 3, 4, 5])


def _played(policy: Policy, said: list[bool], *, behind: bool) -> tuple[retry.Decision, list[Attempt]]:
    """The policy's end where the tries say `said`, one after another."""
    attempts = [Attempt(passed=False)]
    for passed in said:
        decision = policy.after("t", attempts, behind=behind)
        if not decision.again:
            break
        attempts.append(Attempt(passed, decision.mode))
    return policy.after("t", attempts, behind=behind), attempts


@given(
    history=_HISTORIES,
    retries=_RETRIES,
    said=st.lists(st.booleans(), min_size=5, max_size=5),
    behind=st.booleans(),
)
def test_it_ends_within_its_budget_and_never_excuses_without_a_pass(
    history: History, retries: int | None, said: list[bool], *, behind: bool
) -> None:
    decision, attempts = _played(Policy({"retries": retries}, {"t": history}), said, behind=behind)
    assert not decision.again
    assert len(attempts) - 1 <= (retry.MOST_RETRIES if retries is None else retries)
    assert any(attempt.passed for attempt in attempts) or decision.action == retry.RED
    assert decision.action in (retry.RED, retry.EXCUSED, retry.SUSPECT)
    assert 0 <= decision.flaky <= 1


@given(_HISTORIES, st.lists(st.booleans(), min_size=1, max_size=5), st.data())
def test_a_failure_in_place_of_a_pass_never_makes_flaky_before_likelier(
    history: History, said: list[bool], data: st.DataObject
) -> None:
    better = [Attempt(passed=False), *(Attempt(passed, retry.ALONE) for passed in said)]
    changed = data.draw(st.integers(1, len(said)))
    worse = [Attempt(each.passed and number != changed, each.mode) for number, each in enumerate(better)]
    longer = [*better, Attempt(passed=False, mode=retry.ALONE)]
    assert retry.weigh(worse, history).flaky <= retry.weigh(better, history).flaky + 1e-9
    assert retry.weigh(longer, history).flaky <= retry.weigh(better, history).flaky + 1e-9 or not any(said)


@given(_HISTORIES, _RETRIES, st.lists(st.booleans(), min_size=5, max_size=5), st.data())
def test_a_failure_in_place_of_a_pass_never_excuses_a_test(
    history: History, retries: int | None, said: list[bool], data: st.DataObject
) -> None:
    policy = Policy({"retries": retries}, {"t": history})
    changed = data.draw(st.integers(0, 4))
    worse = [passed and number != changed for number, passed in enumerate(said)]
    before, _ = _played(policy, said, behind=False)
    after, _ = _played(policy, worse, behind=False)
    assert before.action == retry.EXCUSED or after.action != retry.EXCUSED


@given(_HISTORIES, st.integers(0, 10), st.integers(0, 9))
def test_more_failures_of_a_suspect_never_excuse_it(history: History, failures: int, base_failures: int) -> None:
    policy = Policy({}, {"t": history})
    ends = [
        policy.settle("t", count, base_failures=base_failures, base_runs=10).action
        for count in range(failures, retry.EXTRA_RUNS + 1)
    ]
    assert ends == sorted(ends)  # "excused" before "red"


@given(st.integers(0, 40), st.sets(st.integers(0, 39), max_size=3))
def test_the_list_that_is_found_holds_all_culprits_and_nothing_that_can_go(length: int, numbers: set[int]) -> None:
    tests = tuple(map(str, range(length)))
    culprits = {str(number) for number in numbers if number < length}
    answers: dict[tuple[str, ...], bool] = {}
    while (tried := next_list(tests, answers, 5000)) is not None:
        assert tried not in answers
        answers[tried] = culprits <= set(tried)
    found = shortest(tests, answers)
    assert culprits <= set(found)
    assert set(found) == culprits or len(found) <= 1
