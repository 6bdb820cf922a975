import time

import pytest


@pytest.mark.parametrize("i", range(8))
def test_quick(i):
    time.sleep(0.01)


@pytest.mark.timeout(0.5)
def test_slow():
    time.sleep(5)


def test_after():
    pass


@pytest.mark.timeout(0.5, func_only=True)
def test_slow_too():
    time.sleep(5)
