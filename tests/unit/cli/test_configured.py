"""What `penstock test` takes from the configuration, and what of the command line comes before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.cli import configured
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings
from penstock.errors import ConfigurationError, StateError
from penstock.model.pipeline import Quarantine
from penstock.tools.guests import EngineSettings
from penstock.util.clock import SystemClock
from tests.fakes.processes import FakeProcesses

CONFIGURATION = """
[jobs]
unit = { test = "tests/unit", test_timeout = "2s", retries = 1 }
slow = { test = "tests/slow", test_timeout = "60s", retries = 1 }
[[quarantine]]
test = "tests/unit/test_a.py::*"
owner = "ops"
reason = "issue 12"
until = 2099-01-01
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("unit", "slow"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
    (tmp_path / "penstock.toml").write_text(CONFIGURATION)
    return tmp_path


def engine(
    root: Path, *words: str, folder: str = ".", timeout_s: float | None = None, retries: int | None = None
) -> tuple[EngineSettings, tuple[Quarantine, ...]]:
    out = Out(quiet=False, no_color=True)
    surroundings = Surroundings(root, root / ".penstock", {}, FakeProcesses(), SystemClock(), out)
    typed = configured.Typed((root / folder).resolve(), words, timeout_s, retries)
    return configured.engine(surroundings, typed, EngineSettings(workers=2, start="fork"), ("tests/unit/test_b.py",))


def test_what_the_meant_job_declares(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, (entry,) = engine(root, "tests/unit/../unit", "-k", "x" * 5000)
    assert (settings.timeout_s, settings.retries, settings.workers, settings.start) == (2.0, 1, 2, "fork")
    assert settings.quarantined == (entry.test,)
    assert settings.edited == ("tests/unit/test_b.py",)
    assert engine(root, folder="tests/slow")[0].timeout_s == 60.0
    assert capsys.readouterr().err == ""


def test_the_command_line_comes_first(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, _ = engine(root, timeout_s=5.0, retries=0)
    assert (settings.timeout_s, settings.retries) == (5.0, 0)
    assert capsys.readouterr().err == ""


def test_what_jobs_do_not_agree_on_is_left_out_and_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, _ = engine(root)
    assert (settings.timeout_s, settings.retries) == (None, 1)
    note = "test_timeout: not the same in unit, slow, so left out; name the paths of one of them, or say --timeout"
    assert capsys.readouterr().err == f"  note  {note}\n"


def test_without_a_configuration_nothing_changes(tmp_path: Path) -> None:
    settings, quarantine = engine(tmp_path)
    assert settings == EngineSettings(workers=2, start="fork", edited=("tests/unit/test_b.py",))
    assert quarantine == ()


def test_what_is_wrong_is_refused_before_anything_is_written(root: Path) -> None:
    (root / "penstock.toml").write_text("[jobs]\nunit = { test = true, retries = 99 }\n")
    with pytest.raises(ConfigurationError) as refused:
        engine(root)
    (problem,) = refused.value.problems
    assert problem.place is not None
    assert problem.place.line == 2
    assert not (root / ".penstock").exists()
    (root / ".penstock").mkdir()
    (root / ".penstock" / "format").write_text("999\n")
    with pytest.raises(StateError):
        engine(root)
