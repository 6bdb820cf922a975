"""`penstock clean` in process: what goes, what it says, and what it refuses to touch."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from penstock.cli import main
from penstock.run import folder
from tests.fakes.clock import FakeClock


class Place:
    """A project and a home."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = folder / "home/me/project"
        self.home = folder / "home/me"
        self.root.mkdir(parents=True)
        self._capsys = capsys
        monkeypatch.setenv("HOME", str(self.home))

    def declare(self, *caches: str) -> None:
        listed = ", ".join(caches)
        (self.root / "penstock.toml").write_text(f'[jobs]\nfetch = {{ run = "true", caches = [{listed}] }}\n')

    def clean(self, *words: str) -> tuple[int, str]:
        code = main.run(["clean", "-C", str(self.root), *words])
        told = self._capsys.readouterr()
        return code, told.out + told.err


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, monkeypatch, capsys)


def old(path: Path, size: int = 2048) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (1.0, 1.0))
    return path


def test_only_caches_with_a_limit_are_pruned(place: Place) -> None:
    kept = old(place.home / ".cache/free/a")
    aged = old(place.home / ".cache/aged/a")
    place.declare('"~/.cache/free"', '{ path = "~/.cache/aged", age = "30d" }', '{ path = "downloads", max = "5KB" }')
    small = [old(place.root / f"downloads/{number}") for number in range(4)]
    code, told = place.clean()
    assert code == 0
    assert kept.exists()
    assert not aged.exists()
    assert sum(path.exists() for path in small) == 2
    assert "removed 1 file of ~/.cache/aged (2 KiB); 0 bytes are left" in told
    assert "removed 2 files of downloads (4 KiB); 4 KiB are left" in told


def test_a_dry_run_lists_what_would_go_and_removes_nothing(place: Place) -> None:
    place.declare('{ path = "downloads", age = "1d" }')
    file = old(place.root / "downloads/model.bin")
    state = place.root / ".penstock"
    run = folder.create(state, FakeClock())
    run.close()
    (state / "envs").mkdir()
    before = sorted(place.root.rglob("*"))
    code, told = place.clean("--dry-run", "--keep-runs", "0", "--environments")
    assert code == 0
    assert sorted(place.root.rglob("*")) == before
    assert f"would remove {file} (2 KiB)" in told
    assert f"would remove {run.path}" in told
    assert f"would remove {state / 'envs'}" in told
    place.clean("--keep-runs", "0", "--environments")
    assert not any(path.exists() for path in (file, run.path, state / "envs"))


@pytest.mark.parametrize("path", ["/", "~/", "~", ".", "./", "..", "a/../..", ""])
def test_a_cache_that_is_no_folder_of_its_own_is_a_problem_with_its_place(place: Place, path: str) -> None:
    place.declare(f'{{ path = "{path}", age = "1d" }}')
    code, told = place.clean()
    assert code == 2
    assert "C103" in told
    assert "penstock.toml:2:" in told


@pytest.mark.parametrize(
    "path", ["{home}", "{home}/project", "{home}/..", "~/project", "~/link", "{home}/project/.penstock"]
)
def test_a_folder_that_holds_the_home_or_the_project_is_refused_before_anything_goes(place: Place, path: str) -> None:
    (place.home / "link").symlink_to(place.root)
    precious = old(place.root / "precious")
    path = path.replace("{home}/..", str(place.home.parent)).format(home=place.home)
    place.declare(f'{{ path = "{path}", age = "1d" }}')
    code, told = place.clean("--all")
    assert code == 2
    assert "C306" in told
    assert "penstock.toml:2:1" in told
    assert precious.exists()


def test_a_run_that_lives_keeps_what_it_uses(place: Place) -> None:
    place.declare('"downloads"')
    state = place.root / ".penstock"
    alive = folder.create(state, FakeClock())
    (state / "envs").mkdir()
    code, told = place.clean("--all")
    assert code == 0
    assert "is using them" in told
    assert (alive.path / "lock").exists()
    alive.close()
    place.clean("--all")
    assert not state.exists()
