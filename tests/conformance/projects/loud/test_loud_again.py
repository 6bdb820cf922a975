"""Tests that write far more than a pipe holds."""

import os
import sys

import pytest

LINE = "x" * 99 + "\n"


@pytest.mark.parametrize("i", range(4))
def test_prints(i):
    for _ in range(20_000):
        sys.stdout.write(LINE)


@pytest.mark.parametrize("i", range(2))
def test_prints_and_fails(i):
    for _ in range(20_000):
        sys.stderr.write(LINE)
    os.write(1, (f"LAST-OF {i}\n" * 10).encode())
    raise AssertionError("loud " * 20_000)


def test_bytes_that_are_no_text(capfdbinary):
    os.write(1, b"\xff\xfe\x00\x1b[2J" * 10_000)
    assert len(capfdbinary.readouterr().out) == 70_000


def test_writes_no_text():
    os.write(1, b"\xff\xfe\x00\x1b[2J\r\n")
    raise RuntimeError("\ud800 \x00 \x1b[31m")
