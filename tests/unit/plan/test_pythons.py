import pytest

from penstock.plan.pythons import is_range, missing_remedy, order_of, pythons_of, select_pythons
from tests.builders import interpreter, pipeline, project, snapshot


def test_declared_pythons_are_required_wherever_they_are() -> None:
    found = pythons_of(pipeline(python=("3.13", "3.9")), snapshot(pythons=("3.13",)))
    assert (found.every, found.newest, found.required) == (("3.9", "3.13"), "3.13", True)
    assert found.missing("3.9") == "no Python 3.9 on this machine (looked in: PATH, pyenv)"
    assert found.missing("3.13") is None


def test_newest_declared_is_newest_on_every_machine() -> None:
    declared = pipeline(python=("3.11", "3.13"))
    assert pythons_of(declared, snapshot(pythons=("3.11",))).newest == "3.13"


def test_supported_pythons_are_not_required_and_the_newest_is_one_that_is_here() -> None:
    found = pythons_of(pipeline(), snapshot(pythons=("3.12", "3.8")))
    assert (found.every, found.newest, found.required) == (("3.11", "3.12", "3.13"), "3.12", False)


def test_without_any_supported_python_here_the_newest_supported_stays() -> None:
    assert pythons_of(pipeline(), snapshot(pythons=("3.8",))).newest == "3.13"


def test_project_that_names_no_python_gets_the_newest_plain_one_here() -> None:
    silent = snapshot(project=project(declared_pythons=()), pythons=("3.9", "3.12", "3.13t", "pypy3.10"))
    found = pythons_of(pipeline(), silent)
    assert (found.every, found.newest) == (("3.12",), "3.12")


def test_without_python_at_all_there_is_no_newest() -> None:
    found = pythons_of(pipeline(), snapshot(project=project(declared_pythons=()), pythons=()))
    assert (found.every, found.newest) == ((), None)
    assert found.missing(None) == "no Python on this machine (looked in: PATH, pyenv)"


@pytest.mark.parametrize(
    ("selectors", "chosen"),
    [
        (("*",), ("3.9", "3.10", "3.13t", "3.13")),
        ((">=3.10",), ("3.10", "3.13t", "3.13")),
        ((">=3.9, <3.13",), ("3.9", "3.10")),
        (("!=3.10",), ("3.9", "3.13t", "3.13")),
        (("~=3.10",), ("3.10", "3.13t", "3.13")),
        (("==3.10.*",), ("3.10",)),
        ((">3.10",), ("3.13t", "3.13")),
        (("<=3.9",), ("3.9",)),
        (("3.12", "3.9"), ("3.9", "3.12")),
        ((">=4",), ()),
    ],
)
def test_selectors(selectors: tuple[str, ...], chosen: tuple[str, ...]) -> None:
    declared = pipeline(python=("3.9", "3.10", "3.13", "3.13t"))
    found = select_pythons(selectors, pythons_of(declared, snapshot()))
    assert sorted(found) == sorted(chosen)


def test_star_and_ranges_of_the_pipeline_are_over_what_the_project_supports() -> None:
    assert pythons_of(pipeline(python=("*",)), snapshot()).every == ("3.11", "3.12", "3.13")
    assert pythons_of(pipeline(python=(">=3.12",)), snapshot()).every == ("3.12", "3.13")


def test_whole_versions_name_an_interpreter() -> None:
    exact = snapshot(interpreters=(interpreter("3.12", version="3.12.7"),))
    assert pythons_of(pipeline(python=("3.12.7",)), exact).missing("3.12.7") is None


def test_order_and_words() -> None:
    assert sorted(("3.13", "pypy3.10", "3.9", "3.13t", "odd", "3.10"), key=order_of) == [
        "odd",
        "pypy3.10",
        "3.13t",
        "3.9",
        "3.10",
        "3.13",
    ]
    assert is_range(">=3.9,<4")
    assert not is_range("3.9")
    assert missing_remedy("3.9", required=True) == (
        "uv python install 3.9; or `--available` for what this machine can do"
    )
