"""The pytest plugin that records what pytest does: one event a test phase, and a finish record at the very end.

PYTEST_DONT_REWRITE

Loaded by `-p penstock_pytest` with this folder on PYTHONPATH. Standard library and pytest (>= 6.2) only, Python >= 3.9.
A pytest session inside a test (pytester) has a plugin manager of its own, and the variables are taken away when this
file is imported, so that only the first session of the process records.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from penstock.guest.penstock_coverage import Measuring
    from penstock.guest.penstock_events import (
        EventWriter,
        attempt_seed,
        bounded,
        claim,
        clean,
        digest,
        imported,
        leave_path,
        leave_plugins,
    )
    from penstock.guest.penstock_only import Numbering, Only
else:
    from penstock_coverage import Measuring
    from penstock_events import (
        EventWriter,
        attempt_seed,
        bounded,
        claim,
        clean,
        digest,
        imported,
        leave_path,
        leave_plugins,
    )
    from penstock_only import Numbering, Only

_EVENTS = claim("PENSTOCK_EVENTS")
_PACKAGES = claim("PENSTOCK_PACKAGES")
_ONLY = claim("PENSTOCK_ONLY")
_MEASURING = Measuring(claim("PENSTOCK_COVERAGE"), claim("PENSTOCK_LAYER"), again="penstock_unittest" in sys.modules)
leave_path()
leave_plugins("penstock_pytest")


class Recorder:
    """Hooks of one session. Made once in a process."""

    def __init__(self, config: Any, writer: EventWriter, chosen: dict[int, str]) -> None:
        self._config = config
        self._writer = writer
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
        self._collected = 0
        self._deselected = 0
        self._ran: dict[str, None] = {}
        self._errors: list[tuple[str, str, str]] = []
        self._error_kinds: dict[str, str] = {}
        self._skipped: list[tuple[str, str]] = []
        self._session: Any = None

    # --- the session -----------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: Any) -> None:
        """Prove what this process is."""
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
        if self._session is None or not self._writer.here():
            return
        note = _MEASURING.finish()
        ran = list(self._ran)
        self._writer.emit(
            "SessionFinished",
            collected=self._collected,
            ran=len(ran),
            digest=digest(ran),
            exit_code=int(self._session.exitstatus),
            duration_s=round(self._writer.monotonic_s() - self._started_s, 6),
            modules=imported(_PACKAGES),
            events=self._writer.count,
            coverage=clean(note),
        )
        self._writer.complain()

    # --- collection ------------------------------------------------------------------------------------------------

    def pytest_deselected(self, items: Any) -> None:
        """Count what a marker, a keyword or the project's own hook took out."""
        self._deselected += len(items)

    def pytest_exception_interact(self, call: Any, report: Any) -> None:
        """Note the type behind a collection error: pytest wraps import errors into one of its own."""
        if report.when != "collect":
            return
        error = call.excinfo.value
        error = error.__cause__ if isinstance(error, report_error()) and error.__cause__ else error
        self._error_kinds[report.nodeid] = _kind(error)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: Any) -> None:
        """Keep errors, and files that skip themselves."""
        if report.failed:
            text = str(report.longrepr)
            kind = self._error_kinds.get(report.nodeid) or _last_line(text)
            self._errors.append((clean(report.nodeid), clean(kind), bounded(text)))
        elif report.skipped:
            self._skipped.append((clean(report.nodeid), bounded(_skip_reason(report), 2000)))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: Any) -> None:
        """Name every test that is to run, in order."""
        ids = [self._name(item) for item in session.items]
        self._collected = len(ids)
        self._writer.emit(
            "CollectionFinished",
            ids=ids,
            digest=digest(ids),
            deselected=self._deselected,
            errors=self._errors,
            skipped=self._skipped,
        )

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
        self._writer.hold()
        at_s = self._writer.monotonic_s()
        self._writer.emit_text(f'{{"event":"TestStarted","id":{self._encoded},"at_s":{at_s:.6f}}}')

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Write one phase."""
        name = self._current if report.nodeid == self._nodeid else ""
        if not name:
            return  # a report of something else than the running test: not evidence of it
        phase = "subtest" if _is_subtest(report) else report.when
        if phase == "subtest":
            if report.outcome in ("passed", "skipped"):
                return  # parts that did not fail decide nothing
        elif phase == "setup" and "setup" in self._phases:
            self._attempt += 1
            self._phases.clear()
        self._phases.add(phase)
        if phase == "teardown":
            self._ran[name] = None
        if report.outcome == "passed" and not hasattr(report, "wasxfail"):
            tail = "" if self._attempt == 1 else f',"attempt":{self._attempt}'
            self._writer.emit_text(
                f'{{"event":"TestPhaseFinished","id":{self._encoded},"phase":"{phase}","outcome":"passed",'
                f'"duration_s":{max(report.duration, 0):.6f}{tail}}}',
                waits=phase != "teardown",
            )
        else:
            self._emit_phase(name, phase, report)

    def _emit_phase(self, name: str, phase: str, report: Any) -> None:
        outcome = _outcome(report, phase)
        failed = outcome in ("failed", "errored")
        text = _text(report) if failed else ""
        message = _message(report, outcome, text)
        if phase == "subtest":
            message = f"{_subtest_name(report)}: {message}"
        self._writer.emit(
            "TestPhaseFinished",
            id=name,
            phase=phase,
            outcome=outcome,
            duration_s=round(max(report.duration, 0), 6),
            kind=clean(_crash_kind(report)) if failed else "",
            message=bounded(message, 2000),
            text=bounded(text),
            line=clean(_line(report, self._root, failed=failed)),
            output=bounded("\n".join(f"--- {title}\n{body}" for title, body in report.sections)) if failed else "",
            attempt=self._attempt,
        )


class Selection:
    """The hook of a replay: of all that was collected, the tests that it asks for, in their order."""

    def __init__(self, only: Only, names: dict[int, str]) -> None:
        self._only = only
        self._names = names

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> Generator[None, None, None]:
        """Choose after every other plugin has chosen and sorted."""
        yield
        wanted, others = self._only.choose(items, lambda item: clean(item.nodeid))
        self._names.update((id(item), name) for name, item in wanted)
        items[:] = [item for _, item in wanted]
        if others:
            config.hook.pytest_deselected(items=others)


def pytest_configure(config: Any) -> None:
    """Begin recording, in the first session of the process that asks."""
    global _EVENTS, _ONLY
    names: dict[int, str] = {}
    if _ONLY:
        path, _ONLY = _ONLY, ""
        config.pluginmanager.register(Selection(Only(path), names), "penstock-selection")
    if _EVENTS:
        path, _EVENTS = _EVENTS, ""
        config.pluginmanager.register(Recorder(config, EventWriter(path), names), "penstock-recorder")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: Any, args: list[str]) -> Generator[None, None, None]:
    """Switch off what would measure or distribute a second time, where the environment has it (Suite.strip tells)."""
    known = early_config.known_args_namespace
    for option, argument in (("no_cov", "--no-cov"), ("numprocesses", "-n0")):
        if _EVENTS and hasattr(known, option):
            setattr(known, option, True if option == "no_cov" else 0)
            args.insert(args.index("--") if "--" in args else len(args), argument)
    yield


def report_error() -> type[BaseException]:
    """Pytest's own wrapper around errors while a file is imported."""
    return pytest.Collector.CollectError


