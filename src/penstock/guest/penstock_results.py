"""Watches unittest's results, whatever class they have, and records each test (Python >= 3.9, standard library).

Every concrete TestResult class is patched when its first instance is made: most runners bring a subclass, and not all
of those call the base class. A result that is filled while another test runs in the same thread belongs to a test *of*
a test runner, and is not recorded.
"""

from __future__ import annotations

import functools
import sys
import threading
import traceback
import unittest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from penstock.guest.penstock_coverage import Measuring
    from penstock.guest.penstock_events import EventWriter, attempt_seed, bounded, clean, digest, imported
    from penstock.guest.penstock_only import Numbering, Only
else:
    from penstock_events import EventWriter, attempt_seed, bounded, clean, digest, imported
    from penstock_only import Numbering

_OUTCOMES = {
    "addSuccess": "passed",
    "addFailure": "failed",
    "addError": "errored",
    "addSkip": "skipped",
    "addExpectedFailure": "xfailed",
    "addUnexpectedSuccess": "failed",
}
_HOOKS = ("startTest", "stopTest", "addSubTest", *_OUTCOMES)


class _Running:
    """A test between its start and its stop."""

    def __init__(self, test: Any, name: str, result: int, at_s: float) -> None:
        self.test = test
        self.name = name
        self.result = result
        self.at_s = at_s
        self.outcome = ""
        self.details: dict[str, str] = {}
        self.parts = 0  # subtests that passed
        self.skipped_part = ""  # why a subtest skipped itself: unittest then tells no outcome of the whole


