"""Short processes that are waited for. The one owner of `subprocess`; jobs go through `run.local`, which supervises."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from penstock.value import Value

if TYPE_CHECKING:
    import subprocess

_GRACE_S = 1.0  # what is ended in the middle of planning has nothing to save


class Completed(Value, frozen=True, kw_only=True):
    """A short process that ended. `exit_code` is negative for a signal, as in subprocess."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class SystemProcesses:
    """Starts real processes. See `ports.Processes`."""

    def run(
        self,
        argv: Sequence[str],
        *,
        directory: str,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
        stdin: bytes = b"",
    ) -> Completed:
        """Run to the end, in `environment` (None = our own). Raises FileNotFoundError and TimeoutError.

        Whatever is raised meanwhile (a limit, a signal): the process and all below it are ended first.
        """
        import subprocess

        with subprocess.Popen(
            list(argv),
            cwd=directory,
            env=None if environment is None else dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                stdout, stderr = process.communicate(stdin, timeout=timeout_s)
            except subprocess.TimeoutExpired as error:
                _end_tree(process)
                raise TimeoutError(f"{argv[0]} did not end within {timeout_s:g} s") from error
            except BaseException:
                _end_tree(process)
                raise
        return Completed(exit_code=process.returncode, stdout=stdout, stderr=stderr)


def foreground(argv: Sequence[str], *, directory: str, environment: Mapping[str, str]) -> int:
    """Run a program with our terminal, input and output; gives its exit code, negative for a signal.

    Raises FileNotFoundError. Whatever is raised meanwhile (SIGTERM): it and all below it are ended first.
    """
    import subprocess

    with subprocess.Popen(list(argv), cwd=directory, env=dict(environment)) as process:
        try:
            return process.wait()
        except BaseException:
            _end_tree(process)
            raise


def _end_tree(process: subprocess.Popen[bytes]) -> None:
    """TERM for it and all below it; KILL for what lives when it has ended, or after the grace."""
    import signal
    import subprocess

    from penstock.guest import shim

    table = shim.processes()
    tree = {one.pid: one.start for one in shim.below(process.pid, table)}
    for pid in (process.pid, *tree):
        _send(pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S)
    now = shim.processes()
    for pid, start in tree.items():
        if pid in now and now[pid].start == start:  # numbers are used again
            _send(pid, signal.SIGKILL)
    process.kill()


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
