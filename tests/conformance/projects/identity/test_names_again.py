"""The fixtures and variables that name a worker."""

import os
import time
from pathlib import Path

import pytest
from test_names import note




@pytest.mark.parametrize("i", range(10))
def test_is_named(i, worker_id, testrun_uid, request):
    time.sleep(0.01)
    name = os.environ.get("PYTEST_XDIST_WORKER", "master")
    assert name == worker_id
    assert len(testrun_uid) > 8
    if worker_id != "master":
        assert request.config.workerinput["workerid"] == worker_id
        assert request.config.workerinput["testrunuid"] == testrun_uid
        assert request.config.workerinput["workercount"] == int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        assert os.environ["PYTEST_XDIST_TESTRUNUID"] == testrun_uid
    note(worker_id, testrun_uid)


