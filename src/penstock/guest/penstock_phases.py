"""What a pytest report says, in the words of the log.

PYTEST_DONT_REWRITE

Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import os
from typing import Any


def is_subtest(report: Any) -> bool:
    """Whether it is of a part of a test."""
    return "ubtest" in type(report).__name__.lower() and hasattr(report, "context")


def subtest_name(report: Any) -> str:
    """The part, as pytest spells it."""
    message = getattr(report.context, "msg", None)
    keywords = dict(getattr(report.context, "kwargs", None) or {})
    parts = [f"[{message}]"] if isinstance(message, str) else []
    parts += ["(" + ", ".join(f"{key}={value!r}" for key, value in keywords.items()) + ")"] if keywords else []
    return "subtest " + (" ".join(parts) or "(<subtest>)")


def is_overruled(report: Any) -> bool:
    """Whether a hook calls a pass what carries an exception, and is no expected failure."""
    return (
        report.outcome == "passed"
        and getattr(report.longrepr, "reprcrash", None) is not None
        and not hasattr(report, "wasxfail")
    )


def raised_in(before: Any, after: Any) -> str:
    """The failure that a phase ended with, in a line, before any hook made another thing of it; "" if there was none,
    or it was the test's own skip or expected failure. `before`, `after`: pytest's excinfo, around all hooks.
    """
    error = getattr(before or after, "value", None)
    name = type(error).__name__
    if error is None or "skip" in name.lower() or name == "XFailed":
        return ""
    return kind_of(error)


def outcome_of(report: Any, phase: str, raised: str = "") -> str:
    """The phase's outcome as pytest counts it: what it counts as a failure is never anything else here. `raised`: what
    it ended with; a hook that makes a plain skip of it does not make it one.
    """
    expected = hasattr(report, "wasxfail")
    if report.outcome == "skipped" and raised and not expected:
        return "errored" if phase in ("setup", "teardown") else "failed"
    if report.outcome == "skipped":
        return "xfailed" if expected else "skipped"
    if report.outcome == "passed" and not is_overruled(report):
        return "xpassed" if expected else "passed"
    if report.outcome == "failed" and expected:
        return "xfailed"
    return "errored" if phase in ("setup", "teardown") else "failed"  # "rerun", "retried": an attempt that failed


def message_of(report: Any, outcome: str, text: str, raised: str = "") -> str:
    """What the report says in one line. `raised`: see `outcome_of`."""
    if report.outcome == "skipped" and outcome in ("failed", "errored"):
        return f"a hook of the tests calls this failure a skip: {raised}"
    if outcome == "skipped":
        return skip_reason(report)
    if outcome in ("xfailed", "xpassed"):
        return str(report.wasxfail)
    crash = getattr(report.longrepr, "reprcrash", None)
    said = str(crash.message).partition("\n")[0] if crash is not None else last_line(text)
    return f"a hook of the tests calls this failure a pass: {said}" if is_overruled(report) else said


def crash_kind(report: Any) -> str:
    """The exception's type, from the sentence that pytest keeps of it; a rewritten assertion begins with `assert`."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return ""
    first = str(crash.message).partition("\n")[0]
    if first.startswith("assert "):
        return "AssertionError"
    name = first.partition(":")[0].strip()
    return name.rpartition(".")[2] if name.replace(".", "").isidentifier() else ""


def text_of(report: Any) -> str:
    """The failure as pytest would print it."""
    try:
        return str(report.longreprtext)
    except Exception as error:  # noqa: BLE001 - a project's own repr may raise anything; the failure stays a failure
        return f"the failure could not be shown: {type(error).__name__}"


def skip_reason(report: Any) -> str:
    """Why it was skipped."""
    longrepr = report.longrepr
    reason = str(longrepr[2] if isinstance(longrepr, tuple) and len(longrepr) == 3 else longrepr)
    return reason.removeprefix("Skipped: ")


def line_of(report: Any, root: str, *, failed: bool) -> str:
    """Where it failed, or else where the test stands: `path:line`, relative to the root folder."""
    crash = getattr(report.longrepr, "reprcrash", None) if failed else None
    if crash is not None:
        path, number = str(crash.path), crash.lineno
        return f"{path[len(root) + 1 :] if path.startswith(root + os.sep) else path}:{number}"
    path, number, _ = report.location
    return f"{path}:{(number or 0) + 1}"


def kind_of(error: BaseException) -> str:
    """`ModuleNotFoundError: x` with the module's name, else the type and the message's first line."""
    name = getattr(error, "name", None)
    first = str(name) if isinstance(error, ModuleNotFoundError) and name else str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first}"


def last_line(text: str) -> str:
    """The last line that says something, bounded."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[:500] if lines else ""
