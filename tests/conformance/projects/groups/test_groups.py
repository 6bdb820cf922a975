"""Tests of one group share a worker, wherever they stand."""

import os
import time

import pytest


def owner(name):
    """The process that was first in the group."""
    try:
        descriptor = os.open(f"group-{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.write(descriptor, b"%d" % os.getpid())
        os.close(descriptor)
    except FileExistsError:
        pass
    time.sleep(0.01)
    with open(f"group-{name}") as file:
        return int(file.read())


@pytest.mark.xdist_group("dam")
@pytest.mark.parametrize("i", range(6))
def test_dam(i):
    assert owner("dam") == os.getpid()


@pytest.mark.parametrize("i", range(6))
def test_free(i):
    time.sleep(0.01)


@pytest.mark.parametrize("i", [pytest.param(i, marks=pytest.mark.xdist_group(name=f"g{i % 3}")) for i in range(9)])
def test_three(i):
    assert owner(f"g{i % 3}") == os.getpid()
