"""Adoption: an old project's findings are accepted once, what is new blocks, what is gone leaves the baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

pytestmark = pytest.mark.slow  # ruff is fetched

PROJECT = """
[project]
name = "pkg"
version = "1"

[tool.penstock.jobs]
lint = { mode = "ratchet" }

[tool.penstock.gates]
complexity = { max = "A", mode = "ratchet" }
security = { severity = "low", mode = "ratchet" }
"""
TANGLED = (
    "def tangled(a):\n" + "".join(f"    if a == {n}:\n        return {n}\n" for n in range(7)) + "    return None\n"
)
OLD = f'"""Old."""\nimport os\nimport sys\n\n\n{TANGLED}\n\ndef check(a):\n    assert a\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write(tmp_path / "project", {"pyproject.toml": PROJECT, "pkg.py": OLD})
    git(root, "init", "-q", "-b", "main")
    return root


def baseline(root: Path) -> list[str]:
    lines = (root / "penstock-baseline.txt").read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_a_first_run_on_an_old_project_is_green_and_only_what_is_new_blocks(root: Path) -> None:
    assert penstock(root, "run", "-q").code == 1
    accepted = penstock(root, "init", "--baseline")
    assert (accepted.code, "block no longer" in accepted.out) == (0, True), accepted.err
    assert {line.split()[0] for line in baseline(root)} == {"ruff", "ruff-complexity", "ruff-security"}
    assert baseline(root) == sorted(baseline(root))
    green = penstock(root, "run", "-q")
    assert green.code == 0, green.out
    assert "in the baseline:" in green.out
    assert penstock(root, "init", "--baseline").code == 2, "it is there already"
    save(root)

    (root / "pkg.py").write_text(OLD.replace('"""Old."""\n', '"""Old."""\n\nNAME = 1\n'))
    assert penstock(root, "run", "-q").code == 0, "the lines have moved, and nothing else"
    (root / "pkg.py").write_text(f"{OLD}\n\ndef more(a):\n    assert a, 1\n")
    red = penstock(root, "run", "-q")
    assert red.code == 1
    assert "1 low new" in red.out

    (root / "pkg.py").write_text(OLD.replace("import os\n", ""))
    assert (
        "1 of the baseline gone" in penstock(root, "report", "--json", "-").out or penstock(root, "run", "-q").code == 0
    )
    before = baseline(root)
    tightened = penstock(root, "gate", "tighten")
    assert (tightened.code, "took 1 finding out" in tightened.out) == (0, True), tightened.out
    assert len(baseline(root)) == len(before) - 1
    (root / "pkg.py").write_text(OLD)
    assert penstock(root, "run", "-q").code == 0, "the base has it still: a change is held against its base"
    save(root)
    assert penstock(root, "run", "-q").code == 1, "what was mended once does not come back"


def test_what_a_change_adds_to_the_baseline_forgives_nothing_unless_it_says_why(root: Path) -> None:
    assert penstock(root, "init", "--baseline").code == 0
    save(root)
    git(root, "checkout", "-q", "-b", "mine")
    (root / "pkg.py").write_text(f"{OLD}\n\ndef more(a):\n    assert a, 1\n")
    (root / "penstock-baseline.txt").unlink()
    assert penstock(root, "init", "--baseline").code == 0
    save(root, "feat: more")
    assert penstock(root, "run", "-q").code == 1
    git(root, "commit", "-q", "--amend", "-m", "feat: more\n\nPolicy: the checks of arguments are asserts here")
    assert penstock(root, "run", "-q").code == 0
