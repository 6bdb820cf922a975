"""Audit, secrets and dependencies with the real tools, over small projects; the database is one of the tests' own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import osv
from tests.fakes.guest_runs import write
from tests.fakes.program import penstock
from tests.fakes.repository import call as git

pytestmark = pytest.mark.slow  # the tools are fetched

HEAD = '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\n'
BUILT = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
DECLARED = 'dependencies = [\n  "iniconfig==2.0.0",\n  "markupsafe",\n]\n'
LOCK = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "demo"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "iniconfig" }]

[[package]]
name = "iniconfig"
version = "2.0.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.example.org/iniconfig-2.0.0.tar.gz", hash = "sha256:00" }
"""
BAD = osv.entry("iniconfig", "2.0.0", "PYSEC-2026-1", "2.1.0", aliases=("CVE-2026-1", "GHSA-1"))
BAD_BY_GITHUB = {**osv.entry("iniconfig", "0", "GHSA-1", severity="MODERATE"), "aliases": ["CVE-2026-1"]}
GIT = '\n[[package]]\nname = "six"\nversion = "1.17.0"\nsource = { git = "https://git.example.org/six#ebd9b3a" }\n'


@pytest.fixture
def database() -> Iterator[osv.Database]:
    with osv.serving(osv.CANARY, osv.CANARY_BY_GITHUB, BAD, BAD_BY_GITHUB) as served:
        yield served


def project(tmp_path: Path, jobs: str, gates: str = "", files: dict[str, str] | None = None) -> Path:
    text = f"{HEAD}{DECLARED}{BUILT}[tool.penstock.jobs]\n{jobs}\n[tool.penstock.gates]\n{gates}\n"
    code = {"demo.py": "import iniconfig\nimport markupsafe\n"}
    root = write(tmp_path / "project", {"pyproject.toml": text, **code, **(files or {})})
    git(root, "init", "-q", "-b", "main")
    return root


@pytest.mark.parametrize(("tool", "files"), [("uv-audit", {"uv.lock": LOCK}), ("uv-audit", {}), ("pip-audit", {})])
def test_a_vulnerability_is_found_with_its_place_severity_and_remedy(
    tmp_path: Path, database: osv.Database, tool: str, files: dict[str, str]
) -> None:
    root = project(tmp_path, f'audit = {{ tool = "{tool}", database = "{database.url}" }}', "", files)
    red = penstock(root, "run", "-q")
    assert red.code == 1, red.out + red.err
    assert "1 known vulnerability (1 medium) in " in red.out
    assert "pyproject.toml:6 PYSEC-2026-1 iniconfig 2.0.0: what is wrong with iniconfig; mended in 2.1.0" in red.out
    assert "raise iniconfig to 2.1.0" in red.out
    assert ("jinja2", "2.10") in database.asked, "the canary"

    del database.entries["PYSEC-2026-1"]
    green = penstock(root, "run", "-q")
    assert green.code == 0, "nothing of it is kept: the database is asked again" + green.out
    del database.entries["PYSEC-2019-217"]
    untold = penstock(root, "run", "-q")
    assert untold.code == 3
    assert "the canary was not reported: jinja2 2.10" in untold.out


@pytest.mark.parametrize("tool", ["uv-audit", "pip-audit"])
def test_a_database_that_is_not_there_is_not_verified_and_says_what_to_do(tmp_path: Path, tool: str) -> None:
    root = project(tmp_path, f'audit = {{ tool = "{tool}", database = "http://127.0.0.1:9" }}')
    done = penstock(root, "run", "-q")
    assert done.code == 3
    assert re.search(r"the database at http://127.0.0.1:9 could not be asked: .*Connection refused", done.out)
    assert "jobs.audit.database" in done.out


def test_a_dependency_from_git_is_not_verified_until_it_is_permitted(tmp_path: Path, database: osv.Database) -> None:
    del database.entries["PYSEC-2026-1"]
    jobs = f'audit = {{ database = "{database.url}" }}'
    root = project(tmp_path, jobs, "", {"uv.lock": LOCK + GIT})
    skipped = penstock(root, "run", "-q")
    assert skipped.code == 3
    assert "not audited: six" in skipped.out
    permit = 'audit.ignore = [{ id = "six", reason = "a fork of ours", until = 2099-01-01 }]'
    text = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(text.replace("[tool.penstock.gates]\n", f"[tool.penstock.gates]\n{permit}\n"))
    assert penstock(root, "run", "-q").code == 0


