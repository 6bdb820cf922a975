"""Tables of durations: the order in which runs and folders arrive does not matter where it should not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.model.events import TestOutcome as Ended
from penstock.model.records import TestRecord as Attempt
from penstock.model.trust import Trust
from penstock.record import test_timings as timings
from penstock.record.test_timings import Table, learn, merge

_NAMES = st.sampled_from(["a", "b", "c", "\U0001f41b[\x00-é]"])
_ATTEMPTS = st.lists(
    st.builds(
        Attempt,
        job=st.just("unit"),
        id=_NAMES,
        outcome=st.sampled_from(list(Ended)),
        attempt=st.integers(1, 3),
        call_s=st.floats(0, 100),
        setup_s=st.floats(0, 100),
    ),
    max_size=6,
)
_RUNS = st.lists(st.tuples(_ATTEMPTS, st.sampled_from(["", "k1", "k2"]), st.booleans()), max_size=6)


def _after(runs: list[tuple[int, list[Attempt], str, bool]]) -> Table:
    table = Table(job="unit", trust=Trust.LOCAL)
    for at_s, attempts, key, whole in runs:
        table = learn(table, attempts, at_s=at_s, key=key, whole=whole)
    return table


_TABLES = _RUNS.map(lambda runs: _after([(at, *run) for at, run in enumerate(runs)]))


@given(_RUNS, st.randoms(use_true_random=False))
def test_durations_do_not_depend_on_the_order_in_which_runs_are_learnt(
    runs: list[tuple[list[Attempt], str, bool]], random: object
) -> None:
    timed = [(at, *run) for at, run in enumerate(runs)]
    mixed = list(timed)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # Hypothesis's own Random
    one, other = _after(timed), _after(mixed)
    assert {name: known.took for name, known in one.tests.items()} == {
        name: known.took for name, known in other.tests.items()
    }


@given(_TABLES, _TABLES, _TABLES)
def test_merging_knows_no_order_and_no_repetition(one: Table, two: Table, three: Table) -> None:
    assert merge(one, two).tests == merge(two, one).tests
    assert merge(merge(one, two), three).tests == merge(one, merge(two, three)).tests
    assert merge(one, one) == one
    assert merge(merge(one, two), two).tests == merge(one, two).tests


@given(_TABLES)
def test_what_is_written_is_read(table: Table) -> None:
    assert timings.decode(timings.encode(table)) == table


@given(_RUNS)
def test_no_more_failures_than_runs(runs: list[tuple[list[Attempt], str, bool]]) -> None:
    for known in _after([(at, *run) for at, run in enumerate(runs)]).tests.values():
        assert 0 <= known.failures <= known.runs
        assert len(known.took) <= timings.KEPT
