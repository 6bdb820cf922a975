import subprocess
import sys
import time

import pytest

from kiln import fire


@pytest.mark.parametrize("clay", range(60))
def test_fire(clay):
    time.sleep(0.005)
    assert fire(clay) == 2 * clay


def test_a_child_that_lasts():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.3)"])
    assert child.wait() == 0


def test_a_child_that_outlives_us():
    subprocess.Popen(["sleep", "600"], start_new_session=True)
