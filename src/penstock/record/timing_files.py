"""The tables of test timings on disk: `timings/<trust>/<job>`, one file a job, read whole and written atomically."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from penstock.errors import StateError
from penstock.model.records import TestRecord
from penstock.model.trust import Trust
from penstock.record import test_timings
from penstock.record.test_timings import NewerError, Table, table_of
from penstock.util import atomic, digest
from penstock.util.lock import held

_ODD = re.compile(r"[^A-Za-z0-9@=,._-]")
_LONGEST_NAME = 80


class TimingFiles(NamedTuple):
    """The tables below one `folder`. `lock`: held while one is changed, so that two runs at once both count."""

    folder: Path
    lock: Path

    @classmethod
    def of(cls, history: Path) -> TimingFiles:
        """Those that lie in a history's folder, and go where it goes."""
        return cls(history / "timings", history / "timings.lock")

    def read(self, trust: Trust, job: str) -> Table:
        """The job's table; an empty one where there is none. Raises StateError if it is damaged or newer; OSError."""
        path = self._path(trust, job)
        try:
            table = test_timings.decode(path.read_bytes())
        except FileNotFoundError:
            return Table(job=table_of(job), trust=trust)
        except NewerError as error:
            raise NewerError(f"{path}: {error.message}", remedy="use the newer penstock that wrote it") from error
        except StateError as error:
            raise StateError(f"{path} is damaged: {error.message}") from error
        return table

    def learn(
        self, trust: Trust, job: str, tests: Iterable[TestRecord], *, at_s: float, key: str, whole: bool
    ) -> str | None:
        """Add a run's attempts of one job. Gives what a person has to be told. Raises NewerError, OSError."""
        with held(self.lock):
            table, told = self._read_or_begin(trust, job)
            learnt = test_timings.learn(table, tests, at_s=at_s, key=key, whole=whole)
            atomic.write(self._path(trust, job), test_timings.encode(learnt))
        return told

    def merge(self, other: TimingFiles) -> list[str]:
        """Take in what another folder has. Gives what a person has to be told. Raises NewerError, OSError."""
        told = []
        for path in sorted(other.folder.glob("*/*")):
            try:
                theirs = test_timings.decode(path.read_bytes())
            except NewerError:
                raise
            except StateError as error:
                told.append(f"{path} is damaged: {error.message}")
                continue
            with held(self.lock):
                ours, said = self._read_or_begin(theirs.trust, theirs.job)
                merged = test_timings.merge(ours, theirs) if ours.tests else theirs
                atomic.write(self._path(theirs.trust, theirs.job), test_timings.encode(merged))
            told += [said] if said else []
        return told

    def pinned(self, trust: Trust, job: str) -> tuple[bytes, list[str]]:
        """The timings file for a run of `job` at the level `trust`, and what a person has to be told.

        Durations: of the own level or a higher one, the own first. Tallies excuse failures: protected runs alone tell
        them, and to a local run the local ones, too.
        """
        tables, told = [], []
        for level in trust.accepted:
            try:
                tables.append(self.read(level, job))
            except (StateError, OSError) as error:
                told.append(f"no durations of earlier runs: {error}")
        durations = tables if any(table.tests for table in tables) else self._of_other_legs(trust, job)
        return test_timings.pinned(durations, _excusing(trust, tables)), told

    def of_all(self, trust: Trust, job: str) -> bytes:
        """The timings file for tests that no plan knows, run as `job`: its own table first, then whatever job knows
        a test. What cannot be read tells nothing. Raises OSError.
        """
        tables = []
        for level in trust.accepted:
            for path in sorted((self.folder / level).glob("*")):
                with contextlib.suppress(StateError):
                    tables.append(test_timings.decode(path.read_bytes()))
        tables.sort(key=lambda table: table.job != table_of(job))
        return test_timings.pinned(tables, _excusing(trust, tables))

    def _of_other_legs(self, trust: Trust, job: str) -> list[Table]:
        """What the job's legs on other Pythons took: for a leg's first run much better than nothing."""
        name = _name(job)
        found = []
        for level in trust.accepted:
            for path in sorted((self.folder / level).glob("*")):
                with contextlib.suppress(StateError, OSError):
                    table = test_timings.decode(path.read_bytes())
                    found += [table] if _name(table.job) == name else []
        return found

    def _read_or_begin(self, trust: Trust, job: str) -> tuple[Table, str | None]:
        """The table; a damaged one is put aside and told, and a new one begun."""
        try:
            return self.read(trust, job), None
        except NewerError:
            raise
        except StateError as error:
            path = self._path(trust, job)
            aside = self.folder.parent / "quarantine" / f"timings-{trust}-{path.name}"
            aside.parent.mkdir(parents=True, exist_ok=True)
            path.replace(aside)
            return Table(job=table_of(job), trust=trust), f"{error.message}; put aside as {aside}"

    def _path(self, trust: Trust, job: str) -> Path:
        name = table_of(job)
        return self.folder / trust / f"{_ODD.sub('_', name)[:_LONGEST_NAME]}.{digest.of_text(name)[:8]}"


def _name(job: str) -> str:
    return table_of(job).partition("@")[0]


def _excusing(trust: Trust, tables: Sequence[Table]) -> list[Table]:
    levels = {Trust.PROTECTED, Trust.LOCAL} if trust is Trust.LOCAL else {Trust.PROTECTED}
    return [table for table in tables if table.trust in levels]
