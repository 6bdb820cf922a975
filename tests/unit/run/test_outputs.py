from pathlib import Path

from penstock.run import outputs


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_matches_is_kept_and_what_matches_nothing_is_named(tmp_path: Path) -> None:
    tree, folder = tmp_path / "tree", tmp_path / "job"
    write(tree, site__index="1", site__deep__page="2", other="3")
    assert outputs.keep(("site/**", "dist/*"), tree, folder) == ("dist/*",)
    kept = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert kept == {"outputs/site/index", "outputs/site/deep/page"}


def test_a_hit_lays_the_outputs_back_where_they_are_gone_or_changed(tmp_path: Path) -> None:
    tree, folder = tmp_path / "tree", tmp_path / "job"
    write(tree, site__index="1", site__page="2", site__same="3")
    outputs.keep(("site/**",), tree, folder)
    (tree / "site" / "index").write_text("edited")
    (tree / "site" / "page").unlink()
    untouched = (tree / "site" / "same").stat().st_ino
    outputs.lay(folder, tree)
    assert (tree / "site" / "index").read_text() == "1"
    assert (tree / "site" / "page").read_text() == "2"
    assert (tree / "site" / "same").stat().st_ino == untouched


def test_the_state_folder_is_never_an_output(tmp_path: Path) -> None:
    tree, folder = tmp_path / "tree", tmp_path / "job"
    write(tree, **{".penstock__runs__x": "1", ".git__config": "2", "made": "3"})
    assert outputs.keep(("**",), tree, folder) == ()
    assert [path.name for path in (folder / "outputs").rglob("*") if path.is_file()] == ["made"]
