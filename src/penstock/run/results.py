"""A job's result on disk: kept with the run, stored under its key when it may be, and brought back on a hit.

Losing any of it never changes a verdict (house rule 10): what cannot be written is told and left out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from penstock.model.events import JobFinished, Outcome
from penstock.model.plan import Binding, CacheState, Job
from penstock.model.records import Reading
from penstock.ports import CacheBackend, Clock, Entry
from penstock.run import outputs
from penstock.util import atomic, digest

READING = "reading.json"


class Results:
    """The results of one run. `folder_of`: job id -> its folder; `inputs_now`: a job's inputs digest, read anew.

    `proved`: whether the judge believes a result by itself; one that it doubts would come back without what speaks
    against it.
    """

    def __init__(
        self,
        *,
        run: str,
        root: Path,
        folder_of: Callable[[str], Path],
        cache: CacheBackend,
        clock: Clock,
        inputs_now: Callable[[Binding], str],
        platform: str,
        proved: Callable[[Job, JobFinished, Reading], bool],
    ) -> None:
        self._run = run
        self._root = root
        self._folder_of = folder_of
        self._cache = cache
        self._clock = clock
        self._inputs_now = inputs_now
        self._platform = platform
        self._proved = proved
        self.readings: dict[str, Reading] = {}
        self.troubles: list[str] = []

    def keep(self, job: Job, reading: Reading) -> dict[str, str]:
        """Write `reading.json` beside the job's reports; gives the digest of every file of the job's evidence."""
        self.readings[job.id] = reading
        folder = self._folder_of(job.id)
        try:
            atomic.write(folder / READING, msgspec.json.encode(reading))
            return {
                path.relative_to(folder).as_posix(): digest.of_file(path)
                for path in (
                    folder / READING,
                    *sorted((folder / "reports").rglob("*")),
                    *sorted((folder / outputs.OUTPUTS).rglob("*")),
                )
                if path.is_file() and not path.is_symlink()
            }
        except OSError as error:
            self.troubles.append(f"{job.id}: its evidence could not be kept: {error}")
            return {}

    def store(self, job: Job, binding: Binding, finished: JobFinished, reading: Reading, *, leaked: bool) -> None:
        """Put a result into the cache: a clean pass that the judge believes, of inputs that are still its key's."""
        clean = finished.outcome is Outcome.PASSED and not finished.flaky and not leaked and finished.reports
        if not clean or not job.cacheable or binding.cache is CacheState.OFF:
            return
        if not self._proved(job, finished, reading):
            return
        try:
            if self._inputs_now(binding) != binding.inputs_digest:
                self.troubles.append(f"{job.id}: not cached, because its inputs changed while it ran")
                return
            entry = Entry(
                key=binding.key,
                job=job.id,
                wall_s=self._clock.wall_s(),
                run=self._run,
                finished=finished,
                files=tuple(finished.reports.items()),
                platform=self._platform,
                key_parts=binding.key_parts,
            )
            self._cache.put(entry, str(self._folder_of(job.id)))
        except OSError as error:
            self.troubles.append(f"{job.id}: not cached: {error}")

    def restore(self, job: Job, binding: Binding, *, at_s: float, with_files: bool) -> JobFinished | None:
        """The finish event of a hit, with the run that did the work; None if the entry cannot be trusted after all.

        `with_files`: a job that has to run reads this one's reports, so they are brought back, too. What the job makes
        in the tree is laid back there.
        """
        entry = self._cache.get(binding.key)
        if entry is None or entry.finished.outcome is not Outcome.PASSED:
            return None
        folder = self._folder_of(job.id)
        if (with_files or job.outputs) and not self._cache.restore(entry, str(folder)):
            return None
        if job.outputs and not self._laid(job, folder):
            return None
        return msgspec.structs.replace(
            entry.finished, job=job.id, at_s=at_s, cached_from=entry.run, cached_wall_s=entry.wall_s
        )

    def _laid(self, job: Job, folder: Path) -> bool:
        try:
            outputs.lay(folder, self._root)
        except OSError as error:
            self.troubles.append(f"{job.id}: its outputs could not be laid back: {error}")
            return False
        return True
