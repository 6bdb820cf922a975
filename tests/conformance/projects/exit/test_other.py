import time

import pytest


@pytest.mark.parametrize("i", range(20))
def test_other(i):
    time.sleep(0.02)
