"""Train, write, start the program on what was written, and ask it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from moods import data, registry

ROOT = Path(__file__).parents[2]


@pytest.mark.e2e
def test_a_network_is_trained_and_served(tmp_path: Path) -> None:
    written = tmp_path / "fresh.npz"
    train = [sys.executable, str(ROOT / "scripts" / "train.py"), "--out", str(written), "--rounds", "300"]
    subprocess.run(train, check=True)
    assert registry.read(written).moods == tuple(data.MOODS)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = [sys.executable, "-m", "uvicorn", "moods.api:app", "--port", str(port), "--log-level", "warning"]
    with subprocess.Popen(serve, env={**os.environ, "MOODS_MODEL": str(written)}) as program:
        try:
            assert ask(port, "/health")["ready"] is True
            entries = {"entries": ["Since Monday I have felt nervous and it rained all day."]}
            assert ask(port, "/analyse", entries)[0]["mood"] == "fear"
        finally:
            program.terminate()


@pytest.mark.e2e
def test_it_does_not_serve_without_a_network(tmp_path: Path) -> None:
    serve = [sys.executable, "-m", "uvicorn", "moods.api:app", "--port", "0"]
    environ = {**os.environ, "MOODS_MODEL": str(tmp_path / "none.npz")}
    done = subprocess.run(serve, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "holds no network" in done.stderr


def ask(port: int, path: str, given: object = None) -> Any:
    """Asked again until something listens, for half a minute."""
    body = None if given is None else json.dumps(given).encode()
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=body, timeout=5) as found:
                return json.loads(found.read())
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(path)
