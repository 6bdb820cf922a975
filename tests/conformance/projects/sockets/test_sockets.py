import socket

import pytest


@pytest.mark.disable_socket
def test_refused():
    from pytest_socket import SocketBlockedError

    with pytest.raises(SocketBlockedError):
        socket.socket()


@pytest.mark.disable_socket
def test_fails():
    socket.socket()


@pytest.mark.parametrize("i", range(6))
def test_allowed(i):
    socket.socket().close()


def test_fixture(socket_disabled):
    socket.socket()
