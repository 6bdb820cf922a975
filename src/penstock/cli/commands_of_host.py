"""Workflow commands: a line `::…::` on a step's output that GitHub's runner obeys.

What penstock prints may quote what anybody wrote, so while it prints the runner obeys nothing (TRUST.md §6); where a
failure stands is told to it afterwards, and the logs of the jobs that failed, each in a group that is folded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from penstock.cli.out import Out

# The others print no foreign text.
_QUOTING = frozenset({"run", "test", "gate", "report", "pr", "plan", "explain", "repro", "ci", "history", "flaky"})
_COMMANDS = "--a"  # `report --annotations -`, or its beginning: what it prints is commands


def heard(environ: Mapping[str, str]) -> bool:
    """Whether GitHub's runner, or act, reads what is printed."""
    return environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def stopped(out: Out, words: list[str], environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """No line is a command until the end. `words`: the command line."""
    command = words[0] if words and not words[0].startswith("-") else "run"
    meant = command == "report" and any(word.startswith(_COMMANDS) for word in words)
    if not heard(environ) or command not in _QUOTING or meant:
        yield
        return
    try:
        with _deaf(out):
            yield
    finally:
        for line in out.afterwards:
            out.say(line)
        for title, text in out.folded:
            out.say(f"::group::{title}")
            with _deaf(out):
                out.say(text)
            out.say("::endgroup::")


@contextmanager
def _deaf(out: Out) -> Iterator[None]:
    token = os.urandom(16).hex()  # nobody who writes a line can know it
    out.say(f"::stop-commands::{token}")
    try:
        yield
    finally:
        out.say(f"::{token}::")
