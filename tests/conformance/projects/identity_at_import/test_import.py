"""The worker's name is read while the file is imported, and names what only one process may have."""

import os
import time

import pytest
from claims import claim

NAME = os.environ.get("PYTEST_XDIST_WORKER", "master")
MINE = None


def have():
    global MINE
    if MINE is None or MINE[1] != os.getpid():
        MINE = claim(NAME)
    return MINE


@pytest.mark.parametrize("i", range(10))
def test_has_its_own(i):
    time.sleep(0.02)
    assert have() == (os.environ.get("PYTEST_XDIST_WORKER", "master"), os.getpid())
