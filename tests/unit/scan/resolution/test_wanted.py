from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.model.snapshot import DependencySet
from penstock.scan.detect.tree import Tree
from penstock.scan.resolution.wanted import Facts, Line, Wanted, collect

FACTS = Facts(
    name="Demo.Project",
    dependencies=(Line(text="attrs>=22", place="pyproject.toml"),),
    extras={
        "test": (Line(text="pytest", place="extra"), Line(text="demo-project[more]", place="extra")),
        "more": (Line(text="msgspec", place="extra"),),
    },
)


Ask = Callable[..., Wanted]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Collects for a tree of these files (path -> text) and a dependency set of these fields."""

    def collected(tree: Mapping[str, str], **fields: Any) -> Wanted:
        for name, text in tree.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return collect(Tree(tmp_path, tree), DependencySet(name="test", **fields), FACTS)

    return collected


def texts(wanted: Wanted) -> list[str]:
    return [line.text for line in wanted.lines]


def test_the_project_never_appears_its_extras_do(ask: Ask) -> None:
    assert texts(ask({}, extras=("test",))) == ["attrs>=22", "pytest", "msgspec"]
    assert texts(ask({}, extras=("Test",), install_project=False)) == ["pytest", "msgspec"]
    assert texts(ask({}, requirements=("demo.project[more]",), install_project=False)) == ["msgspec"]
    assert texts(ask({}, requirements=("-e .[more]", "."), install_project=False)) == ["attrs>=22", "msgspec"]


def test_a_tool_goes_in_only_where_nothing_else_names_it(ask: Ask) -> None:
    otherwise = ("mypy==2.4.1", "types-six")
    files = {"typing.txt": "Mypy==1.10 ; python_version >= '3.10'\n"}
    assert texts(ask(files, files=("typing.txt",), install_project=False, otherwise=otherwise)) == [
        "Mypy==1.10 ; python_version >= '3.10'",
        "types-six",
    ]
    assert texts(ask({}, install_project=False, otherwise=otherwise)) == list(otherwise)


def test_groups_with_their_includes_and_the_project_named_in_them(ask: Ask) -> None:
    text = '[dependency-groups]\ndev = ["ruff", {include-group = "t"}]\nt = ["pytest", "demo-project[more]"]\n'
    wanted = ask({"pyproject.toml": text}, groups=("dev",), install_project=False)
    assert texts(wanted) == ["ruff", "pytest", "msgspec"]
    assert "pyproject.toml:2" in wanted.lines[0].place


def test_files_are_followed_with_line_numbers_and_options(ask: Ask) -> None:
    files = {
        "requirements/test.txt": "-r base.txt\n-c ../bounds.txt\npytest  # the runner\n--extra-index-url https://x/simple\n",
        "requirements/base.txt": "six==1 \\\n   --hash=sha256:00\n-e .\n",
        "bounds.txt": "pytest<9\n",
    }
    wanted = ask(files, files=("requirements/test.txt",), install_project=False)
    assert [(line.text, line.place) for line in wanted.lines] == [
        ("six==1", "requirements/base.txt:1"),
        ("attrs>=22", "pyproject.toml"),
        ("pytest", "requirements/test.txt:3"),
    ]
    assert [line.text for line in wanted.constraints] == ["pytest<9"]
    assert wanted.options == ("--extra-index-url https://x/simple",)


def test_a_folder_of_the_tree_that_can_be_built(ask: Ask) -> None:
    files = {"req.txt": "-e ./plugins/one\n./absent\n", "plugins/one/pyproject.toml": ""}
    wanted = ask(files, files=("req.txt",), install_project=False)
    assert wanted.folders == ("plugins/one",)
    assert "./absent (req.txt:2)" in wanted.problems[0]


def test_what_does_not_exist_is_told_and_asked_by_whom(ask: Ask) -> None:
    wanted = ask({"a.txt": "-r gone.txt\n"}, extras=("nope",), groups=("none",), files=("a.txt",))
    assert [part in problem for part, problem in zip(("`nope`", "`none`", "gone.txt"), wanted.problems, strict=True)]
    assert len(wanted.problems) == 3


def test_circles_end(ask: Ask) -> None:
    wanted = ask({"a.txt": "-r b.txt\nx\n", "b.txt": "-r a.txt\ny\n"}, files=("a.txt",), install_project=False)
    assert texts(wanted) == ["y", "x"]


def test_what_detection_left_out_stays_out(ask: Ask) -> None:
    line = "foo @ git+https://example.org/foo"
    wanted = ask({}, requirements=(line, "six"), unfetchable=(line,), install_project=False)
    assert texts(wanted) == ["six"]
