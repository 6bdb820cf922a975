"""One job on its way: its commands one after another, their readings collected."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from penstock.model.events import CommandFinished, Outcome
from penstock.model.pipeline import JobKind
from penstock.model.plan import BASE, PINS, Command, Job
from penstock.model.records import Reading
from penstock.ports import Ended, Launch, Tool
from penstock.run import disclosure, outputs, readings, tokens, variables
from penstock.run.anchors import anchored
from penstock.run.before import BASE_REPORTS, is_idle, job_at_base, of_base, reports_of
from penstock.run.secrets import NO_SECRETS, Secrets
from penstock.util import tree
from penstock.value import Value

# A report that a tool adapter gets to see. Larger ones are not read: the adapter then finds no report and says so.
_LARGEST_REPORT_BYTES = 256 << 20
_TEAR_DOWN = frozenset({"pytest", "unittest"})


class Station(Value, frozen=True, kw_only=True):
    """Where a job runs on this machine: everything its tokens and variables stand for. Paths are absolute."""

    folder: str  # holds output.log, reports/, reading.json
    root: str
    workspace: str
    temporary: str
    python: str | None
    scripts: str | None
    virtual_environment: str | None
    other_bins: Mapping[str, str]
    needs: str
    needed: tuple[tuple[str, str], ...] = ()  # (name in `needs`, the report folder it leads to)
    guest: str
    uv: str
    own_python: str
    pins: str = ""
    own_variables: Mapping[str, str] = {}
    secrets: Secrets = NO_SECRETS
    echo: bool = False
    grace_s: float = 10.0


class Attempt:
    """The state of one running job. The engine owns it; nobody else changes it."""

    def __init__(
        self, job: Job, station: Station, tools: Mapping[str, Tool], environ: Mapping[str, str], *, started_s: float
    ) -> None:
        self.job = job
        self.started_s = started_s
        self._station = station
        self._tools = tools
        self._environ = environ
        self._next = 0
        self._before: dict[str, tuple[int, int, int]] = {}
        self._readings: list[Reading] = []
        self._used_bytes = 0
        self._labels = 0  # that stand where secrets stood, in its reports
        self.leaked: list[str] = []
        self.given: Mapping[str, str] = {}  # variables of its services, once they are up
        self.reports = Path(station.folder) / "reports"

    def prepare(self) -> None:
        """Make the job's folders, empty. Raises OSError."""
        self._before = self._stamps()
        tree.discard(Path(self._station.folder))
        self.reports.mkdir(parents=True)
        if any(command.base for command in self.job.commands):
            (self.reports / BASE_REPORTS).mkdir()
        Path(self._station.temporary).mkdir(parents=True, exist_ok=True)
        for name, reports in self._station.needed:
            link = Path(self._station.needs) / name
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(reports)

    @property
    def command(self) -> Command:
        """The command that runs now."""
        return self.job.commands[self._next - 1]

    @property
    def command_number(self) -> int:
        """Its number, from 0."""
        return self._next - 1

    def next_launch(self, *, elapsed_s: float) -> Launch | None:
        """The next process to start, or None if all commands have run or an end forbids the rest."""
        stopped = {reading.outcome for reading in self._readings} & {Outcome.TIMED_OUT, Outcome.CANCELLED}
        while self._next < len(self.job.commands) and is_idle(self.job.commands[self._next], self._readings):
            self._next += 1
        if self._next >= len(self.job.commands) or stopped:
            return None
        command = self.job.commands[self._next]
        self._next += 1
        station = self._station
        filled = self._fill(command)
        limit = self.job.timeout_s
        return Launch(
            task=self.job.id,
            argv=filled.argv,
            directory=str(Path(station.workspace) / filled.directory),
            environment=variables.of_job(
                self._environ,
                scripts=station.scripts,
                virtual_environment=station.virtual_environment,
                temporary=station.temporary,
                declared=(*self.job.variables, *filled.environment),
                own={**station.own_variables, **self.given},
                withheld=station.secrets.withheld,
                inherits=self.job.inherits,
            ),
            output=str(Path(station.folder) / "output.log"),
            stdout=str(self.reports / command.stdout) if command.stdout else None,
            timeout_s=None if limit is None else max(limit - elapsed_s, 0.001),
            memory_bytes=self.job.memory_bytes,
            grace_s=station.grace_s,
            echo=station.echo,
            tears_down=command.tool in _TEAR_DOWN,
        )

    def _fill(self, command: Command) -> Command:
        if not command.templated:
            return command
        station = self._station
        table = tokens.table(
            python=station.python or station.own_python,
            scripts=station.scripts or "",
            guest=station.guest,
            reports=str(self.reports),
            workspace=station.workspace,
            uv=station.uv,
            own_python=station.own_python,
            needs=station.needs,
        ) | {PINS: station.pins, BASE: f"{station.temporary}/base"}
        return Command(
            argv=tuple(tokens.fill(part, table, station.other_bins) for part in command.argv),
            environment=tuple(
                (name, tokens.fill(text, table, station.other_bins)) for name, text in command.environment
            ),
            directory=tokens.fill(command.directory, table, station.other_bins),
        )

    def note(self, ended: Ended) -> CommandFinished:
        """Take in the end of the command that ran; gives the event to log *before* anything is made of it."""
        return CommandFinished(
            job=self.job.id,
            attempt=1,
            command=self.command_number,
            argv=self.command.argv,
            exit_code=ended.exit_code,
            signal=ended.signal,
            cause=ended.cause,
            at_s=self.started_s + ended.duration_s,
            duration_s=ended.duration_s,
            cpu_s=ended.cpu_s,
            memory_bytes=ended.memory_bytes,
            leaked=ended.leaked,
            output_bytes=ended.output_bytes,
        )

    def read(self, ended: Ended) -> None:
        """Ask the command's tool what its exit, output and reports mean."""
        self.leaked.extend(ended.leaked)
        self._used_bytes = max(self._used_bytes, ended.used_bytes)
        try:
            self._hide_secrets()
        except OSError as error:
            reason = f"its reports could not be cleaned of secrets: {error.strerror}"
            self._readings.append(Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason))
            return
        reading = self._outside_end(ended)
        if reading is None:
            reading = anchored(self._said(ended), Path(ended.directory or self._station.workspace))
        elif reading.outcome is Outcome.CANCELLED and self.job.kind is JobKind.TEST:
            reading = readings.cut_short(reading, self._said(ended))
        if self.command.base and reading.outcome is not Outcome.CANCELLED:
            reading = of_base(reading, ended, self.command, self.job)
        elif ended.cause == "timeout":
            reading = readings.timed_out(reading, self.job.timeout_s)
        elif ended.cause == "memory":
            reading = readings.too_large(reading, self.job.memory_bytes, ended.used_bytes)
        self._readings.append(self._with_withheld(reading, ended))

    def _hide_secrets(self) -> None:
        """Take them out of what the command left, before anything is made of it. Raises OSError."""
        if self._station.secrets.redaction is not None:
            from penstock.run.scrubbing import scrub

            self._labels = scrub(self.reports, self._station.secrets.redaction)
            for folder in disclosure.beside(self.command, self._station.workspace):
                scrub(folder, self._station.secrets.redaction)

    def _said(self, ended: Ended) -> Reading:
        reports = reports_of(read_reports(self.reports), self.command)
        job = job_at_base(self.job) if self.command.base else self.job
        return self._tools[self.command.tool].read(ended, reports, job)

    def stop(self, cause: str) -> None:
        """Leave out the commands that are left, if there are any: the job is cancelled."""
        if self._next < len(self.job.commands):
            self._readings.append(_cancelled(cause))

    @staticmethod
    def _outside_end(ended: Ended) -> Reading | None:
        """What needs no tool to be understood: it never started, or we ended it."""
        if ended.problem is not None:
            return Reading(outcome=Outcome.ERRORED, reason=ended.problem, problem=ended.problem)
        if ended.cause in ("interrupt", "cancelled"):
            return _cancelled(ended.cause)
        return None

    def _with_withheld(self, reading: Reading, ended: Ended) -> Reading:
        if reading.outcome is Outcome.PASSED or self.job.inherits:
            return reading
        named = {**self._station.own_variables, **self.given}
        given = variables.passed(self._environ) | dict(self.job.variables) | named
        withheld = variables.named_but_withheld(self._environ, given, ended.head + ended.tail)
        if not withheld:
            return reading
        return readings.with_notes(reading, {"withheld": ", ".join(withheld)})

    def _stamps(self) -> dict[str, tuple[int, int, int]]:
        """Of the files that the job has to write: what tells one that is written anew."""
        found = {}
        for name in self.job.fresh:
            with contextlib.suppress(OSError):
                told = (Path(self._station.workspace) / name).stat()
                found[name] = (told.st_ino, told.st_mtime_ns, told.st_size)
        return found

    def result(self) -> Reading:
        """What all its commands add up to; a pass that left no declared outputs is none. Raises OSError (disk full)."""
        reading = readings.with_peak(self._result(), self._used_bytes, self.job.memory_bytes)
        return disclosure.told(reading, self._station.secrets, Path(self._station.folder), self._labels)

    def _result(self) -> Reading:
        reading = readings.combine(self._readings)
        if not self.job.outputs or reading.outcome is not Outcome.PASSED:
            return reading
        folder, workspace = Path(self._station.folder), Path(self._station.workspace)
        old = [name for name, stamp in self._stamps().items() if stamp == self._before.get(name)]
        if old:
            reason = f"its command did not write {', '.join(old)}: what is there is from before"
            return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason)
        if (leak := disclosure.in_outputs(reading, self.job, workspace, self._station.secrets)) is not None:
            return leak
        missing = outputs.keep(self.job.outputs, workspace, folder)
        if self._station.workspace != self._station.root:
            outputs.lay(folder, Path(self._station.root))
        if not missing:
            return reading
        reason = f"its declared outputs are not there: {', '.join(missing)}"
        return Reading(outcome=Outcome.ERRORED, reason=reason, problem=reason)


def _cancelled(cause: str) -> Reading:
    why = "interrupted" if cause == "interrupt" else "ended, because an earlier job did not pass (-x)"
    return Reading(outcome=Outcome.CANCELLED, reason=why)


def read_reports(folder: Path) -> dict[str, bytes]:
    """The report files of a job, by name (with folders: `sub/name`). Links and giants are left out."""
    reports = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST_REPORT_BYTES:
            reports[path.relative_to(folder).as_posix()] = path.read_bytes()
    return reports
