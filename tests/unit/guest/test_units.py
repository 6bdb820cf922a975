"""Where units are cut, and where not."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.guest.penstock_units import Test as Known  # not to be collected
from penstock.guest.penstock_units import Timing, costs, setups, timings, units


def suite(path: str, count: int, *, scope: str = "", bound: str = "", group: str = "") -> list[Known]:
    return [Known(f"{path}::{scope}::test_{number}", path, scope, group, bound) for number in range(count)]


def cut(tests: list[Known], known: dict[str, Timing], workers: int = 2, dist: str = "") -> list[list[int]]:
    return units(tests, costs(tests, known), setups(tests, known), workers, dist)


def each(tests: list[Known], call_s: float, setup_s: float = 0.0) -> dict[str, Timing]:
    return {test.id: Timing(call_s, setup_s) for test in tests}


def test_a_long_module_is_cut_into_pieces_of_about_a_sixth_of_a_share() -> None:
    tests = suite("a.py", 320)
    pieces = cut(tests, each(tests, 1.0))
    assert len(pieces) == pytest.approx(12, abs=1)
    assert max(map(len, pieces)) <= 30


def test_a_short_module_stays_whole() -> None:
    tests = [*suite("long.py", 300), *suite("short.py", 10)]
    assert [list(range(300, 310))] == [unit for unit in cut(tests, each(tests, 1.0)) if unit[0] >= 300]


def test_pieces_of_known_durations_are_not_shorter_than_a_tenth_of_a_second() -> None:
    tests = suite("a.py", 1000)
    known = each(tests, 0.001)
    assert min(sum(known[tests[number].id].total_s for number in unit) for unit in cut(tests, known)) >= 0.05


def test_a_run_that_stands_on_a_costly_fixture_stays_whole_until_it_is_too_long() -> None:
    bound, others = suite("a.py", 20, bound="server"), suite("b.py", 80)
    tests = [*bound, *others]
    known = {**each(tests, 1.0), bound[0].id: Timing(1.0, 5.0)}  # who comes first pays for all
    assert list(range(20)) in cut(tests, known)
    assert len(cut(bound, known)) > 2, "one worker would have all"


def test_a_run_whose_set_ups_are_known_to_be_cheap_is_cut_anywhere() -> None:
    bound, others = suite("a.py", 100, bound="table"), suite("b.py", 200)
    tests = [*bound, *others]
    cheap = cut(tests, each(tests, 1.0, 0.001))
    assert sum(unit[0] < 100 for unit in cheap) == 4
    unknown = cut(tests, {})
    assert list(range(100)) in unknown, "nobody knows what the set-up costs"


def test_a_cut_goes_between_classes_first() -> None:
    tests = [*suite("a.py", 40, scope="A", bound="A.each"), *suite("a.py", 40, scope="B", bound="B.each")]
    others = suite("b.py", 200)
    pieces = cut([*tests, *others], {})
    assert list(range(40)) in pieces
    assert list(range(40, 80)) in pieces


def test_a_group_is_one_unit_wherever_its_tests_stand() -> None:
    tests = [*suite("a.py", 50, group="db"), *suite("b.py", 50), *suite("c.py", 50, group="db")]
    assert [*range(50), *range(100, 150)] in cut(tests, each(tests, 1.0))


@pytest.mark.parametrize(("dist", "count"), [("loadfile", 2), ("loadscope", 3), ("loadgroup", 4)])
def test_the_modes_that_a_project_asks_of_xdist_are_heeded(dist: str, count: int) -> None:
    tests = [*suite("a.py", 20, scope="A"), *suite("a.py", 20, group="g"), *suite("b.py", 20, group="g")]
    pieces = cut(tests, each(tests, 1.0), dist=dist)
    whole = [unit for unit in pieces if len(unit) >= 20]
    if dist == "loadgroup":
        assert whole == [list(range(20, 60))]
        assert len(pieces) > count
    else:
        assert len(pieces) == len(whole) == count


def test_a_file_that_cannot_be_read_tells_no_durations(tmp_path: Path) -> None:
    path = tmp_path / "timings.json"
    assert timings("") == timings(str(path)) == {}
    for text in (
        "",
        "{",
        "[]",
        '{"tests": 1}',
        '{"tests": {"a": 1}}',
        '{"tests": {"a": [1, 2, 3, 4, 5, 6, 7]}}',
        "\xff",
    ):
        path.write_text(text, encoding="latin-1")
        assert timings(str(path)) == {}
    path.write_text('{"version": 1, "tests": {"a.py::test": [1.5, 0.5, 0.25, 9, 2]}}', encoding="utf-8")
    (known,) = timings(str(path)).values()
    assert (known.total_s, known.runs, known.failures) == (2.25, 9, 2)
