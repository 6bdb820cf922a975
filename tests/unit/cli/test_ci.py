"""`penstock ci` from the command line: what it writes, what it finds, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.cli import main
from penstock.cli.ci import VERBS
from tests.fakes.github import TOKEN, GitHub
from tests.fakes.guest_runs import write
from tests.fakes.web import listening

CONFIGURATION = """\
python = ["3.12"]
jobs = { a = { run = "true" }, b = { run = "true", needs = ["a"] } }

[ci.github]
runners = { a = "big" }
"""
WORKFLOW = ".github/workflows/ci.yml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(
        tmp_path / "p", {"penstock.toml": CONFIGURATION, "pyproject.toml": "[project]\nname='p'\nversion='1'\n"}
    )


def ci(root: Path, *words: str) -> int:
    return main.run(["ci", "-C", str(root), "--no-color", *words])


def test_an_edit_is_told_with_its_place_and_its_key_until_it_is_taken_back(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ci(project, "generate") == 0
    assert ci(project, "check") == 0
    assert capsys.readouterr().out.endswith("4 files as they would be written\n")
    workflow = project / WORKFLOW
    generated = workflow.read_text()
    workflow.write_text(
        generated.replace("runs-on: big", "runs-on: bigger").replace("needs: [plan, a, b]", "needs: [plan, a]")
    )
    told = project / "told.json"
    assert ci(project, "check", "--json", str(told)) == 4
    out = capsys.readouterr().out
    line = 1 + generated.splitlines().index("    runs-on: big")
    assert (
        f"{WORKFLOW}:{line}  jobs.a.runs-on\n  is:       runs-on: bigger\n  would be: runs-on: big\n"
        "  key:      ci.github.runners.a, or ci.github.runner for all\n"
    ) in out
    assert "the verdict does not wait for `b`" in out
    found = json.loads(told.read_text())
    assert (found["version"], found["exit_code"], found["hosts"], found["examined"]) == (1, 4, ["github"], 4)
    first = found["drift"][0]
    assert (first["path"], first["line"], first["place"]) == (WORKFLOW, line, "jobs.a.runs-on")
    assert first["key"].startswith("ci.github.runners.a")
    assert ci(project, "generate") == 0
    assert workflow.read_text() == generated
    assert ci(project, "check") == 0


def test_files_that_are_missing_or_written_no_more_are_drift_and_tags_elsewhere_are_advice(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ci(project, "generate") == 0
    folder = project / ".github" / "workflows"
    (folder / "old.yml").write_text((folder / "ci.yml").read_text())
    (folder / "theirs.yml").write_text("jobs:\n  x:\n    steps:\n      - uses: acme/tidy@v1\n")
    (folder / "pr.yml").unlink()
    capsys.readouterr()
    assert ci(project, "check") == 4
    out = capsys.readouterr().out
    assert ".github/workflows/pr.yml:1  is not there, or cannot be read\n" in out
    assert ".github/workflows/old.yml:1  would not be written any more: remove it\n" in out
    assert ".github/workflows/theirs.yml:4  advice: `acme/tidy@v1` can be moved" in out
    (folder / "old.yml").unlink()
    assert ci(project, "generate") == 0
    assert ci(project, "check") == 0, "advice alone is no drift"


@pytest.mark.parametrize(
    ("before", "remedy"),
    [
        ("", "penstock init --pythons writes both from what is detected"),
        ("jobs = { a = { run = 'true' } }\n", 'write python = ["3.11", "3.12"] into penstock.toml'),
        ('python = ["3.12"]\n', "write `jobs` into penstock.toml"),
    ],
)
def test_what_is_not_declared_is_told_with_what_to_write_and_git_sees_nothing_of_it(
    before: str, remedy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pythons = "classifiers = ['Programming Language :: Python :: 3.11', 'Programming Language :: Python :: 3.12']"
    files = {"pyproject.toml": f"[project]\nname = 'p'\nversion = '1'\n{pythons}\n", "tests/test_a.py": ""}
    root = write(tmp_path / "p", files | ({"penstock.toml": before} if before else {}))
    assert ci(root, "generate") == 2
    assert capsys.readouterr().err.splitlines()[1] == f"  remedy: {remedy}"
    assert (root / ".penstock" / ".gitignore").read_text() == "*\n"


def test_what_the_host_still_lacks_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project.parent / ".git").mkdir()
    assert ci(project, "generate") == 0
    told = capsys.readouterr().err
    assert ".github/penstock.txt, from which runners install penstock, is not there yet: uv pip compile" in told
    assert "hosts read a repository's top folder alone, and this is p:" in told
    (project / ".github" / "penstock.txt").write_text("")
    (project / ".git").mkdir()
    assert ci(project, "generate") == 0
    assert "next" not in capsys.readouterr().err


def test_without_a_word_the_declared_hosts_are_meant(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for tables, hosts in (
        ("", ("github",)),
        ("[ci.circleci]\n", ("circleci",)),
        ("[ci.circleci]\n[ci.github]\n", ("github", "circleci")),
    ):
        (project / "penstock.toml").write_text(f"{CONFIGURATION.partition('[ci')[0]}{tables}")
        assert ci(project, "generate", "--print") == 0
        out = capsys.readouterr().out
        assert ("# --- .github/workflows/ci.yml\n" in out) is ("github" in hosts)
        assert ("# --- .circleci/config.yml\n" in out) is ("circleci" in hosts)


def test_a_file_that_is_another_one_altogether_is_told_in_bounds(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ci(project, "generate") == 0
    (project / WORKFLOW).write_text("".join(f"key-{number}: 1\n" for number in range(300)))
    capsys.readouterr()
    assert ci(project, "check") == 4
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 400
    assert [line for line in lines if line.startswith("… ") and "more places" in line]
    (project / WORKFLOW).write_bytes(b"\xff\xfe\x00")
    assert ci(project, "check") == 4
    assert f"{WORKFLOW}:1  is not there, or cannot be read" in capsys.readouterr().out


def test_what_somebody_wrote_does_not_steer_the_terminal(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ci(project, "generate") == 0
    workflow = project / WORKFLOW
    workflow.write_text(workflow.read_text().replace("name: CI", "name: \x1b[2JCI"))
    capsys.readouterr()
    assert ci(project, "check") == 4
    assert "\x1b" not in capsys.readouterr().out


def test_a_name_that_is_no_generated_job_is_an_error_before_anything_is_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "penstock.toml").write_text(CONFIGURATION.replace('{ a = "big', '{ zzz = "big'))
    assert ci(project, "generate") == 2
    assert "`zzz` is no generated job" in capsys.readouterr().err
    assert not (project / ".github").exists()


def test_the_protection_is_shown_with_the_command_that_applies_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = project / "told.json"
    words = ("--repository", "acme/pool", "--owner", "@acme/platform", "--json", str(told))
    assert ci(project, "protect", *words) == 0
    out = capsys.readouterr().out
    assert "`verdict` and `pr` green" in out
    body = out.partition("<<'JSON'\n")[2].partition("\nJSON\n")[0]
    assert json.loads(body) == json.loads(told.read_text())["ruleset"]
    assert "gh api --method POST repos/acme/pool/rulesets" in out
    assert "  /.github/      @acme/platform\n  /penstock.toml @acme/platform\n" in out
    write(project, {"CODEOWNERS": "* @acme/platform\n"})
    assert ci(project, "protect") == 0
    assert "CODEOWNERS names owners for /.github/ and /penstock.toml" in capsys.readouterr().out


def test_the_protection_is_applied_once(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    github = GitHub(head="0" * 40)
    for name in ("GITHUB_ACTIONS", "CIRCLECI", "GITHUB_REPOSITORY", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with listening(github.serve) as address:
        github.base = address
        monkeypatch.setenv("GITHUB_API_URL", address)
        assert ci(project, "protect", "--apply", "--repository", "acme/pool") == 2
        assert "no token" in capsys.readouterr().err
        monkeypatch.setenv("GH_TOKEN", TOKEN)
        assert ci(project, "protect", "--apply") == 2, "no repository"
        for done in ("made", "is as it should be"):
            assert ci(project, "protect", "--apply", "--repository", "acme/pool") == 0
            assert f"ruleset `penstock` of acme/pool: {done}\n" in capsys.readouterr().out
        github.may = {"read"}
        github.rulesets.kept.clear()
        assert ci(project, "protect", "--apply", "--repository", "acme/pool") == 3
        assert "of an administrator" in capsys.readouterr().err


def test_every_verb_has_a_module() -> None:
    import importlib

    for verb in VERBS.values():
        assert callable(importlib.import_module(verb.module).main)
