"""Plugins that check and are required no more, and sources in a lock that nothing declares."""

from __future__ import annotations

from penstock.judge import supply
from penstock.model.change import Sides

LOCK = 'version = 1\n[[package]]\nname = "a"\nsource = { registry = "https://pypi.org/simple" }\n'
GIT = '[[package]]\nname = "b"\nsource = { git = "https://git.example.org/b?rev=main#ebd9b3a" }\n'


def told(path: str, before: str | None, now: str | None, *more: Sides) -> list[str]:
    return list(supply.told([Sides(path=path, was=path, before=before, now=now), *more]))


def test_a_plugin_that_checks_is_missed_and_others_are_not() -> None:
    before = "flake8\nflake8-bugbear==24.1\npytest-socket\npytest-mock\n"
    assert told("requirements-dev.txt", before, "flake8\n") == [
        "flake8-bugbear, which checks, is required no more",
        "pytest-socket, which checks, is required no more",
    ]
    assert told("requirements-dev.txt", before, before.replace("pytest-mock\n", "")) == []
    assert told("notes.txt", before, "") == []


def test_a_plugin_that_moves_is_still_required() -> None:
    moved = Sides(path="pyproject.toml", was="pyproject.toml", before="", now='dev = ["Flake8-Bugbear>=24"]\n')
    assert told("requirements.txt", "flake8-bugbear\n", None, moved) == []


def test_a_table_of_settings_is_no_requirement() -> None:
    assert told("pyproject.toml", "[tool.mypy]\nstrict = true\n", "") == []


def test_a_source_that_nothing_declares_is_told() -> None:
    assert told("uv.lock", LOCK, LOCK + GIT) == [
        "uv.lock: packages come from the git https://git.example.org/b, which nothing declares"
    ]
    assert told("uv.lock", LOCK + GIT, LOCK + GIT.replace("ebd9b3a", "0123456")) == []
    declared = 'b = { git = "https://git.example.org/b" }\n'
    project = Sides(path="pyproject.toml", was="pyproject.toml", before="", now=declared)
    assert told("uv.lock", LOCK, LOCK + GIT, project) == []
    assert told("uv.lock", None, LOCK) == []
