"""The program itself is started, and answers."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from shares.api import read
from shares.money import spelled

DINNER = {"payer": "ann", "amount": "30.01", "people": ["ann", "bob", "cid"], "day": "2026-03-01"}


@pytest.mark.smoke
def test_it_serves() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "shares.api:app", "--port", str(port), "--log-level", "warning"]
    with subprocess.Popen(command) as program:
        try:
            assert json.loads(answer(f"http://127.0.0.1:{port}/health")) == {"ready": True}
            told = json.loads(answer(f"http://127.0.0.1:{port}/groups/trip/expenses", json.dumps(DINNER).encode()))
            assert told["owed"] == {name: spelled(part) for name, part in read(DINNER).parts().items()}
        finally:
            program.terminate()


def answer(address: str, given: bytes | None = None) -> bytes:
    """Asked again until it is there, for half a minute."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, data=given, timeout=5) as found:
                return bytes(found.read())
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)
