"""What a server has to say to count as healthy, protocol by protocol, against a server that says what it is told to."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from penstock.guest import penstock_health, penstock_ports

GREETING = b"\x4a\x00\x00\x00\x0a11.4.2-MariaDB\x00"
REFUSAL = b"\x17\x00\x00\x00\xff\x10\x04Too many connections"
STARTING = b"E\x00\x00\x00\x58SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
NO_SUCH_USER = b"E\x00\x00\x00\x58SFATAL\0VFATAL\0C28000\0Mrole does not exist\0\0"


class Parrot:
    """Listens, and says one thing to whoever comes."""

    def __init__(self, says: bytes, *, first: bool) -> None:
        self.heard = b""
        self._says, self._first = says, first
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def _talk(self) -> None:
        stream, _ = self._socket.accept()
        with stream:
            if not self._first:
                self.heard = stream.recv(4096)
            stream.sendall(self._says)

    def close(self) -> None:
        self._socket.close()
        self._thread.join(5.0)


@pytest.mark.parametrize(
    ("kind", "says", "heard", "why"),
    [
        ("redis", b"+PONG\r\n", b"PING", ""),
        ("redis", b"-NOAUTH Authentication required.\r\n", b"PING", ""),
        ("redis", b"-LOADING Redis is loading the dataset in memory\r\n", b"PING", "LOADING"),
        ("redis", b"HTTP/1.1 400 Bad Request\r\n", b"PING", "HTTP"),
        ("redis", b"", b"PING", "nothing"),
        ("memcached", b"VERSION 1.6.18\r\n", b"version", ""),
        ("memcached", b"ERROR\r\n", b"version", "ERROR"),
        ("postgres", b"R\x00\x00\x00\x08\x00\x00\x00\x00", b"user\0postgres", ""),
        ("postgres", NO_SUCH_USER, b"user\0postgres", ""),
        ("postgres", STARTING, b"user\0postgres", "starting up"),
        ("postgres", b"HTTP/1.1 400", b"user\0postgres", "HTTP"),
        ("mysql", GREETING, b"", ""),
        ("mysql", REFUSAL, b"", "it said"),
        ("http", b"HTTP/1.1 204 No Content\r\n\r\n", b"GET /up HTTP/1.1\r\nHost: 127.0.0.1:", ""),
        ("http", b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"GET /up ", "503"),
        ("http", b"+PONG\r\n", b"GET /up ", "PONG"),
    ],
)
def test_only_the_right_answer_is_healthy(kind: str, says: bytes, heard: bytes, why: str) -> None:
    parrot = Parrot(says, first=kind == "mysql")
    said = penstock_health.ask(kind, ["/up"] if kind == "http" else [], "127.0.0.1", parrot.port, 5.0)
    parrot.close()
    assert heard in parrot.heard
    assert (why in said) if why else (said == "")


def test_an_open_port_is_healthy_where_nothing_else_is_asked_and_a_closed_one_is_not() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert penstock_health.ask("tcp", [], "127.0.0.1", port, 5.0) == ""
    assert "refused" in penstock_health.ask("tcp", [], "127.0.0.1", port, 5.0)


def test_a_command_is_healthy_when_it_ends_with_0() -> None:
    assert penstock_health.ask("command", ["true"], "", 0, 5.0) == ""
    told = penstock_health.ask("command", ["sh", "-c", "echo not yet; exit 2"], "", 0, 5.0)
    assert told == "sh ended with 2: not yet"
    assert "could not be started" in penstock_health.ask("command", ["no-such-program"], "", 0, 5.0)
    assert "did not end within" in penstock_health.ask("command", ["sleep", "60"], "", 0, 0.05)


@pytest.fixture
def stranger() -> Iterator[tuple[int, int]]:
    """A port that a process which is no child of ours holds, as far as the question goes: (port, its pid)."""
    code = (
        "import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); "
        "print(s.getsockname()[1], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid
        process.communicate(timeout=10)


def test_a_port_belongs_to_who_listens_and_to_those_above_it(stranger: tuple[int, int]) -> None:
    port, pid = stranger
    with subprocess.Popen(["sleep", "60"]) as other:
        assert not penstock_ports.belongs(port, other.pid)
        other.kill()
    assert not penstock_ports.is_free("127.0.0.1", port)
    assert f"(process {pid})" in penstock_ports.holder(port)


def test_a_free_port_is_free() -> None:
    port = penstock_ports.free("127.0.0.1")
    assert penstock_ports.is_free("127.0.0.1", port)
    assert penstock_ports.holder(port) == ""
