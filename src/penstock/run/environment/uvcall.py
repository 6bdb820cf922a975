"""Starting uv for a preparation: from its cache first, then with the network unless told not to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from penstock.errors import NotVerifiedError
from penstock.ports import Processes
from penstock.util import uv
from penstock.util.process import Completed
from penstock.value import Value

_LIMIT_S = 1800.0  # a native build of a large project; the engine's own limit on the preparation comes first


class Uv(Value, frozen=True, kw_only=True):
    """uv, ready to be called. `say`: where its output goes (the preparation's log)."""

    program: str
    processes: Processes
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

    def need(self, argv: Sequence[str], *, directory: str, what: str, extra: Mapping[str, str] | None = None) -> None:
        """Start uv offline, then online; raises NotVerifiedError that names the one requirement, and the remedy."""
        done = self.run([*argv, "--offline"], directory=directory, extra=extra)
        failure = uv.explain(done.stderr.decode(errors="replace"))
        if (
            done.exit_code
            and not self.offline
            and failure.kind in {"offline", "network", "version", "other", "conflict"}
        ):
            done = self.run(argv, directory=directory, extra=extra)
            failure = uv.explain(done.stderr.decode(errors="replace"))
        if done.exit_code:
            named = f" ({failure.requirement})" if failure.requirement else ""
            raise NotVerifiedError(f"{what}{named}: {failure.message}", remedy=uv.REMEDIES[failure.kind])
