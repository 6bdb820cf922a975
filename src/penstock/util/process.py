"""Short processes that are waited for. The one owner of `subprocess`; jobs go through `run.local`, which supervises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.value import Value


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
        """Run to the end, in `environment` (None = our own). Raises FileNotFoundError and TimeoutError."""
        import subprocess

        try:
            done = subprocess.run(
                list(argv),
                cwd=directory,
                env=None if environment is None else dict(environment),
                input=stdin,
                capture_output=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{argv[0]} did not end within {timeout_s:g} s") from error
        return Completed(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)
