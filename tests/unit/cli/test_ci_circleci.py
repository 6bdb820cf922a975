"""CircleCI in `penstock ci`: its file is written and held, and a container is told what it does."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from penstock.cli import main
from penstock.model.plan import Shard
from tests import builders
from tests.fakes.guest_runs import write

FILES = {
    "penstock.toml": 'python = ["3.12"]\njobs = { a = { run = "true" } }\n',
    "pyproject.toml": "[project]\nname='p'\nversion='1'\n",
}
FILE = ".circleci/config.yml"


def test_the_file_is_written_and_an_edit_is_told_with_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write(tmp_path / "p", FILES)
    told = ["ci", "-C", str(root)]
    assert main.run([*told, "generate", "circleci"]) == 0
    text = (root / FILE).read_text()
    assert "- a: terminal" in text
    assert main.run([*told, "check", "circleci"]) == 0
    (root / FILE).write_text(text.replace("resource_class: large", "resource_class: small"))
    capsys.readouterr()
    assert main.run([*told, "check", "circleci"]) == 4
    said = capsys.readouterr().out
    assert "ci.circleci.resource_classes.standard" in said
    assert "penstock ci generate" in said


def test_a_container_is_told_its_shards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "p", FILES)
    jobs = [builders.job(f"unit#{index}/3", name="unit", shard=Shard(index=index, count=3)) for index in (1, 2, 3)]
    (root / "plan.json").write_bytes(msgspec.json.encode(builders.plan(*jobs)))
    told = ["ci", "-C", str(root), "jobs"]
    plan = ["--plan", str(root / "plan.json")]
    monkeypatch.setenv("CIRCLE_NODE_INDEX", "0")
    monkeypatch.setenv("CIRCLE_NODE_TOTAL", "2")
    assert main.run([*told, *plan, "--of", "unit#* lint"]) == 0
    assert capsys.readouterr().out == "unit#1/3\nunit#3/3\n"
    assert main.run([*told, *plan, "--of", "lint"]) == 0
    assert capsys.readouterr().out == ""
    assert main.run([*told, *plan]) == 2
    assert main.run([*told, "--of", "unit"]) == 2
    monkeypatch.setenv("CIRCLE_NODE_INDEX", "2")
    assert main.run([*told, *plan, "--of", "unit"]) == 2
    assert "which container this is cannot be told: container 2 of 2" in capsys.readouterr().err
