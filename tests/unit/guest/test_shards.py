from __future__ import annotations

import itertools
import json

import pytest

from penstock.guest.penstock_shards import costs, digest, extended, parse, plan_of, shards, split, table_of


def even(path: str, number: int) -> list[str]:
    return [f"{path}::test_{index}" for index in range(number)]


def test_every_test_is_in_one_shard_in_the_order_of_the_collection() -> None:
    ids = [*even("tests/test_b.py", 7), *even("tests/test_a.py", 5)]
    parts = shards(ids, {}, 3)
    assert sorted(name for part in parts for name in part) == sorted(ids)
    assert all(part == [name for name in ids if name in part] for part in parts)


def test_short_files_stay_whole() -> None:
    ids = [name for number in range(40) for name in even(f"tests/test_{number}.py", 3)]
    for part in shards(ids, {}, 4):
        paths = {name.partition("::")[0] for name in part}
        assert len(part) == 3 * len(paths)


def test_long_file_is_cut_into_contiguous_pieces() -> None:
    ids = even("tests/test_long.py", 100)
    result = split(ids, dict.fromkeys(ids, (1.0, 0.0, 0.0)), 4)
    assert [len(part) for part in result.parts] == [25, 25, 25, 25]
    breaks = sum(after != before + 1 for part in result.parts for before, after in itertools.pairwise(part))
    assert breaks <= 28  # eight pieces a shard at most


def test_one_long_test_has_a_shard_for_itself() -> None:
    ids = even("tests/test_a.py", 9)
    table = dict.fromkeys(ids, (1.0, 0.0, 0.0)) | {ids[4]: (30.0, 0.0, 0.0)}
    assert [ids[4]] in shards(ids, table, 3)


def test_group_is_never_cut() -> None:
    ids = [*even("tests/test_a.py", 20), *even("tests/test_b.py", 20)]
    groups = {ids[3]: "database", ids[17]: "database", ids[30]: "database"}
    parts = shards(ids, {}, 4, groups)
    assert [len(set(part) & set(groups)) for part in parts if set(part) & set(groups)] == [3]


def test_no_shard_is_empty_while_there_are_tests_for_it() -> None:
    ids = [*even("tests/test_a.py", 3), *even("tests/test_b.py", 1)]
    table = {ids[0]: (100.0, 0.0, 0.0)}
    assert all(shards(ids, table, 4))
    assert [len(part) for part in shards(ids, table, 6)].count(0) == 2


def test_unknown_test_gets_the_mean_of_its_file_else_of_the_suite() -> None:
    ids = ["a.py::known", "a.py::other", "a.py::new", "b.py::new"]
    table = {"a.py::known": (2.0, 0.0, 0.0), "a.py::other": (4.0, 0.0, 0.0)}
    assert costs(ids, table).tests == [2_000_000, 4_000_000, 3_000_000, 3_000_000]
    assert min(costs(ids, {}).tests) > 0


def test_free_test_costs_something() -> None:
    assert costs(["a.py::x"], {"a.py::x": (0.0, 0.0, 0.0)}).tests == [1]


def test_what_only_the_first_test_of_a_file_sets_up_is_the_price_of_the_file() -> None:
    ids = even("a.py", 3)
    table = {ids[0]: (1.0, 5.5, 0.0), ids[1]: (1.0, 0.5, 0.0), ids[2]: (1.0, 0.25, 0.0)}
    found = costs(ids, table)
    assert found.entries == {"a.py": 5_000_000}
    assert found.tests == [1_500_000, 1_500_000, 1_250_000]


def test_file_that_is_dear_to_enter_is_not_spread_thin() -> None:
    dear = even("dear.py", 40)
    cheap = even("cheap.py", 400)
    table = dict.fromkeys([*dear, *cheap], (0.1, 0.0, 0.0)) | {dear[0]: (0.1, 6.0, 0.0)}
    parts = shards([*dear, *cheap], table, 4)
    assert sum(bool(set(part) & set(dear)) for part in parts) == 1


@pytest.mark.parametrize("row", [("x",), (float("nan"), 0, 0), (-1, 0, 0), (float("inf"), 0, 0), (), (True,)])
def test_row_that_cannot_be_believed_is_unknown(row: tuple[float, ...]) -> None:
    ids = ["a.py::x", "a.py::y"]
    assert costs(ids, {"a.py::x": row, "a.py::y": (3.0, 0.0, 0.0)}).tests == [3_000_000, 3_000_000]


def test_settled_plan_is_kept_and_what_is_new_is_given_out() -> None:
    ids = [*even("a.py", 4), *even("b.py", 4)]
    settled = [[ids[0], ids[7]], [*ids[1:4], "a.py::gone"]]
    parts = extended(ids, {}, settled).parts
    assert {0, 7} <= set(parts[0])
    assert {1, 2, 3} <= set(parts[1])
    assert sorted(parts[0] + parts[1]) == list(range(8))
    assert [len(part) for part in parts] == [4, 4]


def test_new_member_of_a_group_goes_where_the_group_is() -> None:
    ids = [*even("a.py", 3), "b.py::new"]
    parts = extended(ids, {}, [[ids[0]], [ids[1], ids[2]]], {ids[0]: "one", "b.py::new": "one"}).parts
    assert parts == [[0, 3], [1, 2]]


def test_digest_is_of_ids_in_order_durations_and_count() -> None:
    told = digest(["a", "b"], "pin", 2)
    others = [
        digest(["b", "a"], "pin", 2),
        digest(["a", "b"], "", 2),
        digest(["a", "b"], "pin", 3),
        digest(["a"], "pin", 2),
    ]
    assert told not in others
    assert told == digest(["a", "b"], "pin", 2)


def test_less_than_one_shard_is_refused() -> None:
    with pytest.raises(ValueError, match="0 shards"):
        split(["a"], {}, 0)


def test_shard_as_people_write_it() -> None:
    assert parse("2/4") == (2, 4)
    for wrong in ("", "2", "0/4", "5/4", "2/", "/4", "a/b", "2/4/8", "-1/4", "²/4", "1/1001"):
        with pytest.raises(ValueError, match="shard"):
            parse(wrong)


def test_damaged_timings_predict_nothing() -> None:
    assert table_of(b'{"version":1,"tests":{"a":[1,0,0,3,0],"b":"x"}}') == {"a": [1, 0, 0, 3, 0]}
    for damaged in (b"", b"{", b"[]", b"\xff", b'{"tests":[]}', b"[" * 100_000):
        assert table_of(damaged) == {}


def test_damaged_shard_plan_is_refused() -> None:
    assert plan_of(json.dumps({"shards": [["a"], ["b"]]}).encode()) == [["a"], ["b"]]
    for damaged in (b"", b"{", b"[]", b'{"shards":1}', b'{"shards":[]}', b'{"shards":[["a"],["a"]]}'):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, it is refused
            plan_of(damaged)


def test_class_stays_whole_where_it_is_no_longer_than_two_pieces() -> None:
    sizes = {letter: 2 + number % 4 for number, letter in enumerate("abcdefghijklmnop")}
    ids = [f"t.py::Test{letter}::test_{number}" for letter, size in sizes.items() for number in range(size)]
    first, second = ({name.split("::")[1] for name in part} for part in shards(ids, {}, 2))
    assert not first & second
