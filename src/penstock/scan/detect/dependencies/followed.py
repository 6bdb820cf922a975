"""Commands that only call a task of the project: tox's `make test` is what the Makefile says under `test`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from penstock.scan.detect.declared import POSARGS, Declared

_DEEPEST = 5  # tasks that call tasks; a ring ends here
_MAKERS = {"make": "make", "gmake": "make", "just": "task", "poe": "task", "task": "task"}
_RUNNERS = frozenset({"uv", "poetry", "pdm", "rye", "hatch"})
_SHELLS = frozenset({"bash", "sh", "dash", "zsh"})

Tasks = Mapping[tuple[str, str], Declared]
Commands = tuple[tuple[str, ...], ...]


def opened(declared: Sequence[Declared]) -> list[Declared]:
    """The declared environments, with the commands of the tasks that they call in the place of the calls."""
    tasks = {(each.source, each.name): each for each in reversed(declared) if each.source in {"make", "task", "script"}}
    return [_opened(each, tasks) for each in declared] if tasks else list(declared)


def _opened(each: Declared, tasks: Tasks) -> Declared:
    commands = _expanded(each.commands, tasks, 0)
    # A task called by its own name would be found again: of itself nothing is gained.
    return each if commands == each.commands else replace(each, commands=commands, lines=())


def _expanded(commands: Commands, tasks: Tasks, depth: int) -> Commands:
    found: list[tuple[str, ...]] = []
    for argv in commands:
        called = _called(argv, tasks) if depth < _DEEPEST else []
        if called:
            found += [inner for task in called for inner in _expanded(task.commands, tasks, depth + 1)]
        else:
            found.append(argv)
    return tuple(found)


def _called(argv: Sequence[str], tasks: Tasks) -> list[Declared]:
    """The tasks that a command line calls, [] if it is any other."""
    words = [word for word in argv if POSARGS not in word]
    if len(words) > 2 and words[0] in _RUNNERS and words[1] == "run" and not words[2].startswith("-"):
        task = tasks.get(("task", words[2]))
        if task is not None:
            return [task]
        words = words[2:]
    if not words:
        return []
    first = words[0].removeprefix("./")
    if first in _SHELLS and len(words) > 1:
        first = words[1].removeprefix("./")
    if ("script", first) in tasks:
        return [tasks["script", first]]
    kind = _MAKERS.get(first)
    if kind is None or any(word.startswith(("-C", "--directory", "-f")) for word in words[1:]):
        return []
    targets = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return [tasks[kind, target] for target in targets if (kind, target) in tasks]
