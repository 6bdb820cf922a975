from __future__ import annotations

from collections.abc import Mapping

import pytest

from penstock.model.snapshot import Package
from penstock.run.environment.keys import source_keys
from penstock.run.environment.spec import SourceKeys
from tests import builders

FILES = {
    "pyproject.toml": "1",
    "README.md": "2",
    "src/demo/__init__.py": "3",
    "src/demo/core.py": "4",
    "src/demo/_fast.c": "5",
    "src/demo/tests/test_core.py": "6",
    "tests/test_demo.py": "7",
    "generate.py": "8",
}


def keys(changed: str = "", *, files: Mapping[str, str] = FILES, text: str = 'readme = "README.md"') -> SourceKeys:
    return source_keys(
        {**files, changed: "new"} if changed else files,
        builders.project(packages=(Package(name="demo", path="src/demo"),)),
        text,
    )


@pytest.mark.parametrize(
    ("changed", "install", "native"),
    [
        ("pyproject.toml", True, True),
        ("setup.py", True, True),
        ("MANIFEST.in", True, True),
        ("src/demo/_version.py", True, True),
        ("src/demo/_fast.c", False, True),
        ("src/demo/new.pyx", False, True),
        ("generate.py", False, True),
        ("src/demo/core.py", False, False),
        ("src/demo/__init__.py", False, False),
        ("src/demo/tests/test_core.py", False, False),
        ("tests/test_demo.py", False, False),
        ("README.md", False, False),
    ],
)
def test_what_makes_a_wheel_stale(changed: str, install: bool, native: bool) -> None:  # noqa: FBT001 - parametrized
    before, after = keys(), keys(changed)
    assert (before.install != after.install) is install
    assert (before.native != after.native) is native
    assert before.sources != after.sources


def test_a_version_read_from_the_package_is_an_input() -> None:
    text = 'version = { attr = "demo.__version__" }'
    assert keys(text=text).install != keys("src/demo/__init__.py", text=text).install


def test_a_file_that_the_build_names_is_an_input() -> None:
    text = "open('needs.txt')"
    files = {**FILES, "needs.txt": "1"}
    assert keys(files=files, text=text).install != keys("needs.txt", files=files, text=text).install
