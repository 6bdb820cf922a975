"""A thread that is started while the file is imported, and serves the tests."""

import queue
import threading

import pytest

ASKED, ANSWERED = queue.Queue(), queue.Queue()


def serve():
    while True:
        ANSWERED.put(ASKED.get() * 2)


THREAD = threading.Thread(target=serve, daemon=True)
THREAD.start()


@pytest.mark.parametrize("i", range(20))
def test_is_served(i):
    ASKED.put(i)
    assert ANSWERED.get(timeout=5) == 2 * i
    assert THREAD.is_alive()
