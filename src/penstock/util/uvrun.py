"""Starting uv: from its cache first, then with the network unless told not to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from penstock.errors import NotVerifiedError
from penstock.util import uv
from penstock.util.process import Completed
from penstock.value import Value


class Runs(Protocol):
    """What `ports.Processes` promises, in short: the doors lie above this layer."""

    def run(
        self,
        argv: Sequence[str],
        *,
        directory: str,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
        stdin: bytes = b"",
    ) -> Completed:
        """Run to the end."""
        ...


_LIMIT_S = 1800.0  # a native build of a large project; the engine's own limit on the preparation comes first


class Uv(Value, frozen=True, kw_only=True):
    """uv, ready to be called. `say`: where its output goes (the preparation's log)."""

    program: str
    processes: Runs
    environ: Mapping[str, str]
    offline: bool
    say: Callable[[str], object]

    def run(self, argv: Sequence[str], *, directory: str, extra: Mapping[str, str] | None = None) -> Completed:
        """Start uv once. Raises NotVerifiedError if it takes forever or is not there."""
        environment = uv.environment(self.environ) | dict(extra or {})
        try:
            done = self.processes.run(
                [self.program, *argv], directory=directory, environment=environment, timeout_s=_LIMIT_S
            )
        except (FileNotFoundError, TimeoutError) as error:
            raise NotVerifiedError(
                f"uv could not be run: {error}", remedy="reinstall penstock, which brings uv"
            ) from error
        text = (done.stderr + done.stdout).decode(errors="replace").rstrip()
        if text or done.exit_code:
            self.say(f"$ uv {' '.join(argv)}\n{text}\n")
        return done

    def first_offline(
        self, argv: Sequence[str], *, directory: str, extra: Mapping[str, str] | None = None
    ) -> tuple[Completed, uv.Failure | None]:
        """Start uv offline, then online if that may help. Gives the last end, and why it failed, None if it did not."""
        done = self.run([*argv, "--offline"], directory=directory, extra=extra)
        failure = _failure(done)
        if failure is not None and not self.offline and failure.kind not in {"syntax", "python"}:
            done = self.run(argv, directory=directory, extra=extra)
            failure = _failure(done)
        return done, failure

    def need(self, argv: Sequence[str], *, directory: str, what: str, extra: Mapping[str, str] | None = None) -> None:
        """As `first_offline`; raises NotVerifiedError that names the one requirement, and the remedy."""
        _, failure = self.first_offline(argv, directory=directory, extra=extra)
        if failure is not None:
            named = f" ({failure.requirement})" if failure.requirement else ""
            raise NotVerifiedError(f"{what}{named}: {failure.message}", remedy=uv.REMEDIES[failure.kind])


def _failure(done: Completed) -> uv.Failure | None:
    return uv.explain(done.stderr.decode(errors="replace")) if done.exit_code else None
