"""What distributions say of their licences, and which of them the project itself brings."""

from __future__ import annotations

from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest

from penstock.guest import penstock_installed
from tests.fakes.guest_runs import write


def made(root: Path, name: str, *lines: str) -> Distribution:
    folder = root / f"{name}-1.dist-info"
    write(folder, {"METADATA": "\n".join(("Metadata-Version: 2.4", f"Name: {name}", "Version: 1", *lines)) + "\n"})
    return PathDistribution(folder)


FIVE = 'Requires-Dist: five; extra == "dev"'


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ("License-Expression: MIT OR Apache-2.0", "Classifier: License :: OSI Approved :: ISC License (ISCL)"),
            ("MIT OR Apache-2.0", "expression"),
        ),
        (("Classifier: License :: OSI Approved :: MIT License",), ("MIT", "classifier")),
        (("Classifier: License :: OSI Approved :: BSD License",), ("BSD License", "unknown")),
        (("Classifier: License :: OSI Approved :: BSD License", "License: BSD-3-Clause"), ("BSD-3-Clause", "field")),
        (("Classifier: License :: Public Domain",), ("Public Domain", "unknown")),
        (
            (
                "Classifier: License :: OSI Approved :: MIT License",
                "Classifier: License :: OSI Approved :: Apache Software License",
            ),
            ("MIT AND Apache-2.0", "classifier"),
        ),
        (("License: mit",), ("MIT", "field")),
        (("License: see the file",), ("see the file", "unknown")),
        (("License: UNKNOWN",), ("", "unknown")),
        ((), ("", "unknown")),
    ],
)
def test_the_expression_first_then_classifiers_then_a_bare_identifier(
    tmp_path: Path, lines: tuple[str, ...], expected: tuple[str, str]
) -> None:
    assert penstock_installed.licence(made(tmp_path, "x", *lines)) == expected


def test_what_users_get_is_what_the_project_always_needs_and_that_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = (
        '[project]\nname = "own"\ndependencies = ["One[fast]>=1"]\n'
        'optional-dependencies = { more = ["four"] }\n[dependency-groups]\ntest = ["five", { include-group = "x" }]\n'
    )
    write(tmp_path, {"pyproject.toml": table})
    monkeypatch.chdir(tmp_path)
    every = {
        "one": made(
            tmp_path,
            "one",
            "Requires-Dist: two",
            'Requires-Dist: three; extra == "fast"',
            'Requires-Dist: five; extra == "dev"',
        ),
        **{name: made(tmp_path, name) for name in ("two", "three", "four", "five")},
    }
    names, always, known = penstock_installed.declared("own", every)
    assert (names, known) == ({"one", "four", "five"}, True)
    assert penstock_installed.closure(always, every) == {"one", "two", "three"}
    assert penstock_installed._absent([*always, "six>1", "seven; sys_platform == 'win32'"], every) == ["six"]


def test_a_project_without_pyproject_is_known_by_its_installed_metadata(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    every = {
        "own": made(tmp_path, "own", "Requires-Dist: one", 'Requires-Dist: two; extra == "x"'),
        "one": made(tmp_path, "one"),
    }
    names, always, known = penstock_installed.declared("own", every)
    assert (names, always, known) == ({"one", "two"}, ["one"], True)
    assert penstock_installed.declared("other", every)[2] is False
