"""`http`, `model` and `metric` jobs on a project with a real framework, a real server and a real load generator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.guest import shim
from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock

pytestmark = pytest.mark.slow  # a framework, numpy and locust are fetched

PROJECT = """
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["starlette", "uvicorn", "numpy"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

"""
APP = """
import asyncio, os
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from demo import model

LOADED = model.load()
SEEN = {"n": 0}

async def health(request): return JSONResponse({"ready": True})
async def predict(request):
    sent = await request.json()
    return JSONResponse({"label": model.predict(LOADED, sent["x"])})
async def slow(request):
    await asyncio.sleep(0.05)
    return JSONResponse({})
async def flaky(request):
    SEEN["n"] += 1
    return JSONResponse({}, status_code=500 if SEEN["n"] % 10 == 5 else 200)
async def mortal(request):
    SEEN["n"] += 1
    if SEEN["n"] > 30:
        os._exit(9)
    return JSONResponse({})

app = Starlette(routes=[
    Route("/health", health), Route("/predict", predict, methods=["POST"]), Route("/slow", slow),
    Route("/flaky", flaky), Route("/mortal", mortal),
])
"""
MODEL = """
import numpy

def load(): return numpy.array([1.0, -1.0])
def predict(model, x): return "up" if float(model @ numpy.array(x)) > 0 else "down"
def scores(model, x): return numpy.array(x) / numpy.array([0.0, 1.0])
def check(output): return output == "up"
"""
SCORE = """
import json, pathlib
pathlib.Path("score.json").write_text(json.dumps({"adversarial": {"pass_rate": 62.5, "weak": 31.0}}))
"""
FILES = {
    "src/demo/__init__.py": "",
    "src/demo/app.py": APP,
    "src/demo/model.py": MODEL,
    "src/demo/score.py": SCORE,
    "one.json": "[3.0, 1.0]",
    ".gitignore": "score.json\n",
}
SERVE = 'start = "uvicorn demo.app:app --port {port} --log-level warning"\nwait = "/health"'
SCORED = """
[tool.penstock.jobs]
score = { run = "python -m demo.score", outputs = ["score.json"] }
"""
GREEN = f"""{SCORED}
[tool.penstock.jobs.robust]
metric = {{ file = "score.json", value = "adversarial.pass_rate", min = 40, unit = "%" }}
needs = ["score"]
[tool.penstock.jobs.api.http]
{SERVE}
calls = ["GET /health", {{ method = "POST", path = "/predict", json = {{ x = [2.0, 1.0] }}, contains = "up" }}]
clients = 4
requests = 600
p95 = "2s"
p99 = "5s"
target = "500ms"
throughput = 5
[tool.penstock.jobs.weights.model]
load = "demo.model:load"
infer = "demo.model:predict"
input = "one.json"
check = "demo.model:check"
output = "value"
p95 = "500ms"
load_time = "10s"
memory = "2GiB"
"""
RED = f"""{SCORED}
weak = {{ metric = {{ file = "score.json", value = "adversarial.weak", min = 40, unit = "%" }}, needs = ["score"] }}
nan = {{ model = {{ load = "demo.model:load", infer = "demo.model:scores", input = "one.json", output = "finite" }} }}
large = {{ model = {{ load = "demo.model:load", infer = "demo.model:predict", input = "one.json", memory = "1MiB" }} }}
[tool.penstock.jobs.never.http]
start = "uvicorn demo.app:app --port {{port}}"
wait = "/nothing"
within = "3s"
calls = ["GET /health"]
[tool.penstock.jobs.wrong.http]
{SERVE}
calls = [{{ path = "/predict", status = 200 }}]
[tool.penstock.jobs.slow.http]
{SERVE}
calls = ["GET /slow"]
requests = 100
p95 = "10ms"
[tool.penstock.jobs.flaky.http]
{SERVE}
calls = ["GET /flaky"]
requests = 100
[tool.penstock.jobs.mortal.http]
{SERVE}
calls = ["GET /mortal"]
requests = 1000
"""


def run(root: Path, jobs: str) -> tuple[Done, dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """What it said; the jobs by name; the checks by job and name."""
    write(root, FILES | {"pyproject.toml": PROJECT + jobs})
    done = penstock(root, "run", "--json", str(root.parent / "run.json"))
    told = json.loads((root.parent / "run.json").read_text())
    left = [pid for pid in shim.processes() if b"demo.app:app" in shim.read_file(f"/proc/{pid}/cmdline")]
    assert left == []
    jobs_by_name = {each["id"].partition("@")[0]: each for each in told["jobs"]}
    checks = {f"{(each['job'] or '').partition('@')[0]} {each['name']}": each for each in told["checks"]}
    return done, jobs_by_name, checks


def test_a_service_a_model_and_a_number_within_their_limits_are_green(tmp_path: Path) -> None:
    done, jobs, checks = run(tmp_path / "p", GREEN)
    assert done.code == 0, done.out + done.err
    measures = jobs["api"]["measures"]
    assert measures["requests"] == 600
    assert measures["errors"] == 0
    assert 0 < measures["p50"] <= measures["p95"] <= measures["p99"] <= measures["max"] < 5
    assert measures["throughput"] > 5
    assert measures["start"] > 0
    assert checks["api http.p99"]["number"] == measures["p99"]
    assert jobs["weights"]["measures"]["memory"] > 10 << 20
    assert checks["robust metric.min"]["number"] == 62.5
    assert "600 requests, " in done.out
    again, cached, checks = run(tmp_path / "p", GREEN)
    assert again.code == 0
    assert {name for name, job in cached.items() if job["cached_from"]} == {"score", "api", "weights"}
    assert checks["robust metric.min"]["number"] == 62.5


def test_every_failure_has_its_reason(tmp_path: Path) -> None:
    done, jobs, checks = run(tmp_path / "p", RED)
    assert done.code == 1
    reasons = {name: job["reason"] for name, job in jobs.items()}
    assert "was not ready within 3 s: GET /nothing: it answered 404" in reasons["never"]
    assert "GET /predict: it answered 405, not 200" in reasons["wrong"]
    assert "the service ended with exit code 9 under load" in reasons["mortal"]
    assert "a number that is NaN or infinite" in reasons["nan"]
    failed = {name for name, check in checks.items() if check["status"] == "failed"}
    assert {"slow http.p95", "flaky http.errors", "large model.memory", "weak metric.min"} <= failed
    assert "weak  " in done.out
