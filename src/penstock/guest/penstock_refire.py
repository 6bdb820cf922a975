"""What workers tell, told again to the leader's plugins, as if the leader had run the tests.

PYTEST_DONT_REWRITE

Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.guest.penstock_reports import unpack, unpack_warning
    from penstock.guest.penstock_worker import Identity
else:
    from penstock_reports import unpack, unpack_warning


class _Output(dict[str, Any]):
    """What a worker leaves to plugins. What they would have put there when they were configured in it is empty: a
    forked worker was configured before it was one (pytest-metadata reads its own key unasked).
    """

    def __missing__(self, _key: str) -> dict[str, Any]:
        return {}


class Refire:
    """`exit`: message and code of a worker's pytest.exit. `broken`: what no test is to blame for."""

    def __init__(self, session: Any, uid: str) -> None:
        self._config = session.config
        self._hook = session.config.hook
        self.items: list[Any] = []  # pytest's, or stubs of them
        self._uid = uid
        self._nodes: dict[str, Any] = {}
        self._keywords: dict[int, dict[str, int]] = {}
        self._open: set[int] = set()  # tests whose start was told and whose end was not
        self._before: dict[str, list[int]] = {}  # the tests that each worker has begun
        self.tries: Any = None  # what holds the reports of failed tests back
        self.exit: tuple[Any, ...] | None = None
        self.broken = ""

    def announce(self, identity: Identity) -> dict[str, Any]:
        """A worker begins: what the project's xdist hooks want it to know."""
        node = SimpleNamespace(
            gateway=SimpleNamespace(id=identity.name),
            config=self._config,
            workerinput=identity.input(),
            workeroutput={},
            workerinfo={
                "id": identity.name,
                "sysplatform": sys.platform,
                "version_info": tuple(sys.version_info),
                "executable": sys.executable,
            },
        )
        self._nodes[identity.name] = node
        if hasattr(self._hook, "pytest_configure_node"):
            self._hook.pytest_configure_node(node=node)
        own = identity.input()
        return {key: value for key, value in node.workerinput.items() if key not in own}

    def left(self, identity: Identity, output: dict[str, Any]) -> None:
        """A worker ended in peace."""
        node = self._nodes[identity.name]
        node.workeroutput = _Output(output)
        if hasattr(self._hook, "pytest_testnodedown"):
            self._hook.pytest_testnodedown(node=node, error=None)

    def report(self, identity: Identity, number: int, frame: tuple[Any, ...]) -> None:
        """One phase of a test."""
        item = self.items[number] if number >= 0 else None
        keywords = self._keywords.get(number)
        if keywords is None and item is not None:
            keywords = self._keywords[number] = {str(word): 1 for word in item.keywords}
        report = unpack(frame, item, keywords or {}, self._config)
        self._fire(identity, number, report)

    def crashed(self, identity: Identity, number: int, text: str, lasted_s: float) -> None:
        """The test that a worker died in."""
        from _pytest.reports import TestReport

        item = self.items[number]
        words: Any = {str(word): 1 for word in item.keywords}
        report = TestReport(item.nodeid, item.location, words, "failed", text, "call", duration=lasted_s)
        self._fire(identity, number, report)
        if self.tries is None or number not in self.tries.numbers:
            self._finish(number)
        else:
            self.over(number)

    def warning(self, frame: tuple[Any, ...]) -> None:
        """A warning that a worker recorded."""
        self._hook.pytest_warning_recorded.call_historic(kwargs=unpack_warning(frame))

    def _fire(self, identity: Identity, number: int, report: Any) -> None:
        report.node = self._nodes[identity.name]
        report.worker_id = identity.name
        report.testrun_uid = self._uid
        before = self._before.setdefault(identity.name, [])
        if number >= 0 and before[-1:] != [number]:
            before.append(number)
        if self.tries is not None and self.tries.takes(number, report, tuple(before[:-1])):
            if report.when == "teardown":
                self.over(number)
            return
        self.tell(number, report)

    def over(self, number: int) -> None:
        """A test's try is over: what is decided by it is told."""
        if self.tries is not None:
            self.tries.over(number)
            self.flush()

    def flush(self) -> None:
        """Tell what is decided."""
        told, self.tries.told = self.tries.told, []
        for number, report in told:
            self.tell(number, report)

    def tell(self, number: int, report: Any) -> None:
        """Tell the plugins of a report."""
        if number not in self._open and number >= 0:
            self._open.add(number)
            self._hook.pytest_runtest_logstart(nodeid=report.nodeid, location=report.location)
        self._hook.pytest_runtest_logreport(report=report)
        if report.when == "teardown":
            self._finish(number)

    def _finish(self, number: int) -> None:
        if number in self._open:
            self._open.discard(number)
            item = self.items[number]
            self._hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
            self._keywords.pop(number, None)
