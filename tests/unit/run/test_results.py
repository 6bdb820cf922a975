"""A result is stored only if it is a clean pass that the judge believes, and comes back only whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from penstock.model.events import JobFinished, Outcome
from penstock.model.plan import Binding, CacheState, Job
from penstock.model.records import Reading
from penstock.ports import Entry
from penstock.run.results import READING, Results
from tests.builders import job
from tests.fakes.cache import MemoryCache
from tests.fakes.clock import FakeClock

PASSED = Reading(outcome=Outcome.PASSED)
JOB = job("unit@3.12")


class Bench:
    """Results over a cache in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = MemoryCache()
        self.inputs = "as planned"
        self.proved = True
        (folder / "tree").mkdir()
        self.results = Results(
            run="r1",
            root=folder / "tree",
            folder_of=lambda name: folder / name,
            cache=self.cache,
            clock=FakeClock(wall_s=50.0),
            inputs_now=lambda _: self.inputs,
            platform="here",
            proved=lambda *_: self.proved,
        )

    def binding(self, state: CacheState = CacheState.MISS) -> Binding:
        return Binding(
            job=JOB.id, interpreter=None, key="k", key_parts={"a": "b"}, inputs_digest="as planned", cache=state
        )

    def finished(self, one: Job = JOB, reading: Reading = PASSED, **fields: Any) -> JobFinished:
        reports = self.results.keep(one, reading)
        made = JobFinished(job=one.id, outcome=reading.outcome, reason="", at_s=9.0, duration_s=2.0, reports=reports)
        return msgspec.structs.replace(made, **fields)

    def store(self, finished: JobFinished, **how: Any) -> None:
        one = how.pop("one", JOB)
        binding = how.pop("binding", self.binding())
        self.results.store(one, binding, finished, PASSED, leaked=how.pop("leaked", False))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_a_job_leaves_is_kept_with_the_digest_of_each_file(bench: Bench) -> None:
    reports = bench.folder / JOB.id / "reports"
    (reports / "deep").mkdir(parents=True)
    (reports / "deep/a.xml").write_bytes(b"<a/>")
    (reports / "link").symlink_to("deep/a.xml")
    kept = bench.results.keep(JOB, PASSED)
    assert sorted(kept) == [READING, "reports/deep/a.xml"]
    assert msgspec.json.decode((bench.folder / JOB.id / READING).read_bytes(), type=Reading) == PASSED
    assert bench.results.readings == {JOB.id: PASSED}


def test_evidence_that_cannot_be_kept_is_told_and_keeps_the_result_out_of_the_cache(bench: Bench) -> None:
    (bench.folder / JOB.id).touch()
    finished = bench.finished()
    assert finished.reports == {}
    assert bench.results.troubles[0].startswith("unit@3.12: its evidence could not be kept")
    bench.store(finished)
    assert bench.cache.entries == {}


def test_a_clean_pass_is_stored_and_comes_back_as_it_was(bench: Bench) -> None:
    bench.store(bench.finished())
    entry = bench.cache.entries["k"]
    assert (entry.run, entry.wall_s, entry.key_parts, entry.platform) == ("r1", 50.0, {"a": "b"}, "here")
    back = bench.results.restore(JOB, bench.binding(CacheState.HIT), at_s=100.0, with_files=False)
    assert back is not None
    assert (back.at_s, back.duration_s, back.cached_from, back.cached_wall_s) == (100.0, 2.0, "r1", 50.0)


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": Outcome.FAILED},
        {"outcome": Outcome.ERRORED},
        {"outcome": Outcome.CANCELLED},
        {"outcome": Outcome.TIMED_OUT},
        {"flaky": ("t",)},
        {"reports": {}},
    ],
)
def test_what_is_no_clean_pass_is_not_stored(bench: Bench, fields: dict[str, Any]) -> None:
    bench.store(bench.finished(**fields))
    assert bench.cache.entries == {}


def test_leaks_doubts_and_jobs_without_a_cache_are_not_stored(bench: Bench) -> None:
    bench.store(bench.finished(), leaked=True)
    bench.store(bench.finished(), binding=bench.binding(CacheState.OFF))
    bench.store(bench.finished(), one=job(JOB.id, cacheable=False))
    bench.proved = False
    bench.store(bench.finished())
    assert bench.cache.entries == {}
    assert bench.results.troubles == []


def test_a_result_of_inputs_that_changed_is_told_and_not_stored(bench: Bench) -> None:
    bench.inputs = "changed"
    bench.store(bench.finished())
    assert bench.cache.entries == {}
    assert bench.results.troubles == ["unit@3.12: not cached, because its inputs changed while it ran"]


def test_a_cache_that_cannot_be_written_is_told(bench: Bench) -> None:
    def full(entry: Entry, folder: str) -> None:
        raise OSError(28, "No space left on device")

    bench.cache.put = full  # type: ignore[method-assign]  # a disk that is full
    bench.store(bench.finished())
    assert bench.results.troubles == ["unit@3.12: not cached: [Errno 28] No space left on device"]


def test_an_entry_that_did_not_pass_or_is_damaged_is_no_hit(bench: Bench) -> None:
    assert bench.results.restore(JOB, bench.binding(), at_s=0.0, with_files=True) is None
    bench.store(bench.finished())
    entry = bench.cache.entries["k"]
    bench.cache.entries["k"] = msgspec.structs.replace(
        entry, finished=msgspec.structs.replace(entry.finished, outcome=Outcome.FAILED)
    )
    assert bench.results.restore(JOB, bench.binding(), at_s=0.0, with_files=True) is None
    bench.cache.entries["k"] = entry
    bench.cache.files = {}
    assert bench.results.restore(JOB, bench.binding(), at_s=0.0, with_files=True) is None


def test_what_a_job_makes_in_the_tree_is_laid_back_on_a_hit(bench: Bench) -> None:
    docs = job("docs", outputs=("site/**",))
    kept = bench.folder / "docs/outputs/site"
    kept.mkdir(parents=True)
    (kept / "index.html").write_bytes(b"<p>")
    bench.store(bench.finished(docs), one=docs)
    assert bench.results.restore(docs, bench.binding(), at_s=0.0, with_files=False) is not None
    assert (bench.folder / "tree/site/index.html").read_bytes() == b"<p>"
    (bench.folder / "tree/site/index.html").unlink()
    (bench.folder / "tree/site").rmdir()
    (bench.folder / "tree/site").touch()  # in the way
    assert bench.results.restore(docs, bench.binding(), at_s=0.0, with_files=False) is None
    assert "could not be laid back" in bench.results.troubles[0]
