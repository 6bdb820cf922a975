"""A recognised test command."""

from __future__ import annotations

from penstock.errors import Place
from penstock.value import Value


class Invocation(Value, frozen=True, kw_only=True):
    """One recognised test command. `argv`: pytest's or unittest's options, or the whole own command after `python`.

    `measured`: `coverage run` stood before it; `written`: the command as the file has it, for people.
    """

    runner: str  # "pytest" | "unittest" | "command"
    argv: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    as_module: bool = False
    interpreter: tuple[str, ...] = ()  # options of Python itself, before -m: -b, -X dev, -W error
    no_capture: bool = False
    dropped: tuple[str, ...] = ()  # options of the command that are not taken over (-n, --cov …)
    environment: tuple[tuple[str, str], ...] = ()
    directory: str = ""  # where it runs, relative to the root; argv and paths are written from the root all the same
    measured: bool = False
    written: str = ""
    place: Place | None = None
