"""Two slots, one of them live."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def deploy() -> ModuleType:
    spec = importlib.util.spec_from_file_location("deploy", Path(__file__).parents[2] / "scripts" / "deploy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def version(folder: Path, number: int) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "version").write_text(str(number))
    return str(folder)


def serving(place: Path) -> str:
    return (place / "live" / "version").read_text()


def test_versions_take_turns_and_the_last_one_is_kept(deploy: ModuleType, tmp_path: Path) -> None:
    place, source = tmp_path / "place", tmp_path / "source"
    for number in (1, 2, 3):
        assert deploy.main(["--place", str(place), "--source", version(source, number)]) == 0
        assert serving(place) == str(number)
    assert deploy.main(["--place", str(place), "--back"]) == 0
    assert serving(place) == "2"
    assert deploy.main(["--place", str(place), "--back"]) == 0
    assert serving(place) == "3"


def test_there_is_nothing_to_go_back_to_after_the_first(deploy: ModuleType, tmp_path: Path) -> None:
    place = tmp_path / "place"
    deploy.main(["--place", str(place), "--source", version(tmp_path / "source", 1)])
    assert deploy.main(["--place", str(place), "--back"]) == 1
    assert serving(place) == "1"


def test_a_slot_that_lost_a_file_is_not_healthy(deploy: ModuleType, tmp_path: Path) -> None:
    place = tmp_path / "place"
    given = ["--place", str(place), "--source", version(tmp_path / "source", 1)]
    assert deploy.main([*given, "--check"]) == 1
    assert deploy.main(given) == 0
    assert deploy.main([*given, "--check"]) == 0
    (place / "live" / "version").unlink()
    assert deploy.main([*given, "--check"]) == 1
