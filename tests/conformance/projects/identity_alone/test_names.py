"""Without xdist: the variables alone."""

import os
import time

import pytest


@pytest.mark.parametrize("i", range(10))
def test_is_named(i, request):
    time.sleep(0.01)
    name = os.environ.get("PYTEST_XDIST_WORKER")
    given = getattr(request.config, "workerinput", {})
    assert given.get("workerid") == name


def test_has_no_such_fixture(worker_id):
    pass
