"""What of the words after `penstock test` is ours, and what is pytest's, in its order."""

from __future__ import annotations

import pytest

from penstock.cli import commands


@pytest.mark.parametrize(
    ("typed", "theirs"),
    [
        ("tests/a.py::test_x -v", "tests/a.py::test_x -v"),
        ("-n 4 tests --cov-report xml --cov=pkg -p no:x", "tests --cov-report xml --cov=pkg -p no:x"),
        ("-n4 -k one -m slow -x --maxfail 2 --lf", "-k one -m slow -x --maxfail 2 --lf"),
        ("--python=/p --timeout 3 tests", "tests"),
        ("-xvsn4 tests", "-x -v tests"),
        ("-qvv -rA -kexpr", "-v -v -rA -kexpr"),
        ("--numprocesses=auto --dist loadfile", "--dist loadfile"),
        ("--time 3 --dur", "--time 3 --dur"),  # no abbreviations: they are somebody else's words
        ("- a", "- a"),
    ],
)
def test_the_words_of_pytest_stay_in_their_order(typed: str, theirs: str) -> None:
    options = commands.parse("test", typed.split())
    assert " ".join(options.theirs) == theirs


def test_our_own_are_read() -> None:
    typed = "tests -sn 3 --retries 2 --start=spawn --order shuffled -- --n 4 -n 5"
    options = commands.parse("test", typed.split())
    assert (options.workers, options.retries, options.start, options.order) == ("3", 2, "spawn", "shuffled")
    assert options.show_output
    assert (options.theirs, options.pytest_args) == (("tests",), ("--n", "4", "-n", "5"))


@pytest.mark.parametrize("typed", ["--timeout 0", "--timeout inf", "--retries -1", "--order random", "-n"])
def test_a_value_that_does_not_fit_is_a_usage_error(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        commands.parse("test", typed.split())
    assert end.value.code == 2
    assert "usage: penstock test" in capsys.readouterr().err


def test_other_commands_let_nothing_through() -> None:
    with pytest.raises(SystemExit):
        commands.parse("run", ["--bogus"])
