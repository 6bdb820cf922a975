"""Tests that never end, one of them deaf to signals, with a child."""

import signal
import subprocess
import sys
import time

import pytest


@pytest.mark.parametrize("i", range(8))
def test_before(i):
    assert i != 2


def test_hangs():
    time.sleep(600)


def test_deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with open("child.pid", "w") as file:
        file.write(str(child.pid))
    while True:
        time.sleep(600)


@pytest.mark.parametrize("i", range(8))
def test_after(i):
    pass
