from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import penstock.guest
from penstock.guest.penstock_shards import costs, extended, shards, split

Suite = tuple[list[str], dict[str, tuple[float, float, float]], dict[str, str]]
GUEST = str(Path(penstock.guest.__file__).parent)

seconds = st.floats(0, 100, allow_nan=False)
ids = st.lists(
    st.builds("tests/test_{}.py::test_{}".format, st.integers(0, 6), st.integers(0, 400)),
    min_size=1,
    max_size=60,
    unique=True,
)


@st.composite
def suites(draw: st.DrawFn) -> Suite:
    names = draw(ids)
    known = draw(st.lists(st.sampled_from(names), unique=True))
    table = {name: draw(st.tuples(seconds, seconds, seconds)) for name in known}
    grouped = draw(st.lists(st.sampled_from(names), unique=True, max_size=6))
    return names, table, {name: draw(st.sampled_from("xy")) for name in grouped}


@given(suites(), st.integers(1, 20))
def test_every_id_is_in_exactly_one_shard_and_no_group_is_cut(suite: Suite, count: int) -> None:
    names, table, groups = suite
    parts = shards(names, table, count, groups)
    assert len(parts) == count
    assert sorted(itertools.chain(*parts)) == sorted(names)
    for group in set(groups.values()):
        members = {name for name, own in groups.items() if own == group}
        assert sum(bool(members & set(part)) for part in parts) <= 1


@given(suites(), st.integers(1, 20))
def test_no_shard_is_longer_than_the_mean_and_one_piece(suite: Suite, count: int) -> None:
    names, table, groups = suite
    cost = costs(names, table)
    result = split(names, table, count, groups)
    share = (sum(cost.tests) + sum(cost.entries.values())) / count
    atoms = [max(cost.tests), *(sum(cost.tests[names.index(n)] for n in groups if groups[n] == g) for g in "xy")]
    longest = 2 * max(share / 4, *cost.entries.values()) + max(atoms)  # a cut goes where a test's middle falls
    entered = sum(cost.entries.values())
    assert max(result.loads_us) <= sum(result.loads_us) / count + longest + entered


@given(st.lists(st.integers(1, 50), min_size=1, max_size=7), st.integers(2, 3))
def test_within_four_thirds_of_the_best_split(lengths: list[int], count: int) -> None:
    names = [f"test_{number}.py::test" for number in range(len(lengths))]
    table = {name: (length, 0.0, 0.0) for name, length in zip(names, lengths, strict=True)}
    best = min(
        max(sum(length for length, home in zip(lengths, homes, strict=True) if home == shard) for shard in range(count))
        for homes in itertools.product(range(count), repeat=len(lengths))
    )
    assert max(split(names, table, count).loads_us) <= (4 / 3 - 1 / (3 * count)) * best * 1e6 + 1


@given(suites(), st.integers(1, 8), st.data())
def test_settled_plan_with_new_and_vanished_tests_still_covers_all(
    suite: Suite, count: int, data: st.DataObject
) -> None:
    names, table, groups = suite
    before = [*data.draw(st.lists(st.sampled_from(names), unique=True)), "tests/gone.py::test"]
    parts = extended(names, table, shards(before, table, count), groups).parts
    assert sorted(itertools.chain(*parts)) == list(range(len(names)))


def test_same_split_under_every_hash_seed() -> None:
    names = [f"tests/test_{number % 13}.py::test_{number}" for number in range(300)]
    table = {name: [number % 7 / 3, number % 5 / 9, 0.1] for number, name in enumerate(names) if number % 3}
    groups = {names[number]: f"g{number % 4}" for number in range(0, 300, 11)}
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import penstock_shards\n"
        "names, table, groups = json.load(sys.stdin)\n"
        "print(json.dumps(penstock_shards.shards(names, table, 7, groups)))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", code, GUEST],
            input=json.dumps([names, table, groups]).encode(),
            stdout=subprocess.PIPE,
            env={"PYTHONHASHSEED": seed},
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert said == {json.dumps(shards(names, table, 7, groups)).encode() + b"\n"}
