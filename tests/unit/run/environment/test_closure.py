from __future__ import annotations

from pathlib import Path

import pytest

from penstock.run.environment import closure


def modules(
    tmp_path: Path, text: str, *, files: tuple[str, ...] = (), installed: tuple[str, ...] = ()
) -> dict[str, str]:
    (tmp_path / "tests").mkdir(exist_ok=True)
    (tmp_path / "tests/test_x.py").write_text(text)
    found = closure.missing(tmp_path, ("tests/test_x.py",), {"tests/test_x.py", *files}, installed)
    return {gap.module: gap.place for gap in found}


def test_only_what_nothing_answers_is_missing(tmp_path: Path) -> None:
    text = "import os, msgspec.json as j\nimport pytest\nimport demo\nfrom helpers import x\nfrom . import y\n"
    text += "from yaml import z\n"
    files = ("src/demo/__init__.py", "tests/helpers.py")
    found = modules(tmp_path, text, files=files, installed=("pytest",))
    assert found == {"msgspec": "tests/test_x.py:1", "yaml": "tests/test_x.py:6"}


@pytest.mark.parametrize(
    "text",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import absent\n",
        "try:\n    import absent\nexcept ImportError:\n    absent = None\n",
        "try:\n    import absent\nexcept (ModuleNotFoundError, OSError):\n    pass\n",
        "try:\n    import absent\nexcept:\n    pass\n",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import absent\n",
        "def test():\n    import absent\n",
        '"""\nimport absent\n"""\n',
        "import absent (\n",
        "x = pytest.importorskip('absent')\n",
    ],
)
def test_an_import_that_the_file_can_do_without_is_not_missing(tmp_path: Path, text: str) -> None:
    assert modules(tmp_path, text) == {}


def test_a_try_for_another_reason_does_not_guard(tmp_path: Path) -> None:
    assert modules(tmp_path, "try:\n    import absent\nexcept KeyError:\n    pass\n") == {"absent": "tests/test_x.py:2"}


def test_a_module_that_left_the_standard_library_is_not_a_distribution(tmp_path: Path) -> None:
    assert modules(tmp_path, "import distutils\nimport asyncore\n") == {}


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("msgspec", "msgspec>=0.18"),
        ("yaml", "PyYAML; sys_platform == 'linux'"),
        ("pytest_mock", "pytest-mock"),
        ("absent", None),
    ],
)
def test_the_declared_place_answers(module: str, line: str | None) -> None:
    places = (
        ("msgspec>=0.18", "extra `msgspec`"),
        ("PyYAML; sys_platform == 'linux'", "group dev"),
        ("pytest-mock", "nox"),
    )
    found = closure.declared(module, places)
    assert (found and found[0]) == line


def test_of_the_extras_those_for_running_are_tried() -> None:
    fallbacks = (("h2", "extra http2 (p:1)"), ("sphinx", "extra docs (p:1)"), ("trio", "group dev (p:9)"))
    assert closure.of_extras(fallbacks) == (("h2", "extra http2 (p:1)"),)
    assert closure.of_extras(("a", f"extra x{number} (p:1)") for number in range(20)) == ()
