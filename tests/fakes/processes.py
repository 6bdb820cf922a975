"""Processes that do not exist: scripted answers to command lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from penstock.util.process import Completed


class Call(NamedTuple):
    """One process that was asked for."""

    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str] | None
    stdin: bytes


Answer = Completed | Exception | Callable[[Call], Completed]


class FakeProcesses:
    """Answers by the longest scripted beginning of argv; a program without a script is not installed."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._answers: dict[tuple[str, ...], Answer] = {}

    def script(self, *argv: str, answer: Answer) -> FakeProcesses:
        """Answer every command line that begins with `argv`; an exception is raised."""
        self._answers[argv] = answer
        return self

    def says(self, *argv: str, stdout: bytes = b"", stderr: bytes = b"", exit_code: int = 0) -> FakeProcesses:
        """Let every command line that begins with `argv` end like this."""
        return self.script(*argv, answer=Completed(exit_code=exit_code, stdout=stdout, stderr=stderr))

    def run(
        self,
        argv: Sequence[str],
        *,
        directory: str,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
        stdin: bytes = b"",
    ) -> Completed:
        """See `ports.Processes`."""
        call = Call(tuple(argv), directory, environment, stdin)
        self.calls.append(call)
        known = [script for script in self._answers if call.argv[: len(script)] == script]
        if not known:
            raise FileNotFoundError(call.argv[0])
        answer = self._answers[max(known, key=len)]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Completed) else answer(call)
