"""Every expected way to stop: a type, an exit code that says what happened, a place, and what to do about it.

Any other exception that reaches `__main__` is a bug of penstock and ends in `ExitCode.BUG` with a request to report it.
"""

from enum import IntEnum

from penstock.value import Value


class ExitCode(IntEnum):
    """The process's exit codes: stable, documented in docs/reference/exit-codes.md. Only `VERIFIED` is green."""

    VERIFIED = 0
    GATE_FAILED = 1
    USAGE = 2
    NOT_VERIFIED = 3
    DRIFT = 4
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


EXIT_CODES = {
    ExitCode.VERIFIED: "Verified pass: everything planned ran, and every gate was answered by evidence.",
    ExitCode.GATE_FAILED: "A gate failed: something ran, and said no.",
    ExitCode.USAGE: "Usage or configuration: the request or the configuration is wrong. Nothing was run.",
    ExitCode.NOT_VERIFIED: "Not verified: it could not run, is incomplete, nothing ran, or evidence is missing.",
    ExitCode.DRIFT: "Drift: generated CI configuration differs from what the pipeline says.",
    ExitCode.BUG: "A bug of penstock: there is a log file, and a request to report it.",
    ExitCode.INTERRUPTED: "Interrupted by SIGINT: the report is partial.",
    ExitCode.TERMINATED: "Ended by SIGTERM or SIGHUP: the report is partial.",
}


class Place(Value, frozen=True, kw_only=True):
    """A position in a file that a person can open. `path` is relative to the project; line and column count from 1."""

    path: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """`path`, `path:line` or `path:line:column`."""
        parts = [self.path, *(str(number) for number in (self.line, self.column) if number is not None)]
        return ":".join(parts)


class Problem(Value, frozen=True, kw_only=True):
    """One thing that is wrong with what the user wrote, in a form that can be printed, counted and put into JSON.

    `code` is stable (`C102`) and has an entry on the troubleshooting page; `excerpt` is the source line; `remedy` is
    an instruction ("did you mean `python`?").
    """

    code: str
    message: str
    place: Place | None = None
    excerpt: str | None = None
    remedy: str | None = None


class PenstockError(Exception):
    """An expected way to stop. `exit_code` belongs to the type; `remedy` says what the user can do."""

    exit_code = ExitCode.NOT_VERIFIED
    code = "P000"

    def __init__(self, message: str, *, remedy: str | None = None, place: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.place = place


class UsageError(PenstockError):
    """The command line asks for something that does not exist or does not fit together. Nothing was run."""

    exit_code = ExitCode.USAGE
    code = "P200"


class ConfigurationError(PenstockError):
    """The configuration does not say something that can be run. Carries *all* problems. Nothing was run."""

    exit_code = ExitCode.USAGE
    code = "P201"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problem{'s' * (len(problems) != 1)} in the configuration")
        self.problems = problems


class StaleLockError(PenstockError):
    """The project's lock file does not answer its declared dependencies. Nothing was run."""

    exit_code = ExitCode.USAGE
    code = "P202"


class NotVerifiedError(PenstockError):
    """The work could not be asked for: an interpreter, a tool or a registry is missing."""

    code = "P300"


class StateError(PenstockError):
    """`.penstock/` cannot be read or written, or was written by a newer penstock."""

    code = "P301"


class PublishError(PenstockError):
    """A host did not take what was to be published. The verdict stays what it is. `status`: of HTTP, 0 without any.

    `uncertain`: it may have been taken all the same: no answer came.
    """

    code = "P303"

    def __init__(self, message: str, *, remedy: str | None = None, status: int = 0, uncertain: bool = False) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.uncertain = uncertain
