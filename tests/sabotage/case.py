"""What a case of the suite is: a small project, one way to make it look good, and the honest change beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

PLAIN = "A change"
WHY = "A change\n\nPolicy: the kiln moves, and much with it"  # what is asked beside the policy is asked all the same

REGISTRY = "a registry"

Text = str | None | Callable[[str], str]  # a file's new text, None to delete it, or what is made of the old one
Files = Mapping[str, Text]


class Project(NamedTuple):
    """A project whose pipeline is green, with what a usual CI script would call on it.

    `stock`: commands in a shell each, in an environment that holds pytest, pytest-cov, ruff, mypy and the project.
    """

    name: str
    files: Mapping[str, str]
    stock: tuple[str, ...]


class Red(NamedTuple):
    """How penstock has to refuse. `check`: the name of the answer that says no; `says`: a pattern in its words, or in
    the reason of its job. `also`: further checks that may say no. An empty `check` is a refusal of the configuration:
    nothing runs, and `says` is on standard error.
    """

    check: str
    says: str
    code: int = 1
    also: tuple[str, ...] = ()


class Scene(Protocol):
    """Where a case happens: what steps of a case may do."""

    root: Path

    def penstock(self, *words: str, environ: Mapping[str, str] | None = None) -> int:
        """Run penstock in the project; its exit code."""
        ...

    def git(self, *words: str) -> None:
        """Run git in the project."""
        ...


class Sabotage(NamedTuple):
    """One case. `change` and `twin` are made to the committed project, and are committed on a branch with `message`,
    which says why the policy changes, so that the rule that is meant has to speak, but where that is the rule.

    `before`: what is done with the committed project, before the change. `fresh`: cached results are not taken.
    `words`: further arguments of `penstock run`. `proposed`: it runs as a CI host runs a pull request. `after`: what is
    done between the run and the judgement that counts, which is then `penstock gate` with the words that it gives;
    `after_twin`: the same for the twin. `stock`, `stock_twin`: what a CI script calls there, if not the project's.
    `needs`: what else has to be on the machine: a program, or REGISTRY for tools that are fetched. `open`: why penstock
    does not catch it yet, in words.
    """

    name: str
    project: Project
    change: Files
    twin: Files
    expects: Red
    rule: str = ""
    words: tuple[str, ...] = ()
    twin_words: tuple[str, ...] | None = None
    message: str = WHY
    twin_message: str = WHY
    proposed: bool = False
    before: Callable[[Scene], None] | None = None
    fresh: bool = True
    after: Callable[[Scene], tuple[str, ...]] | None = None
    after_twin: Callable[[Scene], tuple[str, ...]] | None = None
    stock: tuple[str, ...] | None = None
    stock_twin: tuple[str, ...] | None = None
    needs: str = ""
    open: str = ""


def made(before: Mapping[str, str], change: Files) -> dict[str, str]:
    """The files after the change."""
    files = dict(before)
    for name, text in change.items():
        if text is None:
            del files[name]
        elif callable(text):
            after = text(files.get(name, ""))
            assert after != files.get(name), f"the change does nothing to {name}"
            files[name] = after
        else:
            files[name] = text
    return files


def plus(more: str) -> Callable[[str], str]:
    """The file with more text at its end."""
    return lambda text: f"{text}{more}"


def instead(old: str, new: str) -> Callable[[str], str]:
    """The file with one text for another, which it has to hold."""

    def change(text: str) -> str:
        assert old in text, f"{old!r} is not there"
        return text.replace(old, new)

    return change
