"""The witness: after penstock has had its say on a test, its id goes into a file that penstock does not know."""

import os

import pytest


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish(nodeid):
    truth = os.environ.get("KILN_TRUTH") or os.path.join(os.path.dirname(__file__), "..", ".truth")
    descriptor = os.open(truth, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(descriptor, (nodeid + "\n").encode())
    os.close(descriptor)
