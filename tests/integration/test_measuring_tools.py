"""What is written down of bandit's and radon's ways, against bandit and radon themselves."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from penstock.guest import penstock_imported
from penstock.model.scales import GRADES, SEVERITIES
from penstock.tools import grades, severities, versions
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

SAMPLES = ROOT / "tests/projects/security/samples.txt"
# bandit's severity depends on what ruff's message does not tell: the worst is taken.
UNTOLD = {"202", "502", "505"}


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """bandit, radon and ruff at penstock's pins."""
    environment = tmp_path_factory.mktemp("measuring") / "environment"
    uv = str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, str(environment)], check=True)
    pins = (versions.BANDIT, versions.RADON, versions.RUFF)
    subprocess.run([uv, "pip", "install", "-q", "-p", str(environment), *pins], check=True)
    return environment / "bin"


def said(argv: list[str], root: Path) -> str:
    return subprocess.run(argv, cwd=root, check=False, capture_output=True, text=True).stdout


def written(root: Path) -> Path:
    """Each sample as a module of its own, `s602_1.py`."""
    numbers: dict[str, int] = {}
    for line in SAMPLES.read_text().splitlines():
        rule, _, source = line.partition(" ")
        if rule != "#":
            numbers[rule] = numbers.get(rule, 0) + 1
            (root / f"s{rule}_{numbers[rule]}.py").write_text(source.replace("\\n", "\n") + "\n")
    return root


def of_bandit(root: Path, scripts: Path) -> Mapping[tuple[str, str], set[str]]:
    told = json.loads(said([str(scripts / "bandit"), "-q", "-r", ".", "-f", "json"], root))
    assert not told["errors"]
    found: dict[tuple[str, str], set[str]] = {}
    for each in told["results"]:
        key = Path(each["filename"]).name, each["test_id"][1:]
        found.setdefault(key, set()).add(each["issue_severity"].lower())
    return found


def of_ruff(root: Path, scripts: Path) -> Mapping[tuple[str, str], set[str]]:
    options = ["--isolated", "--preview", "--select", "S", "--output-format", "json", "."]
    found: dict[tuple[str, str], set[str]] = {}
    for each in json.loads(said([str(scripts / "ruff"), "check", *options], root)):
        assert each["code"].startswith("S"), each
        key = Path(each["filename"]).name, each["code"][1:]
        found.setdefault(key, set()).add(severities.of_rule(each["code"], each["message"]))
    return found


def test_ruffs_rules_have_the_severities_that_bandit_gives_to_the_same_source(tmp_path: Path, scripts: Path) -> None:
    root = written(tmp_path)
    bandit, ruff = of_bandit(root, scripts), of_ruff(root, scripts)
    both = sorted(bandit.keys() & ruff.keys())
    differing = {key: (bandit[key], ruff[key]) for key in both if bandit[key] != ruff[key]}
    assert {rule for _, rule in differing} <= UNTOLD, differing
    worst = {key: [max(map(SEVERITIES.index, each)) for each in pair] for key, pair in differing.items()}
    assert all(ours > theirs for theirs, ours in worst.values()), "never less than bandit"
    assert len({rule for _, rule in both}) >= 65, "as many rules are compared as both have"


def test_grades_are_radons(tmp_path: Path, scripts: Path) -> None:
    """Functions of every complexity from 1 to 45: radon's rank is our grade, and ruff counts the same branches."""
    made = (f"def f{n}(x):\n" + "    if x:\n        x()\n" * (n - 1) + "    return x\n" for n in range(1, 46))
    (tmp_path / "a.py").write_text("\n\n".join(made))
    blocks = json.loads(said([str(scripts / "radon"), "cc", "-j", "a.py"], tmp_path))["a.py"]
    ours = {each["name"]: (grades.grade(each["complexity"]), each["complexity"]) for each in blocks}
    assert ours == {each["name"]: (each["rank"], int(each["name"][1:])) for each in blocks}
    assert {grade for grade, _ in ours.values()} == set(GRADES)
    options = ["--isolated", "--select", "C901", "--config", "lint.mccabe.max-complexity=0", "--output-format", "json"]
    ruff = json.loads(said([str(scripts / "ruff"), "check", *options, "a.py"], tmp_path))
    assert len(ruff) == len(blocks)
    assert all(f"({ours[each['message'].split('`')[1]][1]} > 0)" in each["message"] for each in ruff)


SOURCE = "int sign(int x) {\n  if (x > 0) {\n    return 1;\n  }\n  return 0;\n}\nint never(int x) {\n  return x;\n}\n"
MAIN = "int sign(int x);\nint main(void) { return sign(3) == 1 ? 0 : 1; }\n"


@pytest.mark.skipif(shutil.which("lcov") is None or shutil.which("gcc") is None, reason="lcov or gcc is not here")
def test_what_lcov_writes_of_c_is_read_as_it_is_counted_there(tmp_path: Path) -> None:
    project, outputs = tmp_path / "project", tmp_path / "jobs/c/outputs"
    for folder in (project / "out", outputs, tmp_path / "jobs/c/reports", tmp_path / "needs"):
        folder.mkdir(parents=True)
    (tmp_path / "needs/c").symlink_to(tmp_path / "jobs/c/reports")
    (project / "add.c").write_text(SOURCE)
    (project / "main.c").write_text(MAIN)
    compiled = ["gcc", "--coverage", "-O0", "-o", "out/t", "add.c", "main.c"]
    subprocess.run(compiled, cwd=project, check=True)
    subprocess.run(["out/t"], cwd=project, check=True)
    traced = ["--quiet", "--rc", "lcov_branch_coverage=1", "--capture", "--directory", "out", "--output-file"]
    subprocess.run(["lcov", *traced, str(outputs / "c.lcov")], cwd=project, check=True)
    assert (
        penstock_imported.main(
            [str(tmp_path / "needs"), str(tmp_path / "r.json"), str(project), json.dumps([["c", "c.lcov", "c"]])]
        )
        == 0
    )
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["sources"][0]["problem"] == ""
    files = {each["path"]: each for each in report["files"]}
    assert (files["add.c"]["missing"], files["add.c"]["forks"]) == ([5, 7, 8], [[2, 2, 1]])
    summary = ["lcov", "--rc", "lcov_branch_coverage=1", "--summary", str(outputs / "c.lcov")]
    told = subprocess.run(summary, check=True, capture_output=True, text=True)
    theirs = re.findall(r"(lines|branches)\.+: \S+ \((\d+) of (\d+)", told.stdout + told.stderr)
    ours = [("lines", "covered", "statements"), ("branches", "covered_branches", "branches")]
    assert theirs == [(name, *(str(sum(each[key] for each in files.values())) for key in keys)) for name, *keys in ours]
