"""Suspects on their way at the base, beside the session: one test after another, in a process of their own.

PYTEST_DONT_REWRITE

Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from penstock.guest.penstock_crew import kill_tree
    from penstock.guest.penstock_retry import EXTRA_RUNS
else:
    from penstock_crew import kill_tree
    from penstock_retry import EXTRA_RUNS

_EACH_S = 60.0  # what the runs of one test may take
_ALL_S = 120.0  # what those of all may take
_GRACE_S = 5.0  # how much longer the process may take to say so


class Ran(NamedTuple):
    """What came of it. `why`: why nothing can be told; then there were no runs."""

    runs: int = 0
    failures: int = 0
    why: str = ""


class AtBase:
    """`against`: what penstock says of the base: "commit", "root", "packages", or "why" it cannot be compared with.
    `path`: sys.path of the session's beginning.
    """

    def __init__(self, config: Any, against: Mapping[str, Any], path: Sequence[str]) -> None:
        self._config = config
        self._against = against
        self._path = list(path)
        self._left_s = _ALL_S
        self._folder = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._since_s = 0.0

    def ran(self, test: str) -> Ran | None:
        """What came of a test's runs; None while they are on their way. The first question starts them."""
        if self._process is None:
            refused = self._start(test)
            return Ran(why=refused) if refused else None
        took_s = time.monotonic() - self._since_s
        if self._process.poll() is None:
            if took_s < min(_EACH_S, self._left_s) + _GRACE_S:
                return None
            self._end()
        self._process = None
        self._left_s -= took_s
        try:
            with open(os.path.join(self._folder, "result"), encoding="utf-8") as stream:
                told = json.load(stream)
            return Ran(int(told["runs"]), int(told["failures"]), str(told["why"]))
        except (OSError, ValueError, KeyError):
            return Ran(why="the process that ran it there ended without a word")

    def _start(self, test: str) -> str:
        """Begin; or why not."""
        if self._against.get("why"):
            return str(self._against["why"])
        if self._left_s <= 0:
            return f"other tests had the {_ALL_S:g} s there are for it"
        self._folder = self._folder or tempfile.mkdtemp(prefix="penstock-base-")
        params = self._config.invocation_params
        orders = {
            "packages": [],
            **self._against,
            "test": test,
            "directory": str(params.dir),
            "rootdir": str(getattr(self._config, "rootpath", None) or self._config.rootdir),
            "arguments": _options(list(map(str, params.args)), getattr(self._config.option, "file_or_dir", ())),
            "path": self._path,
            "runs": EXTRA_RUNS,
            "seconds": min(_EACH_S, self._left_s),
            "folder": self._folder,
            "result": os.path.join(self._folder, "result"),
        }
        with contextlib.suppress(FileNotFoundError):
            os.remove(orders["result"])
        path = os.path.join(self._folder, "orders")
        with open(path, "w", encoding="utf-8") as stream:
            json.dump(orders, stream)
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "penstock_at_base.py")
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # noqa: SLF001 - multiprocessing's way
        self._since_s = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, *flags, script, path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return ""

    def _end(self) -> None:
        if self._process is not None:
            kill_tree(self._process.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)

    def close(self) -> None:
        """End what runs, and leave nothing."""
        self._end()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _options(arguments: list[str], named: Sequence[Any]) -> list[str]:
    """The command line without the paths that it names: they come last, if a word is there twice."""
    kept = arguments[::-1]
    for word in map(str, named):
        if word in kept:
            kept.remove(word)
    return kept[::-1]
