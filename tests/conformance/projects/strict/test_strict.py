"""Every warning is an error here: what the engine does in the project's process must not warn."""

import threading
import time
import warnings

import pytest


@pytest.mark.parametrize("i", range(10))
def test_quiet(i):
    time.sleep(0.005)


def test_warns():
    warnings.warn("old", DeprecationWarning, stacklevel=1)


def test_allowed():
    with pytest.warns(UserWarning):
        warnings.warn("fine", stacklevel=1)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_ignored():
    warnings.warn("ignored", stacklevel=1)


def test_leaks_a_file(tmp_path):
    open(tmp_path / "x", "w")


def test_thread_fails():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
