"""`http` jobs that ask a service of the pipeline: `url = "{API_URL}"`, which the service exports."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock

SERVER = str(Path(__file__).parents[2] / "fakes" / "http_service.py")
SERVICE = f"""
[services.api]
command = {json.dumps([sys.executable, "-S", SERVER, "{port}"])}
shared = true
health = "/health"
exports = {{ API_URL = "http://{{host}}:{{port}}" }}
"""
ASKS = 'url = "{API_URL}", wait = "/health"'


def run(root: Path, jobs: str) -> tuple[Done, dict[str, dict[str, Any]]]:
    """What it said; the jobs by name."""
    write(root, {"penstock.toml": f"[jobs]\n{jobs}\n{SERVICE}"})
    done = penstock(root, "run", "--json", str(root.parent / "run.json"))
    return done, {job["id"]: job for job in json.loads((root.parent / "run.json").read_text())["jobs"]}


def served(root: Path) -> bytes:
    """What the shared service wrote; no job has one of its own."""
    assert list(root.glob(".penstock/runs/*/jobs/*/services/*.log")) == []
    (log,) = root.glob(".penstock/runs/*/services/api.log")
    return log.read_bytes()


def test_several_jobs_ask_one_shared_service_where_it_says_it_is(tmp_path: Path) -> None:
    jobs = f"""
    one = {{ http = {{ {ASKS}, calls = ["GET /predict"] }}, services = ["api"] }}
    two = {{ http = {{ {ASKS}, calls = ["GET /predict?x=1", "GET /health"] }}, services = ["api"] }}
    red = {{ http = {{ {ASKS}, calls = ["GET /nothing"] }}, services = ["api"] }}
    lost = {{ http = {{ url = "{{OTHER_URL}}", calls = ["GET /predict"] }}, services = ["api"] }}
    """
    done, told = run(tmp_path / "p", jobs)
    assert done.code == 1, done
    outcomes = {name: job["outcome"] for name, job in told.items()}
    assert outcomes == {"one": "passed", "two": "passed", "red": "failed", "lost": "errored"}
    assert told["two"]["measures"]["requests"] == 2
    assert "start" not in told["one"]["measures"], "the time of the service's start is not that of its calls"
    assert "GET /nothing: it answered 404" in told["red"]["reason"]
    assert told["lost"]["reason"] == "the job has no variable OTHER_URL, which its `url` names"
    assert "let a service of the job export it" in told["lost"]["notes"]["remedy"]
    assert served(tmp_path / "p").count(b"listening") == 1


def test_green_is_green(tmp_path: Path) -> None:
    jobs = f'one = {{ http = {{ {ASKS}, calls = ["GET /predict"] }}, services = ["api"] }}'
    done, told = run(tmp_path / "p", jobs)
    assert (done.code, told["one"]["notes"]["summary"]) == (0, "1 call answered"), done


@pytest.mark.slow  # locust is fetched
def test_a_shared_service_is_measured_under_load(tmp_path: Path) -> None:
    load = 'requests = 200, clients = 4, p95 = "5s"'
    jobs = f'load = {{ http = {{ {ASKS}, calls = ["GET /predict"], {load} }}, services = ["api"] }}'
    done, told = run(tmp_path / "p", jobs)
    assert done.code == 0, done
    assert (told["load"]["measures"]["requests"], told["load"]["measures"]["errors"]) == (200, 0)
    assert served(tmp_path / "p").count(b"listening") == 1
