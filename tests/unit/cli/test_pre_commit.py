"""The hook of pre-commit: what is there stays, character by character, and the hook stands behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from penstock.cli import main
from penstock.cli.pre_commit import ID, NAME, with_hook
from penstock.errors import UsageError
from penstock.scan.detect.precommit import hooks
from tests.conftest import ROOT

OURS = """\
  - repo: local
    hooks:
      - id: penstock-quality
        name: penstock run quality
        entry: penstock run quality
        language: system
        pass_filenames: false
        always_run: true
"""
FLUSH = """\
# ours
exclude: ^vendor/
repos:
- repo: https://github.com/psf/black
  rev: 24.4.2  # the one that CI has
  hooks:
  - id: black
    args: [--line-length,
           "100"]
"""
WIDE = """\
repos:
-   repo: https://github.com/pre-commit/pre-commit-hooks
    rev: v5.0.0
    hooks:
    -   id: trailing-whitespace
    #   -   id: check-yaml

# what pre-commit.ci does
ci:
    autofix_prs: false
"""
FOLDED = """\
repos:
  - repo: local
    hooks:
      - id: notes
        name: notes
        language: system
        entry: notes
        files: |
            (?x)^(
              a|
              b
            )$
"""


@pytest.mark.parametrize("text", [FLUSH, WIDE, FOLDED, "", "# why\n", "repos: []\n", FLUSH.rstrip("\n")])
def test_the_hook_is_added_and_nothing_else_is_touched(text: str) -> None:
    made = with_hook(text)
    kept = [line for line in text.splitlines() if line != "repos: []"]
    left = made.splitlines()
    for line in kept:
        left = left[left.index(line) + 1 :]  # every line, in its order
    assert len(made.splitlines()) == len(kept) + 8 + (0 if "repos:\n" in text or "repos:" in kept else 1)
    *before, ours = hooks(made, NAME)
    assert [hook.id for hook in before] == [hook.id for hook in hooks(text, NAME)]
    assert (ours.id, ours.entry, ours.repository, ours.pass_filenames) == (ID, "penstock run quality", "local", False)


def of_yaml(text: str) -> dict[str, Any]:
    return YAML(typ="safe").load(text) or {}


_DETECT = ROOT / "tests" / "projects" / "detect"
SHAPES = [(_DETECT / shape / NAME).read_text() for shape in ("hooks", "nox_unittest_like")]


@pytest.mark.parametrize("text", [FLUSH, WIDE, FOLDED, "", "# why\n", "repos: []\n", *SHAPES])
def test_a_real_reader_of_yaml_finds_all_that_was_there_and_the_hook(text: str) -> None:
    before, after = of_yaml(text), of_yaml(with_hook(text))
    ours = of_yaml(f"repos:\n{OURS}")["repos"]
    assert after == {**before, "repos": [*before.get("repos", []), *ours]}


def test_it_is_written_as_the_files_own_lists_are() -> None:
    assert with_hook("") == f"repos:\n{OURS}"
    assert with_hook(FOLDED).endswith(OURS)
    assert "\n-   repo: local\n    hooks:\n    -   id: penstock-quality\n        name:" in with_hook(WIDE)
    assert "\n- repo: local\n  hooks:\n  - id: penstock-quality\n    name:" in with_hook(FLUSH)


def test_it_stands_before_what_belongs_to_the_rest_of_the_file() -> None:
    made = with_hook(WIDE)
    assert made.index("check-yaml") < made.index(ID) < made.index("# what pre-commit.ci does")
    assert made.endswith("    autofix_prs: false\n")


def test_line_ends_stay_as_they_are() -> None:
    made = with_hook(FLUSH.replace("\n", "\r\n"))
    assert made.count("\r\n") == made.count("\n") == FLUSH.count("\n") + 8


@pytest.mark.parametrize(
    "text",
    [
        "- repo: local\n  hooks: []\n",
        "repos: [{repo: local, hooks: []}]\n",
        "repos: &all\n- repo: local\n",
        f"{FLUSH}---\n{FLUSH}",
        "minimum_pre_commit_version: '3'\n",
        "repos:\n",
    ],
)
def test_a_file_of_another_form_is_left_alone_and_the_entry_is_shown(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_hook(text)
    assert "entry: penstock run quality" in str(caught.value.remedy)


def repository(path: Path) -> Path:
    (path / ".git").mkdir(parents=True)
    return path


def init(folder: Path, *words: str) -> int:
    return main.run(["init", "--pre-commit", "-C", str(folder), *words])


def test_a_second_time_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = repository(tmp_path) / NAME
    config.write_text(FLUSH)
    config.chmod(0o600)
    assert init(tmp_path) == 0
    first = config.read_bytes()
    assert config.stat().st_mode & 0o777 == 0o600
    assert "added the hook to .pre-commit-config.yaml" in capsys.readouterr().out
    assert init(tmp_path) == 0
    assert config.read_bytes() == first
    assert "runs penstock already" in capsys.readouterr().out
    assert not (tmp_path / "penstock.toml").exists()


def test_printing_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(repository(tmp_path), "--print") == 0
    assert capsys.readouterr().out == f"repos:\n{OURS}"
    assert not (tmp_path / NAME).exists()


def test_a_project_in_a_subfolder_has_its_hook_in_the_repositorys_file(tmp_path: Path) -> None:
    inner = repository(tmp_path) / "services" / "api"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text('[project]\nname = "api"\nversion = "1"\n')
    assert init(inner) == 0
    assert "entry: penstock run quality -C services/api\n" in (tmp_path / NAME).read_text()


def test_without_a_repository_there_is_nothing_to_hook_into(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(tmp_path) == 2
    assert "needs a git repository" in capsys.readouterr().err


def test_others_can_point_at_this_repository() -> None:
    (hook,) = hooks(
        (ROOT / ".pre-commit-hooks.yaml").read_text().replace("- id:", "- repo: local\n  hooks:\n  - id:"), NAME
    )
    assert (hook.id, hook.entry, hook.pass_filenames) == (ID, "penstock run quality", False)
