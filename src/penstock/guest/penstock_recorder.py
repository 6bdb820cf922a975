"""Records what pytest does: one event a test phase, and a finish record at the very end.

PYTEST_DONT_REWRITE

In a parallel session the leader writes the first event and the last ones, and each worker those of its tests, all into
one file: a line is one write, and lies there whole when its writer dies.
Standard library and pytest (>= 6.2) only, Python >= 3.9.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from penstock.guest.penstock_chosen import looked_up
    from penstock.guest.penstock_coverage import Measuring
    from penstock.guest.penstock_events import EventWriter, attempt_seed, bounded, clean, digest, imported
    from penstock.guest.penstock_only import Numbering
    from penstock.guest.penstock_phases import (
        crash_kind,
        is_subtest,
        kind_of,
        last_line,
        line_of,
        message_of,
        outcome_of,
        raised_in,
        skip_reason,
        subtest_name,
        text_of,
    )
else:
    from penstock_chosen import looked_up
    from penstock_events import EventWriter, attempt_seed, bounded, clean, digest, imported
    from penstock_only import Numbering
    from penstock_phases import (
        crash_kind,
        is_subtest,
        kind_of,
        last_line,
        line_of,
        message_of,
        outcome_of,
        raised_in,
        skip_reason,
        subtest_name,
        text_of,
    )

_MOST_LEFT = 1000  # names of tests that were deselected


class Recorder:
    """Hooks of one session. Made once in a process; a forked worker goes on with its copy.

    `engine`: how the tests are run, in words, set before the collection is told. `sharding`: what keeps the session to
    one shard, with its proof.
    """

    def __init__(
        self, config: Any, writer: EventWriter, chosen: dict[int, str], measuring: Measuring, packages: str
    ) -> None:
        self._config = config
        self._writer = writer
        self._measuring = measuring
        self._packages = packages
        self.ids: list[str] = []  # of the collected tests, in order
        self.engine = ""
        self.collection: dict[str, Any] = {}  # as the event tells it
        self.sharding: Any = None
        self.silent = False  # what runs now only stands before a test that is tried again
        self._worker = ""  # '"worker":"gw0",' in a worker
        self._events = 0  # that workers wrote; -1: nobody knows how many
        self._coverage_notes: list[str] = []
        self._coverage_files: set[str] = set()
        self._started_s = writer.monotonic_s()
        self._root = str(getattr(config, "rootpath", None) or config.rootdir)
        self._ids = chosen  # id(item) -> the id it has in the log
        self._items: list[Any] = []  # keeps them alive, so that no id() is used twice
        self._numbering = Numbering()
        self._current = ""  # the id of the test that runs
        self._encoded = ""
        self._nodeid = ""
        self._attempt = 1
        self._phases: set[str] = set()
        self._raised = ""  # what the phase ended with, whatever a hook makes of it
        self._collected = 0
        self._deselected = 0
        self._left: list[str] = []  # of these, the first ones by name
        self._names: list[tuple[str, bool]] = []  # in -m and -k, and whether they mean anything
        self._ran: dict[str, None] = {}
        self._errors: list[tuple[str, str, str]] = []
        self._error_kinds: dict[str, str] = {}
        self._skipped: list[tuple[str, str]] = []
        self._session: Any = None

    # --- the session -----------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: Any) -> None:
        """Prove what this process is."""
        if self._worker:
            return
        self._session = session
        config = self._config
        distributions = {dist.project_name for _, dist in config.pluginmanager.list_plugin_distinfo()}
        self._writer.emit(
            "SessionStarted",
            python=".".join(map(str, sys.version_info[:3])),
            implementation=sys.implementation.name,
            executable=clean(sys.executable or ""),
            prefix=clean(sys.prefix),
            runner=f"pytest {pytest.__version__}",
            pid=self._writer.pid,
            seed=_seed(config),
            plugins=sorted(map(str, distributions)),
            directory=clean(os.getcwd()),
            argv=[clean(argument) for argument in sys.argv],
        )

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_unconfigure(self) -> Generator[None, None, None]:
        """Write the finish record after everything else that pytest does."""
        yield
        if self._session is None or self._worker or not self._writer.here():
            return
        self._coverage_notes.insert(0, self._measuring.finish())
        self._coverage_files.update(self._measuring.files)
        ran = sorted(self._ran)
        self._writer.emit(
            "SessionFinished",
            collected=self._collected,
            ran=len(ran),
            digest=digest(ran),
            exit_code=int(self._session.exitstatus),
            duration_s=round(self._writer.monotonic_s() - self._started_s, 6),
            modules=imported(self._packages),
            events=self._writer.count + self._events if self._events >= 0 else -1,
            coverage=clean(_worst(self._coverage_notes)),
            coverage_files=[clean(name) for name in sorted(self._coverage_files)],
        )
        self._writer.complain()

    # --- collection ------------------------------------------------------------------------------------------------

    def pytest_deselected(self, items: Any) -> None:
        """Count what a marker, a keyword or the project's own hook took out, and name it."""
        self._deselected += len(items)
        self._left += [clean(item.nodeid) for item in items[: _MOST_LEFT - len(self._left)]]

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> Generator[None, None, None]:
        """Look at what -m and -k name while all tests are still there."""
        self._names = [(clean(name), known) for name, known in looked_up(config, items)]
        yield

    def pytest_exception_interact(self, call: Any, report: Any) -> None:
        """Note the type behind a collection error: pytest wraps import errors into one of its own."""
        if report.when != "collect":
            return
        error = call.excinfo.value
        error = error.__cause__ if isinstance(error, _import_error()) and error.__cause__ else error
        self._error_kinds[report.nodeid] = kind_of(error)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: Any) -> None:
        """Keep errors, and files that skip themselves."""
        if report.failed:
            text = str(report.longrepr)
            kind = self._error_kinds.get(report.nodeid) or last_line(text)
            self._errors.append((clean(report.nodeid), clean(kind), bounded(text)))
        elif report.skipped:
            self._skipped.append((clean(report.nodeid), bounded(skip_reason(report), 2000)))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: Any) -> None:
        """Name every test that is to run, in order."""
        ids = self.names(session.items)
        self._collected = len(ids)
        self.collection = {
            "ids": ids,
            "digest": digest(ids),
            "deselected": self._deselected,
            "errors": self._errors,
            "skipped": self._skipped,
            **({"left": self._left} if self._left else {}),
            **({"names": self._names} if self._names else {}),
        }
        if self.sharding is not None:
            self.collection["shard"] = self.sharding.proof
        if not self._worker:
            self._writer.emit("CollectionFinished", engine=clean(self.engine), **self.collection)

    def collected_elsewhere(self, collection: dict[str, Any]) -> None:
        """What workers have collected, each by itself and all of them the same."""
        self.ids = collection["ids"]
        self._collected = len(self.ids)
        self._writer.emit("CollectionFinished", engine=clean(self.engine), **collection)

    def names(self, items: list[Any]) -> list[str]:
        """The ids of the tests that are to run, in order."""
        if len(self.ids) != len(items):
            self.ids = [self._name(item) for item in items]
        return self.ids

    def _name(self, item: Any) -> str:
        """The item's node id; the second item of one node id gets ` #2`, and so on."""
        name = self._ids.setdefault(id(item), "") or self._numbering.name(clean(item.nodeid))
        self._ids[id(item)] = name
        self._items.append(item)
        return name

    # --- tests -----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> None:
        """Say which test is about to run: a process that dies now has crashed in it."""
        self._current = self._ids.get(id(item)) or self._name(item)
        self._encoded = self._writer.encode(self._current)
        self._nodeid = item.nodeid
        self._attempt = 1
        self._phases.clear()
        if self.silent:
            return
        self._writer.hold()
        at_s = self._writer.monotonic_s()
        self._writer.emit_text(f'{{"event":"TestStarted",{self._worker}"id":{self._encoded},"at_s":{at_s:.6f}}}')

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, call: Any) -> Generator[None, None, None]:
        """Note what was raised: a report tells only what hooks have made of it."""
        before = call.excinfo
        yield
        self._raised = raised_in(before, call.excinfo) if before or call.excinfo else ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Write one phase."""
        name = self._current if report.nodeid == self._nodeid else ""
        if not name or self.silent:
            return  # a report of something else than the running test: not evidence of it
        phase = "subtest" if is_subtest(report) else report.when
        if phase == "subtest":
            if report.outcome in ("passed", "skipped"):
                return  # parts that did not fail decide nothing
        elif phase == "setup" and "setup" in self._phases:
            self._attempt += 1
            self._phases.clear()
        self._phases.add(phase)
        if phase == "teardown":
            self._ran[name] = None
        if report.outcome == "passed" and report.longrepr is None and not hasattr(report, "wasxfail"):
            tail = "" if self._attempt == 1 else f',"attempt":{self._attempt}'
            self._writer.emit_text(
                f'{{"event":"TestPhaseFinished","id":{self._encoded},"phase":"{phase}","outcome":"passed",'
                f'"duration_s":{max(report.duration, 0):.6f}{tail}}}',
                waits=phase != "teardown",
            )
        else:
            self._emit_phase(name, phase, report)

    def _emit_phase(self, name: str, phase: str, report: Any) -> None:
        outcome = outcome_of(report, phase, self._raised)
        failed = outcome in ("failed", "errored")
        text = text_of(report) if failed else ""
        message = message_of(report, outcome, text, self._raised)
        if phase == "subtest":
            message = f"{subtest_name(report)}: {message}"
        self._writer.emit(
            "TestPhaseFinished",
            id=name,
            phase=phase,
            outcome=outcome,
            duration_s=round(max(report.duration, 0), 6),
            kind=clean(crash_kind(report)) if failed else "",
            message=bounded(message, 2000),
            text=bounded(text),
            line=clean(line_of(report, self._root, failed=failed)),
            output=bounded("\n".join(f"--- {title}\n{body}" for title, body in report.sections)) if failed else "",
            attempt=self._attempt,
        )

    # --- a parallel session ----------------------------------------------------------------------------------------

    @property
    def is_worker(self) -> bool:
        """Whether this process runs tests for a leader."""
        return bool(self._worker)

    @property
    def count(self) -> int:
        """How many events this process has written."""
        return self._writer.count

    def flush(self) -> None:
        """Write what waits: nothing more comes from this process."""
        self._writer.flush()

    def now_s(self) -> float:
        """The clock of the log, whatever a test has made of `time`."""
        return self._writer.monotonic_s()

    def be(self, worker: str, mode: str = "") -> None:
        """This process is a worker: it writes its own tests, and nothing else.

        `mode`: how a test that failed is tried again in it.
        """
        self._worker = f'"worker":"{worker}",' + (f'"mode":"{mode}",' if mode else "")

    def enter(self, worker: str, mode: str = "") -> None:
        """This process was forked from the session's, and is a worker from here on."""
        self.be(worker, mode)
        self._writer = EventWriter(self._writer.path)
        self._measuring.enter(worker)

    def finish_coverage(self) -> str:
        """Save what this worker measured; what became of it, and in which files, for `add_coverage` of the leader."""
        return self._writer.encode([self._measuring.finish(), self._measuring.files])

    def add_coverage(self, told: str) -> None:
        """What became of a worker's coverage."""
        note, files = json.loads(told)
        self._coverage_notes.append(note)
        self._coverage_files.update(files)

    def lost(self, name: str, outcome: str, message: str, text: str, lasted_s: float) -> None:
        """A test that took its worker with it."""
        self._writer.emit(
            "TestPhaseFinished",
            id=name,
            phase="call",
            outcome=outcome,
            duration_s=round(max(lasted_s, 0), 6),
            message=bounded(message, 2000),
            text=bounded(text),
        )

    def returned(self, name: str) -> None:
        """A test that was begun, and is begun again in another worker: nothing of it was run."""
        self._writer.emit("TestReturned", id=name)

    def decided(self, name: str, action: str, reason: str, flaky: float) -> None:
        """What the tries of a failed test come to."""
        self._writer.emit("TestDecided", id=name, action=action, reason=clean(reason), flaky=round(flaky, 6))

    def ran_elsewhere(self, names: list[str], events: int) -> None:
        """The tests that workers ran to their end, and how many events they wrote (-1: nobody knows)."""
        self._ran.update(dict.fromkeys(names))
        self._events = events

    def lose_coverage(self, reasons: list[str]) -> None:
        """Workers died with what they had measured."""
        if reasons and self._measuring.asked:
            self._coverage_notes.append(f"lost: {reasons[0]}")


def _worst(notes: list[str]) -> str:
    """One word for all processes: what was lost or failed in any, else what they warn of."""
    told = list(dict.fromkeys(note for note in notes if note))
    bad = [note for note in told if not note.startswith("saved")]
    return "; ".join(bad or told)


def _seed(config: Any) -> str:
    seed = getattr(config.option, "randomly_seed", None)
    parts = [f"randomly_seed={seed}"] if isinstance(seed, int) else []
    return " ".join(part for part in (*parts, attempt_seed()) if part)


def _import_error() -> type[BaseException]:
    """Pytest's own wrapper around errors while a file is imported."""
    return pytest.Collector.CollectError
