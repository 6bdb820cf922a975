"""The guest of `image` jobs, with an engine that is none (`tests.fakes.engine`)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.guest.penstock_image import UnaskedError, words_of
from tests.fakes.engine import FakeEngine
from tests.fakes.guest_runs import GUEST


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def engine(folder: Path) -> Iterator[Callable[..., FakeEngine]]:
    made: list[FakeEngine] = []

    def make(**wish: Any) -> FakeEngine:
        made.append(FakeEngine(folder / "bin", **wish))
        return made[-1]

    yield make
    for one in made:
        for container in one.containers:
            os.kill(container["pid"], signal.SIGKILL)


def argv(folder: Path, engine: FakeEngine, **options: Any) -> list[str]:
    asked = {"job": "demo/box", "health": "/health", "within": 10.0, **options}
    script = f"{GUEST}/penstock_image.py"
    return [sys.executable, "-I", "-S", script, str(folder / "report.json"), str(engine.program), json.dumps(asked)]


def told(folder: Path, engine: FakeEngine, **options: Any) -> tuple[dict[str, Any], str]:
    """The report, and the log."""
    done = subprocess.run(argv(folder, engine, **options), capture_output=True, text=True, check=True, cwd=folder)
    return json.loads((folder / "report.json").read_text()), done.stdout + done.stderr


def test_an_image_is_built_measured_started_asked_and_its_container_removed(
    folder: Path, engine: Callable[..., FakeEngine]
) -> None:
    docker = engine()
    report, _ = told(folder, docker, port=80, variables=[["MODE", "test"]])
    assert report.keys() == {"measures", "notes"}
    assert report["measures"]["size"] == 190 << 20
    assert report["measures"]["start_s"] < 10
    assert "190 MiB" in report["notes"]["summary"]
    assert "healthy after" in report["notes"]["summary"]
    assert docker.containers == []
    assert list(docker.images.values()) == [report["notes"]["image"]]
    (started,) = docker.calls("run")
    assert {"--publish=127.0.0.1::80", "--env=MODE=test", "--label=penstock.job=demo/box"} <= set(started)


@pytest.mark.slow  # it starts many processes
def test_the_image_of_the_build_before_is_removed_and_the_new_one_stays(
    folder: Path, engine: Callable[..., FakeEngine]
) -> None:
    docker = engine()
    first = told(folder, docker, health="")[0]["notes"]["image"]
    second = told(folder, docker, health="")[0]["notes"]["image"]
    assert ["image", "rm", first] in docker.calls("image")
    assert list(docker.images.values()) == [second]
    assert docker.calls("run") == []


def test_a_build_that_says_no_fails_with_the_line_that_tells_why(
    folder: Path, engine: Callable[..., FakeEngine]
) -> None:
    said = 'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1\nsee above'
    report, log = told(folder, engine(build=said))
    assert report["failed"] == f"the build ended with 1: {said.splitlines()[0]}"
    assert "load build definition" in log
    assert "size" not in report["measures"]


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: failed to solve: failed to resolve source metadata for docker.io/library/python:3.13: no such host",
        "ERROR: write /var/lib/docker/tmp: no space left on device",
    ],
)
def test_a_build_that_could_not_reach_what_it_needs_is_not_verified(
    folder: Path, engine: Callable[..., FakeEngine], said: str
) -> None:
    report, _ = told(folder, engine(build=said))
    assert said in report["problem"]
    assert "failed" not in report


def test_a_build_with_words_that_the_engine_does_not_know_is_not_verified(
    folder: Path, engine: Callable[..., FakeEngine]
) -> None:
    report, _ = told(folder, engine(build="unknown flag: --cache-to\n\nUsage:  docker build"), cache="type=gha")
    assert report["problem"].endswith("unknown flag: --cache-to")
    assert "docker buildx" in report["remedy"]


def test_an_engine_that_went_away_is_not_verified(folder: Path, engine: Callable[..., FakeEngine]) -> None:
    report, _ = told(folder, engine(deaf=True))
    assert "Cannot connect to the Docker daemon" in report["problem"]


def test_what_never_gets_healthy_fails_with_its_last_answer_and_its_log(
    folder: Path, engine: Callable[..., FakeEngine]
) -> None:
    docker = engine(health="/elsewhere")
    report, log = told(folder, docker, within=0.3)
    assert report["failed"].startswith("not healthy within 0.3 s: GET /health")
    assert "the service says: boo" in log
    assert docker.containers == []


def test_a_container_that_dies_is_told_at_once(folder: Path, engine: Callable[..., FakeEngine]) -> None:
    docker = engine(dies=137)
    report, _ = told(folder, docker, within=60)
    assert report["failed"] == "the container ended by itself for want of memory"
    assert docker.containers == []


def test_a_run_that_is_ended_removes_its_container(folder: Path, engine: Callable[..., FakeEngine]) -> None:
    docker = engine(health="/never")
    running = subprocess.Popen(argv(folder, docker, within=60), cwd=folder, stdout=subprocess.DEVNULL)
    _wait(lambda: bool(docker.containers))
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == 128 + signal.SIGTERM
    assert docker.containers == []


@pytest.mark.slow  # the same
def test_what_a_killed_run_left_is_removed_by_the_next_and_what_lives_is_not(
    folder: Path, engine: Callable[..., FakeEngine]
) -> None:
    docker = engine(health="/never")
    killed = subprocess.Popen(argv(folder, docker, within=60), cwd=folder, stdout=subprocess.DEVNULL)
    _wait(lambda: len(docker.containers) == 1)
    living = subprocess.Popen(argv(folder, docker, within=60), cwd=folder, stdout=subprocess.DEVNULL)
    _wait(lambda: len(docker.containers) == 2)
    killed.kill()
    killed.wait()
    docker.wish()
    _, log = told(folder, docker, health="")
    assert log.count("of a run that was killed") == 1
    (left,) = docker.containers
    assert left["labels"]["penstock.owner"].startswith(f"{living.pid}:")
    living.terminate()
    living.wait(10)


def _wait(happened: Callable[[], bool]) -> None:
    """Until it has. A test that waits in vain fails."""
    for _ in range(1000):
        if happened():
            return
        time.sleep(0.01)
    pytest.fail("it never happened")


def test_the_words_of_a_build() -> None:
    asked = {"file": "docker/App", "context": "app", "target": "slim", "arguments": [["V", "1"]]}
    assert words_of(asked, "t", "id", podman=False) == [
        *("--file", "docker/App", "--tag", "t", "--iidfile", "id", "--target", "slim", "--build-arg", "V=1", "app"),
    ]


@pytest.mark.parametrize(
    ("cache", "podman", "words"),
    [
        ("type=gha", False, ["--load", "--cache-from", "type=gha", "--cache-to", "type=gha,mode=max"]),
        (
            "type=gha,mode=min",
            False,
            ["--load", "--cache-from", "type=gha,mode=min", "--cache-to", "type=gha,mode=min"],
        ),
        (
            "/layers",
            False,
            ["--load", "--cache-from", "type=local,src=/layers", "--cache-to", "type=local,dest=/layers,mode=max"],
        ),
        ("type=registry,ref=r.io/c", True, ["--layers", "--cache-from", "r.io/c", "--cache-to", "r.io/c"]),
    ],
)
def test_the_words_of_a_layer_cache(cache: str, *, podman: bool, words: list[str]) -> None:
    assert words_of({"cache": cache}, "t", "id", podman=podman)[6:-1] == words


def test_a_cache_that_podman_cannot_keep_is_refused() -> None:
    with pytest.raises(UnaskedError, match="in a registry only"):
        words_of({"cache": "type=gha"}, "t", "id", podman=True)
