import os
import time

import pytest
from claims import claim


@pytest.fixture(scope="session")
def store(request):
    return claim(request.config.store_name)


@pytest.mark.parametrize("i", range(10))
def test_store(i, store):
    time.sleep(0.02)
    assert store[0] == "store-" + os.environ.get("PYTEST_XDIST_WORKER", "master")
