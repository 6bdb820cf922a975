"""Folders and the working directory are the test's own."""

import os
from pathlib import Path

import pytest


@pytest.mark.parametrize("i", range(20))
def test_tmp_path(i, tmp_path):
    assert not list(tmp_path.iterdir())
    (tmp_path / "here").write_text(str(i))


@pytest.mark.parametrize("i", range(10))
def test_shared_factory(i, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared", numbered=False) if i == 0 else tmp_path_factory.mktemp("many")
    assert folder.is_dir()


@pytest.mark.parametrize("i", range(10))
def test_changes_the_directory(i, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLUME", str(i))
    assert Path.cwd() == tmp_path.resolve()


def test_is_back_again():
    assert Path("test_places.py").exists()
    assert "FLUME" not in os.environ


def test_fails_with_a_type():
    raise KeyError("sluice")


def test_fails_in_a_fixture(broken):
    pass


@pytest.fixture
def broken():
    raise ValueError("broken")
