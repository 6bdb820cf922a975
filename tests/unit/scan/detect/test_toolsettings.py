"""Which keys a tool would pass over without a word, and what its configuration leaves out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penstock.scan.detect import detection, toolsettings
from penstock.scan.detect.tree import Tree


def tree(root: Path, **files: str) -> Tree:
    names = {name.replace("__", "/").replace("_toml", ".toml"): text for name, text in files.items()}
    for name, text in names.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Tree(root, names)


def test_a_misspelt_key_of_bandit_and_radon_is_named(tmp_path: Path) -> None:
    text = '[tool.bandit]\nskpis = ["B101"]\nskips = []\n[tool.bandit.assert_used]\nskips = ["x"]\n'
    text += '[tool.radon]\nmi_mim = "B"\n'
    found = tree(tmp_path, pyproject_toml=text)
    assert toolsettings.unknown(found, "bandit") == ("pyproject.toml: [tool.bandit] skpis",)
    assert toolsettings.unknown(found, "radon") == ("pyproject.toml: [tool.radon] mi_mim",)


@pytest.mark.parametrize(
    ("name", "text", "unknown"),
    [
        (".bandit", "[bandit]\nexclude = tests\nskpis = B1\n", (".bandit: [bandit] skpis",)),
        ("bandit.yaml", "skips: [B101]\nskpis: [B1]\nassert_used:\n  skips: ['*']\n", ("bandit.yaml: skpis",)),
        ("radon.cfg", "[radon]\ncc_min = B\ncc_mim = B\n", ("radon.cfg: [radon] cc_mim",)),
    ],
)
def test_their_own_files_are_read_too(tmp_path: Path, name: str, text: str, unknown: tuple[str, ...]) -> None:
    (tmp_path / name).write_text(text)
    tool = "radon" if name == "radon.cfg" else "bandit"
    assert toolsettings.unknown(Tree(tmp_path, (name,)), tool) == unknown


@pytest.mark.parametrize(
    ("tool", "text", "left"),
    [
        ("ruff", '[tool.ruff]\nextend-exclude = ["docs"]\n', ("docs",)),
        ("ruff", "[tool.ruff]\nline-length = 100\n", ()),
        ("black", '[tool.black]\nforce-exclude = "x|y"\n', ("",)),
        ("mypy", '[tool.mypy]\nexclude = ["^build/"]\n', ("^build/",)),
        ("pyright", '[tool.pyright]\nexclude = ["docs"]\n', ("docs",)),
        ("ty", '[tool.ty.src]\nexclude = ["docs"]\n', ("docs",)),
        ("pylint", '[tool.pylint.main]\nignore-paths = ["docs"]\n', ("docs",)),
        ("bandit", '[tool.bandit]\nexclude_dirs = ["docs"]\n', ("docs",)),
    ],
)
def test_what_is_left_out_is_what_the_configuration_says(
    tmp_path: Path, tool: str, text: str, left: tuple[str, ...]
) -> None:
    assert toolsettings.excludes(tree(tmp_path, pyproject_toml=text), tool) == left


def test_a_folders_own_configuration_of_ruff_may_leave_out_anything(tmp_path: Path) -> None:
    assert toolsettings.excludes(tree(tmp_path, sub__ruff_toml="line-length = 100\n"), "ruff") == ("",)


@pytest.mark.parametrize(
    ("files", "verb", "args", "paths"),
    [
        ({"pyproject.toml": '[tool.bandit]\nexclude_dirs = ["x"]\n'}, "advises", ("-c", "pyproject.toml"), ()),
        ({".pre-commit-config.yaml": "HOOK"}, "blocks", ("-c", "pyproject.toml", "-ll"), ()),
        (
            {"tox.ini": "[tox]\nenvlist = sec\n[testenv:sec]\ncommands = bandit -r pkg -q\n"},
            "blocks",
            ("-r", "-q"),
            ("pkg",),
        ),
        ({"requirements-dev.txt": "bandit==1.9.4\n"}, "advises", (), ()),
    ],
)
def test_bandit_is_found_where_the_project_has_it(
    tmp_path: Path, files: dict[str, str], verb: str, args: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    hook = (
        "repos:\n- repo: https://github.com/PyCQA/bandit\n  rev: 1.9.4\n  hooks:\n  - id: bandit\n"
        "    args: [-c, pyproject.toml, -ll]\n"
    )
    files = {"pkg/__init__.py": "", **files}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(hook if text == "HOOK" else text)
    found = detection.project(tmp_path, files)
    (use,) = (use for use in found.tools if use.tool == "bandit")
    assert ("blocks" if use.blocking else "advises", use.args, use.paths) == (verb, args, paths)


def test_modules_whose_errors_mypy_ignores_are_known_by_their_paths(tmp_path: Path) -> None:
    text = '[[tool.mypy.overrides]]\nmodule = ["pkg.old.*", "pkg.one"]\nignore_errors = true\n'
    text += '[[tool.mypy.overrides]]\nmodule = "pkg.fine"\nignore_errors = false\n'
    found = toolsettings.silenced(tree(tmp_path, pyproject_toml=text), "mypy")
    paths = ("src/pkg/old/a.py", "pkg/old.py", "pkg/one.py", "pkg/one/__init__.py", "pkg/one/a.py", "pkg/fine.py")
    assert [path for path in paths if any(re.search(each, path) for each in found)] == list(paths[:4])
    (tmp_path / "mypy.ini").write_text("[mypy]\n[mypy-a.b]\nignore_errors = True\n[mypy-c]\nstrict = True\n")
    assert toolsettings.silenced(Tree(tmp_path, ("mypy.ini",)), "mypy") == (r"(?:^|/)a/b(?:/__init__)?\.pyi?$",)


def test_a_list_of_what_is_examined_says_not_what_is_left_out(tmp_path: Path) -> None:
    assert toolsettings.excludes(tree(tmp_path, pyproject_toml='[tool.mypy]\nfiles = ["src"]\n'), "mypy") == ("",)
