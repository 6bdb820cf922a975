import time

import gate
import pytest


@pytest.mark.parametrize("i", range(8))
def test_gate(i):
    time.sleep(0.01)
    assert gate.gate(i)
