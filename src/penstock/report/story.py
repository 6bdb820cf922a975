"""What a report tells of: one run, judged, with what only the caller knows of its files."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.plan import Plan
from penstock.model.records import FailureRecord, Records
from penstock.model.verdict import Verdict
from penstock.report.grounds import Grounds
from penstock.value import Value


class Story(Value, frozen=True, kw_only=True):
    """One judged run. `failures`: numbered by `record.failures`; `logs`: job id -> its log's path, relative to the
    root; `tails`: job id -> the last lines of its output, for jobs that failed without a failed test; `now_s`: epoch
    seconds, UTC, for ages; `known`: place of a finding among those of the records -> whether the baseline knows it, of
    jobs that a ratchet judges; `told`: what is read here stands below the progress of the run, which has told each
    decision and each job's end: none of it is said again; `grounds`: what hints about failed tests rest on.
    """

    plan: Plan
    records: Records
    verdict: Verdict
    failures: tuple[FailureRecord, ...] = ()
    logs: Mapping[str, str] = {}
    tails: Mapping[str, str] = {}
    now_s: float = 0.0
    known: Mapping[int, bool] = {}
    told: bool = False
    grounds: Grounds = Grounds()

    @property
    def run(self) -> str:
        """The run's short name, as people type it."""
        return self.records.run.run.rpartition("-")[2]
