"""A pair of sockets that is opened while the file is imported; what one process sends, another must not read."""

import os
import socket

import pytest

A, B = socket.socketpair()


@pytest.mark.parametrize("i", range(200))
def test_talks(i):
    message = b"%08d%08d" % (os.getpid(), i)
    A.send(message)
    assert B.recv(16) == message
