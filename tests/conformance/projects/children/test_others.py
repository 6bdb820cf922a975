import threading

import pytest


@pytest.mark.parametrize("i", range(5))
def test_threads(i):
    found = []
    thread = threading.Thread(target=found.append, args=(i,))
    thread.start()
    thread.join()
    assert found == [i]
