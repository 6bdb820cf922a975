"""What workers tell, told again to the leader's plugins, as if the leader had run the tests.

PYTEST_DONT_REWRITE

Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.guest.penstock_identity import Identity
    from penstock.guest.penstock_junit import SuiteProperties
    from penstock.guest.penstock_reports import unpack, unpack_warning
else:
    from penstock_junit import SuiteProperties
    from penstock_reports import unpack, unpack_warning


# Listeners that do nothing with a setup or a teardown that passed: pytest's own, and the recorder, which has the
# workers write the log. (The terminal's table of durations counts them.)
_ONLY_CALLS = {
    "_pytest.main",
    "_pytest.terminal",
    "_pytest.cacheprovider",
    "_pytest.logging",
    "_pytest.stepwise",
    "penstock_recorder",
}


class _Node:
    """A worker, as xdist shows it to plugins: junitxml keeps its tests under it."""

    workerinput: dict[str, Any]
    workeroutput: dict[str, Any]

    def __init__(self, **traits: Any) -> None:
        self.__dict__.update(traits)


class _Output(dict[str, Any]):
    """What a worker leaves to plugins. What they would have put there when they were configured in it is empty: a
    forked worker was configured before it was one (pytest-metadata reads its own key unasked).
    """

    def __missing__(self, _key: str) -> dict[str, Any]:
        return {}


def _for_coverage(config: Any) -> dict[str, Any]:
    """What pytest-cov wants to know in a worker that is a new interpreter: it saves its data beside the leader's."""
    controller = getattr(config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if controller is None:
        return {}
    import socket

    return {
        "cov_master_host": socket.gethostname(),
        "cov_master_topdir": controller.topdir,
        "cov_master_rsync_roots": [],
    }


class Refire:
    """`exit`: message and code of a worker's pytest.exit. `broken`: what no test is to blame for."""

    def __init__(self, session: Any, uid: str) -> None:
        self._config = session.config
        self._hook = session.config.hook
        self.suite = SuiteProperties(session.config)
        self.items: list[Any] = []  # pytest's, or stubs of them
        self._uid = uid
        self._nodes: dict[str, Any] = {}
        self._locations: dict[int, Any] = {}  # of the tests that run
        self._open: set[int] = set()  # tests whose start was told and whose end was not
        self._begun: dict[str, list[int]] = {}  # the tests of each worker, in their order
        self._deaf: bool | None = None
        self.tries: Any = None  # what holds the reports of failed tests back
        self.exit: tuple[Any, ...] | None = None
        self.broken = ""

    def announce(self, identity: Identity) -> dict[str, Any]:
        """A worker begins: what the project's xdist hooks want it to know."""
        node = _Node(
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
        node.workerinput.update(_for_coverage(self._config))
        self._tell_of_node("pytest_configure_node", node=node)
        own = identity.input()
        return {key: value for key, value in node.workerinput.items() if key not in own}

    def left(self, identity: Identity, output: dict[str, Any]) -> None:
        """A worker ended in peace."""
        node = self._nodes[identity.name]
        node.workeroutput = _Output(output)
        self._tell_of_node("pytest_testnodedown", node=node, error=None)

    def died(self, identity: Identity, words: str) -> None:
        """A worker ended in another way: what it measured for pytest-cov is lost, and so is what it had for others."""
        node = self._nodes[identity.name]
        controller = getattr(self._config.pluginmanager.getplugin("_cov"), "cov_controller", None)
        if controller is not None:
            controller.failed_workers.append(node)  # its summary names them
        node.workeroutput = _Output({})
        self._tell_of_node("pytest_testnodedown", node=node, error=words)

    def _tell_of_node(self, hook: str, **told: Any) -> None:
        """Call a hook of xdist's, where there is one. pytest-cov measures as if it were alone: it is not asked."""
        if hasattr(self._hook, hook):
            manager = self._config.pluginmanager
            alone = manager.getplugin("_cov")
            manager.subset_hook_caller(hook, [] if alone is None else [alone])(**told)

    def report(self, identity: Identity, number: int, frame: tuple[Any, ...]) -> None:
        """One phase of a test."""
        if len(frame) > 1 and frame[-1] is not None:
            self._locations[number] = frame[-1]
        unheard = self._is_unheard(number)
        if len(frame) > 1 and frame[0] != "call" and unheard:
            self._note(identity, number)
            self._begin(number)
            if frame[0] == "teardown":
                self._finish(number)
            return
        item = self.items[number] if number >= 0 else None
        location = self._locations.get(number)
        self._fire(identity, number, unpack(frame, item, self._config, location, worded=not unheard))

    def _is_unheard(self, number: int) -> bool:
        """Whether nobody does anything with a setup or a teardown of this test that passed."""
        if self._deaf is None:
            plugins = (each.plugin for each in self._hook.pytest_runtest_logreport.get_hookimpls())
            modules = {type(each).__module__ for each in plugins}
            self._deaf = modules <= _ONLY_CALLS and self._config.getoption("durations", None) is None
        return self._deaf and not (self.tries is not None and number in self.tries.numbers)

    def crashed(self, identity: Identity, number: int, text: str, lasted_s: float) -> None:
        """The test that a worker died in."""
        from _pytest.reports import TestReport

        item = self.items[number]
        words: Any = {str(word): 1 for word in item.keywords}
        report: Any = TestReport(item.nodeid, item.location, words, "failed", text, "call", duration=lasted_s)
        report.killed = True
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
        if self.tries is not None and self.tries.takes(number, report, self._note(identity, number)):
            if report.when == "teardown":
                self.over(number)
            return
        self.tell(number, report)

    def _begin(self, number: int) -> None:
        """Tell that a test begins, once."""
        if number not in self._open and number >= 0:
            self._open.add(number)
            item = self.items[number]
            location = self._locations.get(number) or item.location
            self._hook.pytest_runtest_logstart(nodeid=item.nodeid, location=location)

    def _note(self, identity: Identity, number: int) -> list[int]:
        """The tests that a worker has begun, with this one."""
        begun = self._begun.setdefault(identity.name, [])
        if number >= 0 and (not begun or begun[-1] != number):
            begun.append(number)
        return begun

    def over(self, number: int) -> None:
        """A test's try is over: what is decided by it is told."""
        if self.tries is not None:
            self.tries.over(number)
            self.flush()

    def flush(self) -> None:
        """Tell what is decided."""
        if self.tries is None:
            return
        told, self.tries.told = self.tries.told, []
        for number, report in told:
            self.tell(number, report)

    def tell(self, number: int, report: Any) -> None:
        """Tell the plugins of a report."""
        self._begin(number)
        self._hook.pytest_runtest_logreport(report=report)
        if report.when == "teardown":
            self._finish(number)

    def _finish(self, number: int) -> None:
        if number in self._open:
            self._open.discard(number)
            item = self.items[number]
            location = self._locations.pop(number, None) or item.location
            self._hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=location)
