"""How far the tests are, in words and rows."""

from __future__ import annotations

from penstock.report import progress
from penstock.report.progress import Progress, Slow
from penstock.report.screen import UNLIMITED, Screen, cells

PLAIN = Screen(width=80)


def test_counts_are_told_as_they_are_known() -> None:
    assert progress.words(Progress()) == ""
    assert progress.words(Progress(done=1)) == "1 test"
    told = progress.words(Progress(tests=7815, done=3204, failed=2, flaky=1, left_s=8.06))
    assert told == "3,204/7,815 tests, 2 failed, 1 flaky, 8.1s left"


def test_a_log_gets_one_line() -> None:
    assert progress.line(Progress(elapsed_s=10), Screen(width=UNLIMITED)) == "  collecting  ·  10.0s"
    assert progress.line(Progress(tests=2, done=1, elapsed_s=10), Screen(unicode=False)) == "  1/2 tests  |  10.0s"


def test_the_engine_is_told_with_the_number_of_tests() -> None:
    assert progress.engine(1200, "2 forked workers", PLAIN) == "  1,200 tests  ·  2 forked workers"
    assert progress.engine(1, "", PLAIN) == "  1 test"


def test_rows_are_shorter_than_the_screen_and_name_what_is_slow() -> None:
    slow = Slow(worker="gw1", test="tests/test_a.py::test_" + "x" * 100, since_s=4.2)
    quick = Slow(worker="gw0", test="tests/test_a.py::test_quick", since_s=0.1)
    shown = Progress(tests=10, done=5, elapsed_s=3, running=(quick, slow))
    for width in (30, 80, 200):
        rows = progress.rows(shown, Screen(width=width))
        assert [cells(row) < width for row in rows] == [True, True], rows
    rows = progress.rows(shown, Screen(width=200))
    assert "gw1  4.2s  tests/test_a.py::test_xxx" in rows[1]
    assert rows[0].count("━") == 12


def test_of_one_process_no_worker_is_named() -> None:
    running = progress.of_running([("", ("test_a", 1.0))], now_s=4.0)
    assert progress.rows(Progress(running=running), PLAIN)[1] == "  3.0s  test_a"


def test_a_failure_is_one_line_without_what_steers_a_terminal() -> None:
    told = progress.failure("test_a.py::test_x", "crashed", "killed by \x1b[2JSIGSEGV\nx", PLAIN)
    assert told.startswith("  ✗ test_a.py::test_x  crashed  killed by ")
    assert "\x1b" not in told
    assert "\n" not in told


def test_a_reason_says_the_kind_once() -> None:
    assert progress.reason_of("ValueError", "ValueError: no") == "ValueError: no"
    assert progress.reason_of("AssertionError", "assert 1 == 2") == "AssertionError: assert 1 == 2"
    assert progress.reason_of("", "gone") == "gone"
    assert progress.reason_of("KeyError", "") == "KeyError"