def _seed(config: Any) -> str:
    seed = getattr(config.option, "randomly_seed", None)
    parts = [f"randomly_seed={seed}"] if isinstance(seed, int) else []
    return " ".join(part for part in (*parts, attempt_seed()) if part)


def _is_subtest(report: Any) -> bool:
    return "ubtest" in type(report).__name__.lower() and hasattr(report, "context")


def _subtest_name(report: Any) -> str:
    message = getattr(report.context, "msg", None)
    keywords = dict(getattr(report.context, "kwargs", None) or {})
    parts = [f"[{message}]"] if isinstance(message, str) else []
    parts += ["(" + ", ".join(f"{key}={value!r}" for key, value in keywords.items()) + ")"] if keywords else []
    return "subtest " + (" ".join(parts) or "(<subtest>)")


def _outcome(report: Any, phase: str) -> str:
    """The phase's outcome as pytest counts it: what it counts as a failure is never anything else here."""
    expected = hasattr(report, "wasxfail")
    if report.outcome == "skipped":
        return "xfailed" if expected else "skipped"
    if report.outcome == "passed":
        return "xpassed" if expected else "passed"
    if report.outcome == "failed" and expected:
        return "xfailed"
    return "errored" if phase in ("setup", "teardown") else "failed"  # "rerun", "retried": an attempt that failed


def _message(report: Any, outcome: str, text: str) -> str:
    if outcome == "skipped":
        return _skip_reason(report)
    if outcome in ("xfailed", "xpassed"):
        return str(report.wasxfail)
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message).partition("\n")[0] if crash is not None else _last_line(text)


def _crash_kind(report: Any) -> str:
    """The exception's type, from the sentence that pytest keeps of it; a rewritten assertion begins with `assert`."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return ""
    first = str(crash.message).partition("\n")[0]
    if first.startswith("assert "):
        return "AssertionError"
    name = first.partition(":")[0].strip()
    return name.rpartition(".")[2] if name.replace(".", "").isidentifier() else ""


def _text(report: Any) -> str:
    try:
        return str(report.longreprtext)
    except Exception as error:  # noqa: BLE001 - a project's own repr may raise anything; the failure stays a failure
        return f"the failure could not be shown: {type(error).__name__}"


def _skip_reason(report: Any) -> str:
    longrepr = report.longrepr
    reason = str(longrepr[2] if isinstance(longrepr, tuple) and len(longrepr) == 3 else longrepr)
    return reason.removeprefix("Skipped: ")


def _line(report: Any, root: str, *, failed: bool) -> str:
    """Where it failed, or else where the test stands: `path:line`, relative to the root folder."""
    crash = getattr(report.longrepr, "reprcrash", None) if failed else None
    if crash is not None:
        path, number = str(crash.path), crash.lineno
        return f"{path[len(root) + 1 :] if path.startswith(root + os.sep) else path}:{number}"
    path, number, _ = report.location
    return f"{path}:{(number or 0) + 1}"


def _kind(error: BaseException) -> str:
    """`ModuleNotFoundError: x` with the module's name, else the type and the message's first line."""
    name = getattr(error, "name", None)
    first = str(name) if isinstance(error, ModuleNotFoundError) and name else str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first}"


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[:500] if lines else ""
