import os
import time

import pytest


@pytest.mark.parametrize("i", range(10))
def test_store(i, store):
    time.sleep(0.02)
    assert store == ("store-" + os.environ.get("PYTEST_XDIST_WORKER", "master"), os.getpid())
