"""The list that an audit rests on, and how bad a database calls what was found."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from penstock.guest import penstock_audit as script
from tests.fakes import osv

LOCK = """
version = 1
revision = 5
requires-python = ">=3.9"

[[package]]
name = "demo"
version = "0.1"
source = { editable = "." }

[[package]]
name = "Jinja2"
version = "2.10"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "iniconfig"
version = "2.1.0"
source = { registry = "https://index.example.org/simple" }

[[package]]
name = "iniconfig"
version = "2.3.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "torch"
version = "2.1.0+cpu"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "six"
version = "1.17.0"
source = { git = "https://git.example.org/six#ebd9b3a" }
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "uv.lock").write_text(LOCK)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "demo"\ndependencies = [\n  "jinja2>=2",\n]\n')
    (tmp_path / "dev-requirements.txt").write_text("# tools\nsix\nTorch==2.1.0\n")
    return tmp_path


def listed(here: Path, **settings: Any) -> dict[str, Any]:
    given = {"out": str(here / "out"), "lock": "uv.lock", "own": "demo", "canary": ["jinja2", "2.10"], **settings}
    script.main(["list", json.dumps(given)])
    made: dict[str, Any] = json.loads((here / "out/listed.json").read_text())
    return made


def test_every_version_of_the_lock_is_listed_once_with_the_place_where_people_declare_it(here: Path) -> None:
    made = listed(here)
    told = [(each["name"], each["version"], each["path"], each["line"]) for each in made["listed"]]
    assert told == [
        ("iniconfig", "2.1.0", "uv.lock", 17),
        ("iniconfig", "2.3.1", "uv.lock", 17),
        ("jinja2", "2.10", "pyproject.toml", 4),
        ("torch", "2.1.0", "dev-requirements.txt", 3),
    ], "2.1.0+cpu is 2.1.0 to a database"
    (skipped,) = made["skipped"]
    assert (skipped["name"], skipped["path"], skipped["line"]) == ("six", "dev-requirements.txt", 2)
    assert skipped["why"] == "it comes from git https://git.example.org/six#ebd9b3a, not from an index"


def test_what_is_audited_is_a_project_of_just_these_versions(here: Path) -> None:
    listed(here)
    lock = tomllib.loads((here / "out/all/uv.lock").read_text())
    own, *others = lock["package"]
    assert [(each["name"], each["version"]) for each in others] == [
        (each["name"], each["version"]) for each in own["dependencies"]
    ]
    assert len(others) == 4
    assert (here / "out/canary/requirements.txt").read_text() == "jinja2==2.10\n"


def test_without_a_lock_it_is_what_is_installed_beside_the_interpreter(here: Path) -> None:
    made = listed(here, lock="", own="penstock")
    names = {each["name"] for each in made["listed"]}
    assert "pytest" in names
    assert "penstock" not in names | {each["name"] for each in made["skipped"]}


def test_severities_are_the_databases_own_words_githubs_first() -> None:
    one = osv.entry("a", "1", "PYSEC-1", severity="LOW", aliases=("GHSA-1", "CVE-1"))
    by_github = osv.entry("a", "1", "GHSA-1", severity="MODERATE")
    untold, unknown = osv.entry("b", "1", "PYSEC-2"), {"id": "PYSEC-3", "aliases": ["GHSA-3"]}
    report = {"vulnerabilities": [one, untold, unknown]}
    by_pip = {"dependencies": [{"name": "a", "vulns": [{"id": "PYSEC-1", "aliases": []}]}, {"name": "c"}]}
    with osv.serving(one, by_github, untold) as database:
        assert script.weigh(report, f"{database.url}/") == {"PYSEC-1": "medium"}
        assert script.weigh(by_pip, database.url) == {"PYSEC-1": "low"}


def test_where_nobody_answers_nothing_is_told_and_nothing_fails(here: Path) -> None:
    (here / "report.json").write_text(json.dumps({"vulnerabilities": [{"id": "X"}, {"id": "Y"}]}))
    for report, database in (
        ("report.json", "http://127.0.0.1:9"),
        ("gone.json", "http://127.0.0.1:9"),
        ("x", "file:"),
    ):
        script.main(["weigh", json.dumps({"out": "out", "report": report, "database": database})])
        assert json.loads((here / "out/weighed.json").read_text()) == {"severities": {}, "unlisted": []}


def test_what_is_declared_and_not_installed_is_told_unless_it_is_for_some_pythons_only(here: Path) -> None:
    lines = (
        "[project]",
        "dependencies = [",
        '"pytest>=1",',
        '"Not_There[x]>=2",',
        "\"tomli; python_version<'3.4'\",",
        "]",
    )
    (here / "pyproject.toml").write_text("\n".join(lines))
    (unlisted,) = script.unlisted(listed(here, lock=""))
    assert (unlisted["name"], unlisted["path"], unlisted["line"]) == ("not-there", "pyproject.toml", 4)
    assert script.unlisted(listed(here)) == [], "a lock tells all"
