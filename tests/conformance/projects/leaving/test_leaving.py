"""What a process runs when it ends: once for each process that registered it, and never for another's."""

import atexit
import os
import tempfile
import weakref
from pathlib import Path

import pytest

FOLDER = tempfile.TemporaryDirectory(dir=".")
OWNER = os.getpid()


def note(what):
    descriptor = os.open(Path(__file__).with_name("leaving.log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{os.getpid()} {what}\n".encode())
    os.close(descriptor)


atexit.register(lambda: note(f"import {OWNER}"))


class Thing:
    pass


@pytest.mark.parametrize("i", range(10))
def test_folder_is_there(i):
    assert os.path.isdir(FOLDER.name)


def test_registers():
    atexit.register(note, "test")


THING = Thing()


def test_finalizes():
    weakref.finalize(THING, note, "finalized")


def test_folder_is_still_there():
    import time

    time.sleep(0.3)
    assert os.path.isdir(FOLDER.name)
