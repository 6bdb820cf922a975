"""What the adapters make of real output, recorded from each tool by `pytest --update-golden --slow`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.records import Reading
from penstock.run import readings
from penstock.tools import TOOLS
from tests.fakes.toolbench import Recording

FOLDER = Path(__file__).parents[2] / "golden/tools"


def load(tool: str, case: str) -> list[Recording]:
    return msgspec.json.decode((FOLDER / tool / f"{case}.json").read_bytes(), type=list[Recording])


def read(tool: str, case: str) -> Reading:
    return readings.combine(recording.read(TOOLS) for recording in load(tool, case))


TOOLS_WITH_CASES = sorted(folder.name for folder in FOLDER.iterdir())
MEASURES = ("bandit", "radon")  # findings are no refusal
LINTERS = sorted({*TOOLS_WITH_CASES} - {*MEASURES})


def test_every_linter_and_type_checker_is_recorded() -> None:
    assert len(TOOLS_WITH_CASES) == 11


@pytest.mark.parametrize("tool", TOOLS_WITH_CASES)
def test_good_code_passes_with_the_files_counted(tool: str) -> None:
    reading = read(tool, "good")
    assert (reading.outcome, reading.findings, reading.problem) == (Outcome.PASSED, (), None)
    assert (reading.measures["files"], reading.measures["expected"], reading.measures["listed"]) == (1, 1, 1)
    assert reading.notes[f"version:{tool}"]


@pytest.mark.parametrize("tool", LINTERS)
def test_bad_code_fails_with_its_place(tool: str) -> None:
    reading = read(tool, "bad")
    assert (reading.outcome, reading.problem) == (Outcome.FAILED, None)
    assert {found.path for found in reading.findings} == {"pkg/__init__.py"}
    assert reading.reason.startswith(tool)
    if tool not in ("black", "isort"):  # these say no more than the file
        assert all(found.line > 0 for found in reading.findings)


@pytest.mark.parametrize("tool", sorted(set(TOOLS_WITH_CASES) - {"isort", "pyright"}))
def test_code_that_cannot_be_parsed_was_not_examined(tool: str) -> None:
    reading = read(tool, "broken")
    assert reading.outcome is Outcome.ERRORED
    assert "pkg/broken.py" in (reading.problem or "")
    assert tool in MEASURES or "pkg/broken.py:1" in (reading.problem or "")  # those two name no line
    assert reading.remedy
    assert reading.findings


def test_pyright_tells_a_syntax_error_as_a_finding() -> None:
    reading = read("pyright", "broken")
    assert reading.outcome is Outcome.FAILED
    assert reading.findings[0].path == "pkg/broken.py"


@pytest.mark.parametrize("tool", LINTERS)
def test_an_unknown_setting_is_never_silently_green(tool: str) -> None:
    reading = read(tool, "unknown")
    assert reading.outcome is Outcome.ERRORED
    assert reading.remedy
    word = {"ruff": "lenght", "ruff-format": "lenght", "black": "lenght", "isort": "profil", "mypy": "strikt"}
    word |= {"flake8": "max-line-lenght", "pylint": "max-linez", "pyright": "strictt", "ty": "nonsense"}
    assert word[tool] in (reading.problem or "")


@pytest.mark.parametrize("tool", TOOLS_WITH_CASES)
def test_nothing_examined_is_no_pass(tool: str) -> None:
    reading = read(tool, "empty")
    assert reading.outcome is Outcome.ERRORED
    assert reading.problem


@pytest.mark.parametrize("tool", TOOLS_WITH_CASES)
@pytest.mark.parametrize("case", ["good", "bad"])
def test_a_tool_that_was_killed_was_not_asked(tool: str, case: str) -> None:
    recording = load(tool, case)[-1]
    ended = recording.ended(exit_code=None, signal=9)
    reading = TOOLS[recording.tool].read(ended, recording.content(), recording.job())
    assert reading.outcome is Outcome.ERRORED


@pytest.mark.parametrize("tool", TOOLS_WITH_CASES)
def test_a_clean_report_beside_a_failing_exit_code_is_a_crash(tool: str) -> None:
    recording = load(tool, "good")[-1]
    reading = TOOLS[recording.tool].read(recording.ended(exit_code=1), recording.content(), recording.job())
    assert reading.outcome is Outcome.ERRORED


@pytest.mark.parametrize("tool", TOOLS_WITH_CASES)
def test_silence_with_exit_code_0_is_no_pass(tool: str) -> None:
    recording = load(tool, "good")[-1]
    assert recording.tool in TOOLS
    reading = TOOLS[recording.tool].read(recording.ended(head=b""), {}, recording.job())
    assert reading.outcome is Outcome.ERRORED


@pytest.mark.parametrize("tool", LINTERS)
def test_findings_beside_exit_code_0_do_not_become_a_failure_unless_they_count(tool: str) -> None:
    """A configured severity or threshold decides; flake8's exit-zero and a formatter's finding do not."""
    recording = load(tool, "bad")[-1]
    reading = TOOLS[recording.tool].read(recording.ended(exit_code=0), recording.content(), recording.job())
    expected = Outcome.FAILED if tool in ("flake8", "ruff-format", "black") else Outcome.PASSED
    assert reading.outcome is expected
    assert reading.findings
