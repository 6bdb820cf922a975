import time

import pytest


@pytest.mark.parametrize("i", range(6))
def test_slow(i):
    time.sleep(0.01)
    assert True


@pytest.mark.parametrize("i", range(12))
def test_quick(i):
    time.sleep(0.01)
    assert True


class TestWheel:
    def test_turns(self):
        pass

    def test_stops(self):
        pass
