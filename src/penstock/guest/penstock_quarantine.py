"""Keeps failures of tests in quarantine out of pytest's own count: they do not stop `-x`, nor make the exit code 1.

PYTEST_DONT_REWRITE

The reports go through unchanged, to pytest's output and into the log; who judges the log forgives them by the plan. So
an exit code of 1 still means what it says: another test failed, or a plugin said no.
Standard library and pytest (>= 6.2) only, Python >= 3.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from penstock.guest.penstock_events import clean
    from penstock.guest.penstock_retry import covers
else:
    from penstock_events import clean
    from penstock_retry import covers


class Quarantine:
    """Hooks of one session. `patterns`: see `penstock_retry.covers`."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._session: Any = None

    def pytest_sessionstart(self, session: Any) -> None:
        """The session that counts."""
        self._session = session

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> Generator[None, None, None]:
        """Take one failure off before the session adds it: pytest counts and compares with --maxfail in one step."""
        counted = report.failed and not hasattr(report, "wasxfail") and self._session is not None
        if counted and any(covers(pattern, clean(report.nodeid)) for pattern in self._patterns):
            self._session.testsfailed -= 1
        yield
