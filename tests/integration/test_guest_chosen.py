"""What -m and -k name, asked of real pytest."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.tools.pytest import Pytest
from tests.fakes.guest_runs import run, write

FILES = {
    "pytest.ini": "[pytest]\nmarkers =\n    slow: takes long\n    device(serial): has one\n",
    "test_it.py": "import pytest\n@pytest.mark.net\ndef test_a(): pass\ndef test_b(): pass\n",
    "conftest.py": "def pytest_configure(config): config.addinivalue_line('markers', 'gpu: needs one')\n",
}


@pytest.mark.parametrize(
    ("args", "known", "unknown"),
    [
        (("-m", "not (not slow or gpu) or net"), "-m slow\n-m net", None),
        (("-m", "not slwo"), None, None),
        (("-m", "net or slwo"), "-m net", "-m slwo"),
        (("-k", "test_it and not test_a or TSET"), "-k test_it", "-k TSET"),
        (("-k", "Test_B"), "-k Test_B", None),
        ((), None, None),
    ],
)
def test_names_that_mean_nothing_are_told_before_they_choose(
    tmp_path: Path, args: tuple[str, ...], known: str | None, unknown: str | None
) -> None:
    notes = run(Pytest(), write(tmp_path, FILES), args=args).reading.notes
    assert (notes.get("names"), notes.get("unknown_names")) == (known, unknown)


def test_what_is_deselected_is_named(tmp_path: Path) -> None:
    assert (
        run(Pytest(), write(tmp_path, FILES), args=("-k", "test_b")).reading.notes["deselected"] == "test_it.py::test_a"
    )