class Watch:
    """The recorder of one process.

    `whole`: the first suite that runs is the whole collection, as with `python -m unittest`; an own runner may run
    several, which are added up. `first_test` is called before the first test starts. `only`: the tests of a replay.
    """

    def __init__(
        self,
        writer: EventWriter,
        *,
        packages: str,
        argv: list[str],
        whole: bool,
        first_test: Callable[[], None] | None,
        only: Only | None = None,
    ) -> None:
        self._writer = writer
        self._packages = packages
        self._argv = argv
        self._whole = whole
        self._first_test = first_test
        self._only = only
        self._chosen: dict[int, str] = {}  # id(test) -> the id it has in the log, in a replay
        self._started_s = writer.monotonic_s()
        self._session = False
        self._running: dict[int, _Running] = {}  # thread -> its test
        self._inside: set[tuple[int, int, str]] = set()  # (thread, result, hook): overrides call their base class
        self._patched: set[type] = set()
        self._numbering = Numbering()
        self._pending: dict[str, list[str]] = {}  # an id of unittest -> ids in the log that have not started
        self._collected: dict[str, tuple[str, str]] = {}  # id in the log -> (class, module); no test is kept alive
        self._started: dict[str, None] = {}
        self._ran: dict[str, None] = {}
        self._skipped_places: dict[str, str] = {}  # class or module -> why its tests never started
        self._depth = 0

    # --- the process -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Watch from now on."""
        made = unittest.TestResult.__init__
        run = unittest.TestSuite.run
        watch = self

        @functools.wraps(made)
        def initialise(result: Any, *args: Any, **keywords: Any) -> None:
            watch._patch(type(result))
            made(result, *args, **keywords)

        @functools.wraps(run)
        def run_suite(suite: Any, result: Any, *args: Any, **keywords: Any) -> Any:
            watch._enter_suite(suite)
            try:
                return run(suite, result, *args, **keywords)
            finally:
                watch._depth -= 1

        for kind, name, replacement in (
            (unittest.TestResult, "__init__", initialise),
            (unittest.TestSuite, "run", run_suite),
        ):
            setattr(kind, name, replacement)
        self._patch(unittest.TestResult)

    def end(self, exit_code: int, measuring: Measuring) -> None:
        """Write the finish record, if anything was recorded."""
        if not self._writer.here():
            return
        note = measuring.finish()
        if not self._session:
            return  # nothing of unittest was seen here: the log must not say that nothing was collected
        self._tell_skipped()
        ran = list(self._ran)
        self._writer.emit(
            "SessionFinished",
            collected=len(self._collected),
            ran=len(ran),
            digest=digest(sorted(ran)),
            exit_code=exit_code,
            duration_s=round(self._writer.monotonic_s() - self._started_s, 6),
            modules=imported(self._packages),
            events=self._writer.count,
            coverage=clean(note),
            coverage_files=[clean(name) for name in measuring.files],
        )
        self._writer.complain()

    def _start_session(self) -> None:
        if self._session:
            return
        self._session = True
        self._writer.emit(
            "SessionStarted",
            python=".".join(map(str, sys.version_info[:3])),
            implementation=sys.implementation.name,
            executable=clean(sys.executable or ""),
            prefix=clean(sys.prefix),
            runner="unittest",
            pid=self._writer.pid,
            seed=attempt_seed(),
            argv=[clean(argument) for argument in self._argv],
        )

    # --- collection ------------------------------------------------------------------------------------------------

    def _enter_suite(self, suite: Any) -> None:
        self._depth += 1
        if self._depth > 1 or threading.get_ident() in self._running or not self._writer.here():
            return
        self._start_session()
        if self._only is not None:
            wanted, _ = self._only.choose(list(_tests(suite)), lambda test: clean(str(test.id())))
            self._chosen = {id(test): name for name, test in wanted}
            _thin(suite, self._chosen)
        ids: list[str] = []
        errors: list[tuple[str, str, str]] = []
        for test in _tests(suite):
            ids.append(self._collect(test))
            error = getattr(test, "_exception", None)
            if type(test).__name__ == "_FailedTest" and isinstance(error, BaseException):
                errors.append((clean(test.id().rpartition(".")[2]), clean(_kind(error)), bounded(str(error))))
        self._chosen = {}  # an id() is used again when its test is gone
        self._writer.emit("CollectionFinished", ids=ids, digest=digest(ids), deselected=0, errors=errors)

    def _collect(self, test: Any) -> str:
        base = clean(str(test.id()))
        name = self._chosen.get(id(test)) or self._numbering.name(base)
        kind = type(test)
        self._pending.setdefault(base, []).append(name)
        self._collected[name] = (f"{kind.__module__}.{kind.__qualname__}", kind.__module__)
        return name

    def _tell_skipped(self) -> None:
        """Tests that never started because their class or module skipped itself are skipped, and say why."""
        for name, places in self._collected.items():
            reasons = [self._skipped_places[place] for place in places if place in self._skipped_places]
            if name not in self._started and reasons:
                self._tell(name, "skipped", {"message": reasons[0]})

    def _tell(self, name: str, outcome: str, details: dict[str, str]) -> None:
        """Record a test that had no start of its own."""
        self._writer.emit("TestStarted", id=name, at_s=round(self._writer.monotonic_s(), 6))
        self._writer.emit("TestPhaseFinished", id=name, phase="setup", outcome=outcome, duration_s=0.0, **details)
        self._writer.emit("TestPhaseFinished", id=name, phase="teardown", outcome="passed", duration_s=0.0)
        self._started[name] = self._ran[name] = None

    # --- results ---------------------------------------------------------------------------------------------------

    def _patch(self, kind: type) -> None:
        """Put our hooks around a result class's methods, once."""
        if kind in self._patched:
            return
        self._patched.add(kind)
        for hook in _HOOKS:
            method = getattr(kind, hook, None)
            if callable(method):
                setattr(kind, hook, self._wrapped(hook, method))

    def _wrapped(self, hook: str, method: Callable[..., Any]) -> Callable[..., Any]:
        watch = self

        @functools.wraps(method)
        def call(result: Any, test: Any, *args: Any, **keywords: Any) -> Any:
            key = (threading.get_ident(), id(result), hook)
            if key in watch._inside or not watch._writer.here():
                return method(result, test, *args, **keywords)
            watch._inside.add(key)
            try:
                if hook == "stopTest":
                    value = method(result, test, *args, **keywords)
                    watch._note(hook, result, test, args)
                    return value
                watch._note(hook, result, test, args)
                return method(result, test, *args, **keywords)
            finally:
                watch._inside.discard(key)

        return call

    def _note(self, hook: str, result: Any, test: Any, args: tuple[Any, ...]) -> None:
        running = self._running.get(threading.get_ident())
        if running is not None and running.result != id(result):
            return  # a result inside a running test
        if hook == "startTest":
            self._start(result, test)
        elif running is None:
            self._outside(hook, test, args)
        elif hook == "stopTest":
            self._stop(running)
        elif hook == "addSubTest":
            self._part(running, args)
        elif test is running.test or type(test).__name__ != "_SubTest":
            self._settle(running, _OUTCOMES[hook], args)
        elif hook == "addSkip":
            running.skipped_part = running.skipped_part or bounded(str(args[0]) if args else "", 2000) or "skipped"

    def _start(self, result: Any, test: Any) -> None:
        withdraw, self._first_test = self._first_test, None
        if withdraw is not None:
            withdraw()
        self._start_session()
        base = clean(str(test.id()))
        if not self._pending.get(base):  # run without a suite, or once more
            name = self._collect(test)
            self._writer.emit(
                "CollectionFinished", ids=[name], digest=digest([name]), deselected=0, complete=self._whole
            )
        name = self._pending[base].pop(0)
        self._started[name] = None
        self._writer.hold()
        at_s = self._writer.monotonic_s()
        self._running[threading.get_ident()] = _Running(test, name, id(result), at_s)
        self._writer.emit("TestStarted", id=name, at_s=round(at_s, 6))

    def _settle(self, running: _Running, outcome: str, args: tuple[Any, ...]) -> None:
        """Keep the worst that was said of the test: a failure, then an error in its clean-up."""
        if running.outcome in ("failed", "errored"):
            return
        running.outcome = outcome
        running.details = _details(outcome, args)

    def _part(self, running: _Running, args: tuple[Any, ...]) -> None:
        if len(args) < 2 or args[1] is None:
            running.parts += 1
            return
        part, error = args[0], args[1]
        outcome = "failed" if issubclass(error[0], AssertionError) else "errored"
        details = _details(outcome, (error,))
        details["message"] = bounded(f"{_part_name(part)}: {details['message']}", 2000)
        self._writer.emit(
            "TestPhaseFinished", id=running.name, phase="subtest", outcome=outcome, duration_s=0.0, **details
        )
        running.outcome = running.outcome or "passed"  # the part says no

    def _stop(self, running: _Running) -> None:
        del self._running[threading.get_ident()]
        duration_s = round(self._writer.monotonic_s() - running.at_s, 6)
        outcome, details = running.outcome, running.details
        if not outcome and running.skipped_part:
            outcome = "passed" if running.parts else "skipped"
            details = {} if running.parts else {"message": running.skipped_part}
        elif not outcome:
            outcome, details = "errored", {"message": "the runner told no outcome"}
        self._writer.emit(
            "TestPhaseFinished", id=running.name, phase="call", outcome=outcome, duration_s=duration_s, **details
        )
        self._writer.emit("TestPhaseFinished", id=running.name, phase="teardown", outcome="passed", duration_s=0.0)
        self._ran[running.name] = None

    def _outside(self, hook: str, test: Any, args: tuple[Any, ...]) -> None:
        """Said of a test that was not started (3.12.1 skips so), or of a class's or a module's fixture."""
        outcome = _OUTCOMES.get(hook, "")
        if not outcome:  # 3.12.1 stops what it never started
            return
        description = clean(str(test.id()))
        details = _details(outcome, args)
        if self._pending.get(description):
            self._tell(self._pending[description].pop(0), outcome, details)
        elif outcome == "skipped":
            place = description.partition("(")[2].rstrip(")") or description
            self._skipped_places[place] = details["message"]
        elif outcome in ("failed", "errored"):
            self._start_session()
            self._tell(self._numbering.name(description), outcome, details)


