"""A model that is loaded and asked in a process of its own: what is measured, and every way to fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest.penstock_infer import StopError, asking, infinite, question
from penstock.guest.penstock_model import heard_of
from tests.fakes.guest_runs import GUEST, write

APP = """
import os, sys, time

class Model:
    def predict(self, x):
        return [x["n"] * 2.0]

def load(): return Model()
def nothing(): return None
def sample(): return {"n": 3}
def check(output): return output == [6.0]
def never(output): return False
def blank(model, x): return None
def nan(model, x): return {"scores": [1.0, float("nan")]}
def wrong(model, x): raise ValueError("no such shape")
def leave(model, x): sys.exit(0)
def vanish(model, x): os._exit(0)
def crash(): os.abort()
def large():
    Model.weights = bytearray(os.urandom(1) * (64 << 20))
    return Model()
ready = Model()
"""
FILES = {"app/__init__.py": "", "app/model.py": APP, "one.json": '{"n": 3}', "bad.json": "{"}


def asked(tmp_path: Path, **table: Any) -> dict[str, Any]:
    root = write(tmp_path / "p", FILES)
    report = tmp_path / "model.json"
    words = [sys.executable, "-S", f"{GUEST}/penstock_model.py", str(report), json.dumps(table)]
    subprocess.run(words, cwd=root, capture_output=True, check=True)
    told: dict[str, Any] = json.loads(report.read_text())
    return told


def test_every_step_is_measured(tmp_path: Path) -> None:
    told = asked(tmp_path, load="app.model:large", input="one.json", check="app.model:check")
    measures = told["measures"]
    assert {"import_time", "load_time", "first", "p50", "p95", "max", "time", "memory"} <= set(measures)
    assert measures["runs"] == 20
    assert measures["memory"] > 64 << 20
    assert measures["memory_load"] > measures["memory_import"] + (60 << 20)
    assert measures["time"] > measures["import_time"] + measures["load_time"] + measures["first"]
    assert told["notes"]["summary"].startswith("load ")


@pytest.mark.parametrize(
    "table",
    [
        {"load": "app/model.py:load", "input": "app/model.py:sample"},
        {"load": "app.model:ready", "input": "app.model:sample", "runs": 1},
        {"load": "app.model:nothing", "infer": "app.model:sample", "output": "finite"},
        {"load": "app.model:ready", "infer": "app.model:Model.predict", "input": "one.json"},
    ],
)
def test_a_model_can_be_named_in_many_ways(tmp_path: Path, table: dict[str, Any]) -> None:
    told = asked(tmp_path, **table)
    assert "failed" not in told
    assert told["measures"]["runs"] == table.get("runs", 20)
    assert ("absent:p95" in told["notes"]) == ("runs" in table)


def test_an_inference_that_returns_nothing_is_told(tmp_path: Path) -> None:
    told = asked(tmp_path, load="app.model:load", infer="app.model:blank", input="one.json")
    assert told["notes"]["summary"].endswith("it returned None: nothing to look at")


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"load": "app.modle:load"}, "the import raised ModuleNotFoundError: No module named 'app.modle'"),
        ({"load": "app.model:laod"}, "the import raised AttributeError: module 'app.model' has no attribute 'laod'"),
        ({"load": "app.model:sample"}, "nothing can be asked: a dict has no `predict`, and is no function"),
        ({"load": "app.model:crash"}, "the process was ended by SIGABRT during the load"),
        ({"infer": "app.model:wrong"}, "the first inference raised ValueError: no such shape (app/model.py:"),
        ({"infer": "app.model:leave"}, "the first inference raised SystemExit: 0"),
        ({"infer": "app.model:vanish"}, "the process ended with exit code 0 during the first inference"),
        ({"infer": "app.model:blank", "output": "value"}, "an inference returned None"),
        ({"infer": "app.model:nan", "output": "finite"}, "an inference returned a number that is NaN or infinite"),
        ({"check": "app.model:never"}, "app.model:never says no to [6.0]"),
    ],
)
def test_a_model_that_does_not_do_as_it_should_is_a_no_with_its_reason(
    tmp_path: Path, table: dict[str, Any], why: str
) -> None:
    told = asked(tmp_path, **{"load": "app.model:load", "input": "one.json", **table})
    assert why in told["failed"]


def test_an_input_that_cannot_be_read_could_not_be_asked(tmp_path: Path) -> None:
    assert "bad.json cannot be read" in asked(tmp_path, load="app.model:load", input="bad.json")["problem"]


def test_a_command_is_measured_from_outside(tmp_path: Path) -> None:
    code = "import os, subprocess, sys; b = bytearray(os.urandom(1) * (40 << 20)); subprocess.run(['sleep', '0.3'])"
    told = asked(tmp_path, command=[sys.executable, "-S", "-c", code])
    assert set(told["measures"]) == {"time", "memory"}
    assert told["measures"]["memory"] > 40 << 20
    assert told["measures"]["time"] >= 0.3
    assert asked(tmp_path, command=[sys.executable, "-c", "1/0"])["failed"] == "the command ended with exit code 1"
    assert "could not be started" in asked(tmp_path, command=["no-such-program"])["problem"]


class Array:
    """What arrays of every library can do."""

    def __init__(self, *content: float) -> None:
        self._content = content

    def tolist(self) -> list[float]:
        return list(self._content)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, False),
        ("nan", False),
        (float("inf"), True),
        (complex(0, float("nan")), True),
        ({"a": [1, (2.0, float("nan"))]}, True),
        (Array(1.0, float("-inf")), True),
        ([Array(1.0), {"b": 2}], False),
    ],
)
def test_numbers_that_are_none_are_found_wherever_they_stand(value: object, expected: bool) -> None:  # noqa: FBT001
    assert infinite(value) is expected


def test_a_model_is_asked_with_what_there_is(tmp_path: Path) -> None:
    assert asking(None, lambda x: x + 1)(1) == 2
    assert asking(10, lambda model, x: model + x)(1) == 11
    assert asking(lambda x: -x, None)(1) == -1
    (tmp_path / "a.txt").write_text("ü", encoding="utf-8")
    (tmp_path / "a.bin").write_bytes(b"\xff")
    assert question(str(tmp_path / "a.txt")) == ["ü"]
    assert question(str(tmp_path / "a.bin")) == [b"\xff"]
    assert question("") == []
    with pytest.raises(StopError, match="cannot be read"):
        question(str(tmp_path / "none.bin"))


def test_a_line_that_was_cut_is_none(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text('{"import": [1.0, 2.0]}\n{"load": [1.')
    assert heard_of(str(tmp_path / "lines")) == {"import": [1.0, 2.0]}
