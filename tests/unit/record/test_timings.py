from __future__ import annotations

import pytest
from msgspec.structs import replace

from penstock.model.events import TestOutcome as Ended
from penstock.model.plan import Job, Shard
from penstock.model.records import TestRecord as Row
from penstock.record import timings
from penstock.record.timings import Durations
from tests.builders import job, plan
from tests.verdicts import job_record, records

UNIT = job("unit@3.12")


def test_only_work_that_was_done_is_learnt_from() -> None:
    kept = records(
        job_record(UNIT, duration_s=4.0),
        job_record(job("a"), "failed", duration_s=2.0),
        job_record(job("b"), "cancelled"),
        job_record(job("c"), "errored"),
        job_record(job("d"), cached_from="r0"),
        job_record(job("e"), duration_s=0.0),
    )
    assert timings.update(Durations(), kept).jobs == {"unit@3.12": (4.0,), "a": (2.0,)}


def test_of_a_job_in_the_background_its_work_is_learnt_and_not_its_wait() -> None:
    lint = job_record(job("lint"), duration_s=40.0, cpu_s=6.25, background=True)
    assert timings.update(Durations(), records(lint)).jobs == {"lint": (6.25,)}
    lint = job_record(job("lint"), duration_s=40.0, cpu_s=6.25)
    assert timings.update(Durations(), records(lint)).jobs == {"lint": (40.0,)}


def test_the_last_five_are_kept_and_their_median_predicts() -> None:
    durations = Durations(jobs={"gone": (1.0,)})
    for seconds in (100.0, 1.0, 2.0, 9.0, 3.0, 4.0):
        durations = timings.update(durations, records(job_record(UNIT, duration_s=seconds)))
    assert durations.jobs["unit@3.12"] == (1.0, 2.0, 9.0, 3.0, 4.0)
    assert timings.timings(durations).jobs == {"gone": 1.0, "unit@3.12": 3.0}


def test_the_digest_follows_the_predictions() -> None:
    one, two = Durations(jobs={"a": (1.0,)}), Durations(jobs={"a": (2.0,)})
    assert timings.timings(one).digest != timings.timings(two).digest
    assert timings.timings(one) == timings.timings(timings.decode(timings.encode(one)))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"version": 2, "jobs": {"a": [1.0]}}', b"[" * 99_999]
)
def test_a_file_that_cannot_be_read_predicts_nothing(content: bytes) -> None:
    assert timings.decode(content) == Durations()


def test_numbers_that_are_none_are_dropped() -> None:
    assert timings.decode(b'{"jobs": {"a": [-1.0, 0.0, 2.0], "b": [-3]}}').jobs == {"a": (2.0,)}


def test_shards_teach_how_good_their_predictions_were_and_how_long_they_start() -> None:
    def shard(index: int, predicted_s: float | None) -> Job:
        return job(f"unit#{index}/2", name="unit", shard=Shard(index=index, count=2, predicted_s=predicted_s))

    first, second = shard(1, 5.0), shard(2, None)
    kept = replace(
        records(job_record(first, duration_s=10.0), job_record(second, duration_s=10.0)),
        tests=(
            Row(job=first.id, id="a", outcome=Ended.PASSED, setup_s=1.0, call_s=4.0, teardown_s=1.0),
            Row(job=second.id, id="b", outcome=Ended.PASSED, call_s=8.0),
        ),
    )
    learnt = timings.update(Durations(), kept, plan(first, second))
    assert learnt.errors == (1.6,)  # the longest took 8 s, of 5 predicted
    assert timings.update(Durations(), kept, plan(first, shard(2, 16.0))).errors == (0.5,)
    assert timings.update(Durations(), kept, plan(first)).errors == ()  # one shard of two says nothing of the longest
    assert learnt.startups == {"unit": (4.0, 2.0)}
    assert timings.startups(learnt) == {"unit": 3.0}
    assert timings.decode(timings.encode(learnt)) == learnt
