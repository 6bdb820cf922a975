"""What the load generator counts; locust itself is asked in tests/integration."""

from __future__ import annotations

import json
import math
import threading
from typing import Any

import pytest

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest.penstock_load import Load, Sample, busy, summary

CALLS = [{"path": "/a"}, {"path": "/b", "method": "POST", "json": {"x": 1}}]


class Answer:
    def __init__(self, status: int, content: bytes = b"") -> None:
        self.status_code, self.content = status, content
        self.error: Exception | None = None if status else ConnectionResetError(104, "Connection reset by peer")


class Client:
    """Answers in turn, and knows what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self._answers = answers

    def request(self, method: str, address: str, **more: Any) -> Answer:
        self.asked.append((method, address, more["data"]))
        assert more["allow_redirects"] is False
        answer = self._answers[(len(self.asked) - 1) % len(self._answers)]
        if answer.status_code < 0:
            raise ValueError("this is no HTTP")
        return answer


def visited(client: Client, **options: Any) -> Load:
    load = Load({"base": "http://h", "calls": CALLS, "clients": 1, **options}, threading.Event(), threading.Event())
    load.visit(client)
    return load


def test_every_call_is_made_once_before_any_is_counted_then_in_turn() -> None:
    client = Client(Answer(200))
    load = visited(client, requests=3)
    assert [address for _, address, _ in client.asked] == [f"http://h/{each}" for each in "ababa"]
    assert client.asked[1] == ("POST", "http://h/b", json.dumps({"x": 1}).encode())
    assert [sample.call for sample in load.samples] == [0, 1, 0]
    assert not any(sample.why for sample in load.samples)


def test_a_wrong_answer_and_a_lost_connection_are_failures_with_their_reason() -> None:
    load = visited(Client(Answer(200), Answer(200), Answer(503), Answer(0), Answer(-1)), requests=3)
    assert [sample.why for sample in load.samples] == [
        "it answered 503",
        "no answer: Connection reset by peer",
        "no answer: this is no HTTP",
    ]
    assert all(math.isinf(sample.seconds) for sample in load.samples)


def test_a_load_ends_with_its_duration() -> None:
    load = visited(Client(Answer(200)), duration=0.02)
    assert load.samples
    assert load.wall_s >= 0.02


def test_a_process_that_works_is_busy() -> None:
    so_far = busy()
    assert sum(range(200_000)) > 0
    assert busy() > so_far


def test_the_summary_counts_good_answers_and_says_what_it_cannot_tell() -> None:
    samples = [Sample(0, 0.01, "")] * 90 + [Sample(1, 0.01, "it answered 500")] * 10
    told = summary(["GET /a", "POST /b"], samples, wall_s=2.0, busy_s=0.5)
    assert told["measures"]["throughput"] == 45.0
    assert told["measures"]["errors"] == 10.0
    assert "p95" not in told["measures"]
    assert told["notes"]["absent:p95"] == "more than 5 of 100 requests failed"
    assert told["notes"]["absent:p99"] == "not enough requests: 100, and p99 takes 500"
    assert told["notes"]["errors"] == "10 times: it answered 500"
    assert told["notes"]["call:POST /b"] == "10 requests, 10 failed"
    assert "doubt:p50" not in told["notes"]


def test_a_generator_at_its_limit_is_told_and_casts_doubt_on_every_figure() -> None:
    told = summary(["GET /a"], [Sample(0, 0.01, "")] * 600, wall_s=1.0, busy_s=0.97)
    assert told["notes"]["doubt:p95"] == "the load generator was at its limit: busy 97% of the time"
    assert {"doubt:p50", "doubt:p99", "doubt:max", "doubt:throughput"} <= set(told["notes"])


@pytest.mark.parametrize(("samples", "wall_s"), [([], 5.0), ([Sample(0, 0.01, "")], 0.0)])
def test_a_load_without_a_request_is_no_measurement(samples: list[Sample], wall_s: float) -> None:
    assert summary(["GET /a"], samples, wall_s=wall_s, busy_s=0.0) == {"problem": "the load made no request"}
