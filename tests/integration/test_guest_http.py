"""A service that is started, asked, and ended: every way to fail, with a real process each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest import shim
from penstock.guest.penstock_calls import wrong
from penstock.guest.penstock_http import UnaskedError, address
from tests.fakes.guest_runs import GUEST

SERVICE = str(Path(__file__).parents[1] / "fakes" / "http_service.py")
MARK = "PENSTOCK_TEST_OF_HTTP"


def asked(tmp_path: Path, *habits: str, calls: tuple[Any, ...] = ("/predict",), **options: Any) -> dict[str, Any]:
    """The report of a job that starts the service with these habits. Afterwards nothing of it runs."""
    table = {
        "start": [sys.executable, "-S", SERVICE, "{port}", *habits],
        "wait": "/health",
        "calls": [json.dumps({"path": call} if isinstance(call, str) else call) for call in calls],
        **options,
    }
    python = table.pop("python", "")
    report = tmp_path / "http.json"
    mark = f"{MARK}={tmp_path}"
    done = subprocess.run(
        [
            sys.executable,
            "-S",
            f"{GUEST}/penstock_http.py",
            str(report),
            json.dumps(table),
            *([python] if python else []),
        ],
        env={**os.environ, MARK: str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    left = [pid for pid in shim.processes() if mark.encode() in shim.read_file(f"/proc/{pid}/environ").split(b"\0")]
    assert left == []
    told: dict[str, Any] = json.loads(report.read_text())
    return told | {"output": done.stdout}


def test_a_service_that_does_as_it_should(tmp_path: Path) -> None:
    echo = {"method": "POST", "path": "/x", "json": {"x": "ü"}, "headers": [["X-Mark", "7"]], "status": 201}
    told = asked(
        tmp_path, "late", calls=("/predict?x=1", echo | {"contains": '"mark": "7"'}, {"path": "/moved", "status": 302})
    )
    assert told["measures"]["start"] >= 0.3
    assert (told["measures"]["requests"], told["measures"]["errors"]) == (3, 0)
    assert told["notes"]["summary"] == "3 calls answered"
    log = (tmp_path / "service.log").read_text()
    assert log.startswith("listening, PORT is ")
    assert log.split()[-1].isdecimal()


@pytest.mark.parametrize(
    ("habits", "options", "why"),
    [
        (("never",), {"within": 2.0}, "was not ready within 2 s: GET /health: it answered 503"),
        (("mortal",), {"wait": "/nothing"}, "the service ended with exit code 7 before it answered GET /nothing"),
        ((), {"calls": ("/nothing",)}, "GET /nothing: it answered 404: {"),
        ((), {"calls": ({"path": "/predict", "contains": "dog"},)}, "its answer has no `dog` in it"),
        ((), {"calls": ({"path": "/predict", "status": 204},)}, "it answered 200, not 204"),
        (("slow",), {"request_timeout": 0.01}, "GET /predict: no answer: timed out"),
    ],
)
def test_a_service_that_does_not_is_a_no_with_its_reason_and_its_last_lines(
    tmp_path: Path, habits: tuple[str, ...], options: dict[str, Any], why: str
) -> None:
    told = asked(tmp_path, *habits, **options)
    assert why in told["failed"]
    assert "The service's last lines:\nlistening" in told["output"]


def test_a_command_that_is_not_there_could_not_be_asked(tmp_path: Path) -> None:
    told = asked(tmp_path, start=["no-such-program"])
    assert told["problem"] == "no-such-program could not be started: No such file or directory"
    assert told["remedy"]


def test_what_would_not_end_is_killed_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "guest"
    copy.mkdir()
    for name in ("penstock_http", "penstock_calls", "penstock_ports", "penstock_served", "shim"):
        text = Path(GUEST, f"{name}.py").read_text().replace("GRACE_S = 10.0", "GRACE_S = 0.3")
        (copy / f"{name}.py").write_text(text)
    monkeypatch.setattr(f"{__name__}.GUEST", str(copy))
    told = asked(tmp_path, "deaf", "child")
    assert told["notes"]["ended"].startswith("killed: it did not end within 0.3 s of TERM: ")
    assert "time.sleep(60)" in told["notes"]["ended"]
    assert "failed" not in told


def test_a_load_generator_that_cannot_run_is_no_measurement(tmp_path: Path) -> None:
    told = asked(tmp_path, python=sys.executable, duration=0.1)
    assert told["problem"] == "the load generator ended with exit code 1, and left no report"


def test_a_service_elsewhere_is_named_by_a_variable_of_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_URL", "http://127.0.0.1:8000")
    assert address({"url": "{API_URL}/v1"}, 9) == "http://127.0.0.1:8000/v1"
    assert address({}, 9) == "http://127.0.0.1:9"
    with pytest.raises(UnaskedError, match="the job has no variable OTHER_URL"):
        address({"url": "{OTHER_URL}"}, 9)


def test_any_good_status_is_an_answer_unless_one_is_named() -> None:
    assert [wrong({}, status, b"") for status in (200, 204, 302)] == ["", "", "it answered 302"]
    assert wrong({"status": 404}, 404, b"") == ""
