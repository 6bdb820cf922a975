"""A small server and its bad habits: `python -I -S servers.py HABIT MARK PORT FOLDER`. Every request gets `200 OK`.

MARK stands in its argv, so that it is found among all processes. Standard library only, quick to start.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time


def serve(port: int, *, seconds: float = 86400.0) -> None:
    """Answer for so long."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(16)
        print("serving", flush=True)
        limit = time.monotonic() + seconds
        while (left_s := limit - time.monotonic()) > 0:
            listener.settimeout(left_s)
            try:
                stream, _ = listener.accept()
            except TimeoutError:
                return
            with stream:
                stream.settimeout(2.0)
                if stream.recv(4096):
                    stream.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nyes")


def short_lived(port: int) -> None:
    """Dies while it is needed."""
    serve(port, seconds=1.0)
    print("out of luck", flush=True)
    os._exit(7)


def silent(port: int) -> None:
    """Is never up."""
    print("thinking about it", flush=True)
    time.sleep(86400)


def stillborn(port: int) -> None:
    """Ends before it is up."""
    print("no such database", flush=True)
    sys.exit(3)


def daemon(port: int) -> None:
    """Goes into the background."""
    if os.fork() == 0:
        os.setsid()
        serve(port)


def deaf(port: int) -> None:
    """Does not end when it is told to, nor does its child."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        time.sleep(86400)
    serve(port)


def slow(port: int) -> None:
    """Needs a while to stop."""

    def stop(_number: int, _frame: object) -> None:
        print("stopping", flush=True)
        time.sleep(float(os.environ.get("SLOW_S", "3")))
        print("stopped", flush=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    serve(port)


def flood(port: int) -> None:
    """Writes as many MiB as FLOOD_MIB says, while it serves."""
    if os.fork() == 0:
        chunk = b"0123456789abcde\n" * (1 << 16)
        for _ in range(int(os.environ.get("FLOOD_MIB", "8"))):
            os.write(1, chunk)
        os._exit(0)
    serve(port)


def untidy(port: int) -> None:
    """Leaves a socket file behind."""
    left = socket.socket(socket.AF_UNIX)
    left.bind(f"{sys.argv[4]}/left.sock")
    left.listen()
    serve(port)


HABITS = {
    "good": serve,
    "short-lived": short_lived,
    "silent": silent,
    "stillborn": stillborn,
    "daemon": daemon,
    "deaf": deaf,
    "slow": slow,
    "flood": flood,
    "untidy": untidy,
}

if __name__ == "__main__":
    HABITS[sys.argv[1]](int(sys.argv[3]))
