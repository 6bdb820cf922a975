"""Asks a server whether it is healthy, in its own protocol. Standard library, Python >= 3.9.

A port that is open tells little: Redis that loads, PostgreSQL that recovers and a proxy without its backend all listen.
"""

from __future__ import annotations

import socket
import struct
import subprocess
from collections.abc import Callable

_WAIT_S = 2.0  # for one answer
_COMMAND_S = 10.0
_STARTING_UP = b"C57P03\0"  # cannot_connect_now, the one error of PostgreSQL that means "not yet"
_GREETING = 10  # the protocol's version, first byte of what MySQL and MariaDB say


def ask(kind: str, words: list[str], host: str, port: int, left_s: float) -> str:
    """Why the server is not healthy, in words; "" if it is. `left_s`: how long the answer may take at most.

    `kind`: "command" with its argv, "http" with a path, "tcp" (it takes connections), or a protocol of `_ASK`.
    """
    if kind == "command":
        return _command(words, min(left_s, _COMMAND_S))
    try:
        with socket.create_connection((host, port), timeout=min(left_s, _WAIT_S)) as stream:
            if kind == "http":
                return _http(stream, words[0] if words else "/")
            return _ASK[kind](stream) if kind in _ASK else ""
    except OSError as error:
        return f"{host}:{port}: {error.strerror or error}"


def _command(argv: list[str], limit_s: float) -> str:
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{argv[0]} did not end within {limit_s:g} s"
    except OSError as error:
        return f"{argv[0]} could not be started: {error.strerror}"
    if done.returncode == 0:
        return ""
    last = done.stdout.decode("utf-8", "replace").strip().splitlines()[-1:]
    return ": ".join([f"{argv[0]} ended with {done.returncode}", *last])


def _redis(stream: socket.socket) -> str:
    stream.sendall(b"PING\r\n")
    said = stream.recv(256)
    # One that wants a password has told that it serves; one that loads its data has told that it does not yet.
    return "" if said.startswith((b"+PONG", b"-NOAUTH")) else _unlike("PING", said)


def _memcached(stream: socket.socket) -> str:
    stream.sendall(b"version\r\n")
    said = stream.recv(256)
    return "" if said.startswith(b"VERSION ") else _unlike("version", said)


def _postgres(stream: socket.socket) -> str:
    """As pg_isready does: whoever answers a start of the protocol takes connections, unless it says "starting up"."""
    parameters = b"user\0postgres\0database\0postgres\0\0"
    stream.sendall(struct.pack("!ii", 8 + len(parameters), 3 << 16) + parameters)
    said = stream.recv(1024)
    if said[:1] == b"R" or (said[:1] == b"E" and _STARTING_UP not in said):
        return ""
    return "it is starting up" if said[:1] == b"E" else _unlike("the start of a connection", said)


def _mysql(stream: socket.socket) -> str:
    said = stream.recv(256)
    return "" if len(said) > 4 and said[4] == _GREETING else _unlike("a connection", said)


def _http(stream: socket.socket, path: str) -> str:
    host, port = stream.getpeername()[:2]
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
    with stream.makefile("rb") as answer:
        line = answer.readline(1024)
    parts = line.split()
    if len(parts) >= 2 and line.startswith(b"HTTP/") and parts[1][:1] == b"2" and len(parts[1]) == 3:
        return ""
    return _unlike(f"GET {path}", line.strip())


def _unlike(question: str, said: bytes) -> str:
    return (
        f"to {question} it said {said[:80].decode('utf-8', 'replace')!r}" if said else f"it said nothing to {question}"
    )


_ASK: dict[str, Callable[[socket.socket], str]] = {
    "redis": _redis,
    "memcached": _memcached,
    "postgres": _postgres,
    "mysql": _mysql,
}
