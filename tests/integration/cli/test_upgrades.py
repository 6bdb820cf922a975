"""A newer tool in a change: what it finds in old code does not block, what the change adds does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

pytestmark = pytest.mark.slow  # ruff and mypy are fetched, two versions of each

PROJECT = """
[project]
name = "pkg"
version = "1"

[dependency-groups]
dev = ["ruff=={ruff}", "mypy=={mypy}"]

[tool.ruff.lint]
select = ["F", "RUF"]

[tool.mypy]
files = ["src"]

[tool.penstock.jobs]
lint = {{ mode = "ratchet", tool = "ruff" }}
types = {{ mode = "ratchet", tool = "mypy" }}
"""
# `os` is found by both ruffs, what is unpacked and not used by the newer one alone (RUF059, stable since 0.13).
UNPACKED = "def second{n}(pair: tuple[int, int]) -> int:\n    first{n}, last{n} = pair\n    return last{n}\n"
OLD = "import os\n\n\n" + UNPACKED.format(n=0)
# mypy 2 no longer takes a bytearray for bytes; both find that a text is no number.
WIDE = "def size{n}(content: bytes) -> int:\n    return len(content)\n\n\nsize{n}(bytearray())\n"
TYPED = 'number: int = "one"\n\n\n' + WIDE.format(n=0)
OLDER, NEWER = {"ruff": "0.4.10", "mypy": "1.11.2"}, {"ruff": "0.17.6", "mypy": "2.4.1"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that has accepted what the older tools find, and a branch of it with the newer ones."""
    files = {"src/pkg/__init__.py": "", "src/pkg/a.py": OLD, "src/pkg/b.py": TYPED, ".gitignore": ".penstock/\n"}
    root = write(tmp_path / "project", files | {"pyproject.toml": PROJECT.format(**OLDER)})
    git(root, "init", "-q", "-b", "main")
    save(root)
    accepted = penstock(root, "init", "--baseline")
    assert accepted.code == 0, accepted.err
    save(root, "ci: baseline")
    git(root, "checkout", "-q", "-b", "newer")
    (root / "pyproject.toml").write_text(PROJECT.format(**NEWER))
    save(root, "build: newer tools")
    return root


def lines(root: Path) -> list[str]:
    return (root / "penstock-baseline.txt").read_text().splitlines()[1:]


def test_a_newer_tool_is_not_the_change_s_fault_and_a_tightened_baseline_knows_it(root: Path) -> None:
    assert lines(root)[:2] == ["# found by mypy 1.11.2", "# found by ruff 0.4.10"]
    assert {line.split()[1] for line in lines(root)[2:]} == {"F401", "assignment"}

    green = penstock(root, "run", "-q")
    assert green.code == 0, green.out
    assert "1 known since ruff 0.17.6" in green.out
    assert "1 known since mypy 2.4.1" in green.out

    (root / "src/pkg/a.py").write_text(f"{OLD}\n\n{UNPACKED.format(n=1)}")
    (root / "src/pkg/b.py").write_text(f"{TYPED}\n\n{WIDE.format(n=1)}")
    red = penstock(root, "run", "-q")
    assert red.code == 1
    assert "src/pkg/a.py:10:5  RUF059" in red.out
    assert "src/pkg/b.py:15:7  arg-type" in red.out
    assert "src/pkg/a.py:5:" not in red.out, "what was there before is not shown as new"
    git(root, "checkout", "-q", ".")

    assert penstock(root, "run", "-q").code == 0
    tightened = penstock(root, "gate", "tighten")
    assert tightened.code == 0, tightened.err
    assert "it is made by ruff 0.17.6 now, and was by 0.4.10" in tightened.out
    assert lines(root)[:2] == ["# found by mypy 2.4.1", "# found by ruff 0.17.6"]
    assert {line.split()[1] for line in lines(root)[2:]} == {"F401", "RUF059", "assignment", "arg-type"}
    assert "is tight" in penstock(root, "gate", "tighten").out
    save(root, "ci: tighten")

    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "newer")
    after = penstock(root, "run", "-q")
    assert after.code == 0, after.out
    assert "known since" not in after.out
    assert "looks at the base" not in penstock(root, "explain", "lint").out


def test_after_the_upgrade_is_merged_untightened_the_base_branch_blames_only_its_last_commit(root: Path) -> None:
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "merge", "newer")
    green = penstock(root, "run", "lint", "-q")
    assert green.code == 0, green.out
    (root / "src/pkg/a.py").write_text(f"{OLD}\n\n{UNPACKED.format(n=1)}")
    save(root, "feat: more")
    assert penstock(root, "run", "lint", "-q").code == 1


def test_where_the_base_is_not_here_new_findings_block_and_it_is_said_why(root: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "newer", f"file://{root}", str(shallow))
    red = penstock(shallow, "run", "lint", "-q")
    assert red.code == 1, red.out
    assert "the base was not looked at" in " ".join(red.out.split())
    git(root, "checkout", "-q", "main")
    (root / "pyproject.toml").write_text(PROJECT.format(**OLDER).replace('"RUF"', '"NONE"'))
    save(root, "a base that no ruff can read")
    git(root, "checkout", "-q", "newer")
    git(root, "rebase", "-q", "-X", "theirs", "main")
    (root / "pyproject.toml").write_text(PROJECT.format(**NEWER))
    save(root, "build: newer tools")
    red = penstock(root, "run", "lint", "-q")
    assert red.code == 1, red.out
    assert "the base was not looked at: ruff could not be asked" in " ".join(red.out.split())
