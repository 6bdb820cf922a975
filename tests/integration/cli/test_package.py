"""What was built, by the real build backend, twine, check-wheel-contents and validate-pyproject."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

pytestmark = pytest.mark.slow  # a build backend and the tools are fetched

PROJECT = """
[project]
name = "demo"
version = "1.0"
description = "it demonstrates"
requires-python = ">=3.12"
license = "MIT"
license-files = ["LICENSE"]
readme = "README.md"
classifiers = ["Programming Language :: Python :: 3.12"]

[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[tool.setuptools]
packages = ["demo", "demo.sub"]
package-dir = { "" = "src" }

[tool.penstock.jobs]
build = true

[tool.penstock.gates]
package = { license = "error" }
"""
FILES = {
    "pyproject.toml": PROJECT,
    "README.md": "# demo\n",
    "LICENSE": "MIT\n",
    "src/demo/__init__.py": "ONE = 1\n",
    "src/demo/sub/__init__.py": "TWO = 2\n",
}
LOST = PROJECT.replace('"demo", "demo.sub"', '"demo"')
STRAY = PROJECT.replace('"demo", "demo.sub"', '"demo", "demo.sub", "tests"').replace(
    '{ "" = "src" }', '{ demo = "src/demo", tests = "tests" }'
)


@pytest.mark.parametrize(
    ("project", "said"),
    [
        (PROJECT, ""),
        (LOST, "W101 Wheel library is missing files in package tree: demo/sub/__init__.py"),
        (STRAY, "W005 Wheel contains common toplevel name in library: tests/"),
        (PROJECT.replace("Python :: 3.12", "Pyton :: 3.12"), "must be trove-classifier"),
        (PROJECT.replace('"MIT"', '"Nonsense"'), ""),
    ],
)
def test_what_is_wrong_with_a_package_is_found_and_its_twin_is_green(tmp_path: Path, project: str, said: str) -> None:
    root = write(tmp_path / "p", FILES | {"pyproject.toml": project, "tests/__init__.py": ""})
    done = penstock(root, "run", "-q")
    assert done.code == (0 if project == PROJECT else 1), done.out
    assert said in done.out


def test_a_version_below_the_last_tag_is_refused(tmp_path: Path) -> None:
    root = write(tmp_path / "p", FILES)
    git(root, "init", "-q", "-b", "main")
    save(root)
    git(root, "tag", "v1.0")
    assert penstock(root, "run", "-q").code == 0
    git(root, "tag", "v1.1")
    done = penstock(root, "run", "-q")
    assert done.code == 1
    assert "1.0 is lower than 1.1, which the tag v1.1 names" in done.out
