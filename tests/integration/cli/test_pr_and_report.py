"""`penstock pr` and `penstock report` as a person runs them: the real program on small projects."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from penstock.record.store import History
from penstock.record.tables import Row
from tests.fakes.guest_runs import write
from tests.fakes.history import DAY_S, job_row, run_row
from tests.fakes.program import penstock
from tests.fakes.repository import call as git

BODY = "Tabs were turned into spaces wherever a line had both. They are kept now.\n\nCloses #12\n"


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A project whose branch has one commit, which follows no convention."""
    root = write(tmp_path / "project", {"pyproject.toml": "[project]\nname='pkg'\nversion='1'\n", "pkg.py": "A = 1\n"})
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "init")
    git(root, "checkout", "-q", "-b", "mine")
    (root / "pkg.py").write_text("A = 1\nB = 2\n")
    git(root, "commit", "-q", "-a", "-m", "Keep tabs.")
    return root


def test_a_branch_is_checked_as_the_pull_request_that_it_would_be(branch: Path) -> None:
    done = penstock(branch, "pr", "--json", "pr.json")
    assert done.code == 1
    assert "call it `chore: keep tabs`" in done.out
    assert "FAIL  title" in done.out
    told = json.loads((branch / "pr.json").read_text())
    checks = {check["name"]: check for check in told["checks"]}
    assert (told["exit_code"], checks["pull_request.title"]["status"]) == (1, "failed")
    assert checks["pull_request.size"]["summary"] == "XS: 1 line in 1 file"
    (branch / "body.md").write_text(BODY)
    better = penstock(branch, "pr", "--title", "fix: keep tabs", "--body", "body.md")
    assert (better.code, "PASS" in better.out) == (0, True)
    status = subprocess.run(["git", "status", "--short"], cwd=branch, capture_output=True, text=True, check=True)
    assert ".penstock" not in status.stdout


def test_the_hosts_event_tells_of_the_pull_request(branch: Path) -> None:
    request = {
        "number": 7,
        "title": "feat: keep $(touch pwned) `x` \u001b[31m",
        "body": BODY,
        "user": {"login": "dependabot[bot]", "type": "Bot"},
        "base": {"ref": "main"},
        "head": {"ref": "mine"},
        "labels": [{"name": "size/XL"}],
    }
    (branch / "event.json").write_text(json.dumps({"pull_request": request}))
    environ = {"GITHUB_EVENT_PATH": str(branch / "event.json"), "GITHUB_EVENT_NAME": "pull_request"}
    done = penstock(branch, "pr", environ=environ | {"GITHUB_BASE_REF": ""})
    assert "#7  feat: keep $(touch pwned) `x`" in done.out
    assert "title" not in done.out.partition("#7")[2].partition("\n")[2], "a bot is asked for conflicts alone"
    assert done.code == 0
    assert not (branch / "pwned").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--event", "pyproject.toml"), "is no event file"),
        (("--event", "nowhere.json"), "is no event file"),
        (("--body", "nowhere.md"), "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(branch: Path, arguments: tuple[str, ...], said: str) -> None:
    done = penstock(branch, "pr", *arguments)
    assert (done.code, said in done.err) == (2, True)


def test_without_a_commit_of_its_own_there_is_nothing_to_check(branch: Path) -> None:
    git(branch, "checkout", "-q", "main")
    done = penstock(branch, "pr")
    assert done.code == 2
    assert "no commit on this branch" in done.err
    assert "--title" in done.err


def test_a_policy_that_the_change_weakens_is_refused_unless_it_says_why(branch: Path) -> None:
    git(branch, "checkout", "-q", "main")
    (branch / "penstock.toml").write_text("[gates]\ncoverage = { total = 80 }\ntests = { min = 3 }\n")
    git(branch, "add", "-A")
    git(branch, "commit", "-q", "-m", "chore: gates")
    git(branch, "checkout", "-q", "-b", "weaker")
    (branch / "penstock.toml").write_text("[gates]\ncoverage = { total = 70 }\n")
    git(branch, "commit", "-q", "-a", "-m", "chore: fewer gates")
    done = penstock(branch, "pr")
    assert done.code == 1
    assert "gates.coverage.total: 80 became 70" in done.out
    assert "the gate tests is gone" in done.out
    git(branch, "commit", "-q", "--amend", "-m", "chore: fewer gates\n\nPolicy: the suite is rewritten")
    assert penstock(branch, "pr").code == 0


def test_a_run_is_told_again_in_every_form(tmp_path: Path) -> None:
    root = write(tmp_path / "project", {"penstock.toml": "[jobs]\ngood = { run = 'true' }\nbad = { run = 'false' }\n"})
    assert penstock(root, "report").code == 2, "there is no run yet"
    assert penstock(root, "run", "-q").code == 1
    screen = penstock(root, "report")
    assert screen.code == 0
    assert "❌ FAIL: `bad`" in screen.out
    names = {"--comment": "c.md", "--sarif": "s.sarif", "--cobertura": "c.xml", "--lcov": "l.info", "--junit": "j.xml"}
    words = [word for pair in names.items() for word in pair]
    done = penstock(root, "report", *words, "--badge", "verdict=b.svg", "--badge", "tests=t.json", "--annotations", "-")
    assert done.code == 0, done.err
    assert done.lines == []  # a command that ended with 1 has no place in a file
    assert all((root / name).stat().st_size for name in (*names.values(), "b.svg", "t.json"))
    wrong = penstock(root, "report", "--badge", "moon=b.svg")
    assert (wrong.code, "verdict, coverage, tests" in wrong.err) == (2, True)
    blocked = penstock(root, "report", "--sarif", ".penstock")
    assert (blocked.code, "cannot be written" in blocked.err) == (3, True)


def test_the_page_for_people_has_the_trends_of_the_history(tmp_path: Path) -> None:
    root = write(tmp_path / "project", {"penstock.toml": "[jobs]\ngood = { run = 'true' }\nbad = { run = 'false' }\n"})
    assert penstock(root, "run", "-q").code == 1
    history = History(root / ".penstock" / "history")
    today_s = (root / "penstock.toml").stat().st_mtime
    for days in (2, 1):
        wall_s = today_s - days * DAY_S
        rows: dict[str, list[Row]] = {
            "runs": [run_row(f"r{days}", wall_s=wall_s)],
            "jobs": [job_row(f"r{days}", wall_s=wall_s)],
        }
        history.add(f"r{days}", wall_s, rows)
    done = penstock(root, "report", "--html", "report.html")
    assert (done.code, done.err) == (0, "")
    (data,) = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>', (root / "report.html").read_text()
    )
    told = json.loads(data)
    assert {job["id"]: job["state"] for job in told["jobs"]} == {"good": "good", "bad": "bad"}
    assert told["head"]["project"] == "project"
    assert [row["tests"] for row in told["trends"]] == [2, 2, None], "the oldest first; this run has no tests"