def test_an_environment_that_the_project_is_not_in_tells_nothing_of_it(tmp_path: Path, database: osv.Database) -> None:
    jobs = f'audit = {{ database = "{database.url}" }}'
    root = project(tmp_path, jobs, "", {"tests/test_demo.py": "def test_demo():\n    pass\n"})
    text = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(text.replace('"markupsafe"', '"markupsafe", "demo-that-is-not-there"'))
    assert penstock(root, "run", "-q").code == 3, "it cannot be resolved"
    (root / "pyproject.toml").write_text(text.replace(BUILT, "[tool.uv]\npackage = false\n"))
    bare = penstock(root, "run", "-q")
    assert bare.code == 3, bare.out
    assert "not audited: markupsafe" in bare.out


# Put together here, so that no such thing stands in this file.
KEY = "AKIA" + "Z7VXQ3NPL5WJ2RTY"
PASSWORD = "hunter2" + "-Very-Long-9x"
HIDDEN = f'KEY = "{KEY}"\npassword = "{PASSWORD}"\n'


def test_secrets_are_found_and_stand_nowhere(tmp_path: Path) -> None:
    files = {"conf.py": HIDDEN, "data/more.ini": f"[db]\npassword = {PASSWORD}\n"}
    root = project(tmp_path, "secrets = true", "", files)
    (root / "latin.txt").write_bytes(f'caf\xe9 password = "{PASSWORD}"\n'.encode("latin-1"))
    (root / "logo.bin").write_bytes(b"\0\1\2")
    red = penstock(root, "run")
    assert red.code == 1, red.out + red.err
    places = set(re.findall(r"(\S+:\d+) (\S+) what looks like a secret", red.out))
    assert {("conf.py:1", "aws-access-key"), ("conf.py:2", "secret-keyword")} <= places
    assert {place for place, _ in places} == {"conf.py:1", "conf.py:2", "data/more.ini:2", "latin.txt:1"}
    shown = [red.out, red.err]
    for form in ("html", "sarif", "markdown", "github", "junit"):
        told = penstock(root, "report", form)
        shown += [told.out, told.err]
    kept = [
        path.read_bytes() for path in (root / ".penstock").rglob("*") if path.is_file() and "envs" not in path.parts
    ]
    for secret in (KEY, PASSWORD):
        assert not any(secret in text for text in shown)
        assert not any(secret.encode() in content for content in kept)


def test_what_git_ignores_is_no_secret_of_the_tree_and_without_git_nothing_is_verified(tmp_path: Path) -> None:
    root = project(tmp_path, "secrets = true", "", {".env": HIDDEN, ".gitignore": ".env\n"})
    assert penstock(root, "run", "-q").code == 0
    for path in sorted((root / ".git").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (root / ".git").rmdir()
    bare = penstock(root, "run", "-q")
    assert bare.code == 3
    assert "make a repository" in bare.out


def test_dependencies_are_compared_beside_what_is_installed(tmp_path: Path) -> None:
    root = project(tmp_path, "dependencies = true", 'dependencies = { mode = "ratchet" }')
    green = penstock(root, "run", "-q")
    assert green.code == 0, green.out + green.err
    (root / "demo.py").write_text("import iniconfig\nimport nothere\n")
    red = penstock(root, "run", "-q")
    assert red.code == 1
    assert "pyproject.toml:7 DEP002 'markupsafe' defined as a dependency but not used in the codebase" in red.out
    assert "demo.py:2 DEP001 'nothere' imported but missing from the dependency definitions" in red.out
    assert penstock(root, "init", "--baseline").code == 0
    assert penstock(root, "run", "-q").code == 0, "what was there before is known"
    (root / "demo.py").write_text("import iniconfig\nimport nothere\ndef (:\n")
    broken = penstock(root, "run", "-q")
    assert broken.code == 3
    assert "deptry could not parse 1 of 1 file: demo.py" in broken.out
