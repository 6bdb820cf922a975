"""Numbers that must not be the same in two workers."""

import os
import random
import secrets
import ssl
import tempfile
import uuid
from pathlib import Path

import pytest


def note(file, *numbers):
    descriptor = os.open(Path(__file__).with_name(file), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (" ".join(map(str, [os.getpid(), *numbers])) + "\n").encode())
    os.close(descriptor)


@pytest.mark.parametrize("i", range(10))
def test_chance(i):
    note("chance.log", random.random(), uuid.uuid4(), secrets.token_hex(8), tempfile.mktemp(), ssl.RAND_bytes(8).hex())


def test_waits():
    import time

    time.sleep(0.2)
