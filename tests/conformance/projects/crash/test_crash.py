"""Tests that end their process: each costs itself alone."""

import ctypes
import os
import signal

import pytest


@pytest.mark.parametrize("i", range(15))
def test_before(i):
    assert i != 3


def test_killed():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("i", range(15))
def test_between(i):
    pass


def test_segfault():
    ctypes.string_at(0)


def test_abort():
    os.abort()


def test_leaves_with_0():
    os._exit(0)


def test_leaves_with_1():
    os._exit(1)


@pytest.fixture
def dies_up():
    os._exit(0)


@pytest.fixture
def dies_down():
    yield
    os._exit(0)


def test_dies_up(dies_up):
    pass


def test_dies_down(dies_down):
    pass


def test_exits():
    raise SystemExit(0)


@pytest.mark.parametrize("i", range(15))
def test_after(i):
    assert i != 7