def _tests(suite: Any) -> Iterator[Any]:
    """The tests of a suite, in the order in which they will run."""
    try:
        parts = iter(suite)
    except TypeError:
        if hasattr(suite, "id"):
            yield suite
        return
    for part in parts:
        if part is not None:
            yield from _tests(part)


def _thin(suite: Any, chosen: dict[int, str]) -> None:
    """Take every other test out of a suite and the suites in it; their own classes and order stay."""
    for part in list(suite):
        if isinstance(part, unittest.TestSuite):
            _thin(part, chosen)
    tests = getattr(suite, "_tests", None)
    if isinstance(tests, list):
        tests[:] = [test for test in tests if isinstance(test, unittest.TestSuite) or id(test) in chosen]


def _details(outcome: str, args: tuple[Any, ...]) -> dict[str, str]:
    if outcome == "skipped":
        return {"message": bounded(str(args[0]) if args else "", 2000)}
    error = args[0] if args else None
    if not isinstance(error, tuple) or len(error) != 3 or outcome == "passed":
        return {"message": "unexpected success"} if outcome == "failed" else {}
    kind, value, _ = error
    try:
        text = "".join(traceback.format_exception(*error))
        message = f"{kind.__name__}: {value}".partition("\n")[0]
    except Exception as broken:  # noqa: BLE001 - a project's own repr may raise anything; the failure stays a failure
        text = message = f"the failure could not be shown: {type(broken).__name__}"
    return {
        "kind": clean(kind.__name__),
        "message": bounded(message, 2000),
        "text": bounded(text) if outcome != "xfailed" else "",
        "line": clean(_line(error[2])) if outcome != "xfailed" else "",
    }


def _part_name(part: Any) -> str:
    """`subtest [message] (i=1)`: what the subtest's id has beyond its test's."""
    whole, of_test = str(part.id()), str(part.test_case.id())
    return f"subtest {whole[len(of_test) :].strip() if whole.startswith(of_test) else whole}"


def _line(trace: Any) -> str:
    """The last frame outside of unittest: `path:line`."""
    place = ""
    for frame, number in traceback.walk_tb(trace):
        if "__unittest" not in frame.f_globals:
            place = f"{frame.f_code.co_filename}:{number}"
    return place


def _kind(error: BaseException) -> str:
    """`ModuleNotFoundError: x` where that is what an import broke on: unittest keeps it as text only."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    last = lines[-1].strip() if lines else type(error).__name__
    prefix = "ModuleNotFoundError: No module named "
    return f"ModuleNotFoundError: {last[len(prefix) :].strip(chr(39))}" if last.startswith(prefix) else last
