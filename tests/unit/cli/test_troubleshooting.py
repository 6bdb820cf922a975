"""What a code means, on the page and by `penstock explain`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.cli import main, troubleshooting
from penstock.load.codes import CODES
from penstock.report.troubles import TROUBLES


def test_the_page_is_current_and_has_every_entry(golden: Callable[[str, str], None]) -> None:
    golden("docs/reference/troubleshooting.md", troubleshooting.page())
    headings = [line for line in troubleshooting.page().splitlines() if line.startswith("### ")]
    assert headings == [f"### {each.code}: {each.title}" for each in TROUBLES]


@pytest.mark.parametrize("code", ["E202", "P202", CODES[0].code])
def test_explain_prints_the_entry_wherever_one_is(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main.run(["explain", code]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{code}: ")
    assert "\n  remedy  " in told
    assert list(tmp_path.iterdir()) == []  # nothing was planned for it


@pytest.mark.parametrize("subject", ["E999", "e202", "unit", "E2025", "C999"])
def test_what_is_no_code_is_left_to_the_plan(subject: str) -> None:
    assert troubleshooting.of_code(subject) == ()
