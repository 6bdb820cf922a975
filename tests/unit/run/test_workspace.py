from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from penstock.run import workspace
from penstock.run.workspace import Overlay
from penstock.util import digest


class Scene:
    """A tree, a workspace and a wheel with one generated file."""

    def __init__(self, folder: Path) -> None:
        self.root, self.folder = folder / "root", folder / "work"
        self.root.mkdir()
        with zipfile.ZipFile(folder / "w.whl", "w") as archive:
            archive.writestr("demo/_x.so", "compiled")
        files = (("demo/_x.so", "demo/_x.so"),)
        self.overlay = Overlay(wheel=str(folder / "w.whl"), digest="wheel-1", files=files)
        self.write("demo/__init__.py", "one")
        self.write("tests/test_a.py", "a")

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def files(self) -> dict[str, str]:
        found = [path for path in self.root.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.root)): digest.of_file(path) for path in found}

    def renew(self) -> dict[str, str]:
        files = self.files()
        copy = workspace.renew(self.folder, self.root, files, str(sorted(files.items())), self.overlay)
        return {str(path.relative_to(copy)): path.read_text() for path in copy.rglob("*") if path.is_file()}

    def current(self) -> bool:
        return workspace.current(self.folder, str(sorted(self.files().items())), self.overlay)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


WHOLE = {"demo/__init__.py": "one", "tests/test_a.py": "a", "demo/_x.so": "compiled"}


def test_the_tree_with_the_generated_file_over_it(scene: Scene) -> None:
    assert not scene.current()
    assert scene.renew() == WHOLE
    assert scene.current()


def test_an_edit_a_new_file_and_a_removed_one_arrive(scene: Scene) -> None:
    scene.renew()
    scene.write("demo/__init__.py", "two")
    scene.write("demo/new.py", "new")
    (scene.root / "tests/test_a.py").unlink()
    assert not scene.current()
    assert scene.renew() == {"demo/__init__.py": "two", "demo/new.py": "new", "demo/_x.so": "compiled"}


def test_what_tests_did_to_the_copy_is_undone(scene: Scene) -> None:
    scene.renew()
    copy = workspace.place(scene.folder)
    (copy / "left.db").write_text("left")
    (copy / "demo/__init__.py").write_text("changed")
    (copy / "demo/_x.so").unlink()
    scene.write("extra.txt", "x")
    assert scene.renew() == {**WHOLE, "extra.txt": "x"}


def test_only_what_differs_is_copied_again(scene: Scene) -> None:
    scene.renew()
    copy = workspace.place(scene.folder)
    before = (copy / "tests/test_a.py").stat().st_ino
    scene.write("demo/__init__.py", "two")
    scene.renew()
    assert (copy / "tests/test_a.py").stat().st_ino == before


def test_another_build_of_the_extension_is_laid_over(scene: Scene, tmp_path: Path) -> None:
    scene.renew()
    with zipfile.ZipFile(tmp_path / "w2.whl", "w") as archive:
        archive.writestr("demo/_x.so", "newer")
    scene.overlay = Overlay(wheel=str(tmp_path / "w2.whl"), digest="wheel-2", files=scene.overlay.files)
    assert not scene.current()
    assert scene.renew()["demo/_x.so"] == "newer"


def test_a_copy_that_was_killed_on_the_way_is_made_anew(scene: Scene) -> None:
    scene.renew()
    stamp = next(scene.folder.glob("*.json"))
    stamp.unlink()
    (workspace.place(scene.folder) / "half").write_text("half")
    assert scene.renew() == WHOLE


def test_links_and_modes_stay_what_they_are(scene: Scene) -> None:
    scene.write("run.sh", "#!/bin/sh")
    (scene.root / "run.sh").chmod(0o755)
    (scene.root / "link").symlink_to("run.sh")
    scene.renew()
    copy = workspace.place(scene.folder)
    assert (copy / "link").readlink() == Path("run.sh")
    assert os.access(copy / "run.sh", os.X_OK)
