"""Clients that ask a service at the same time, made by locust (Python >= 3.10, in an environment of its own).

    python penstock_load.py REPORT OPTIONS

OPTIONS is JSON: {"base", "calls": [...], "clients", "duration" or "requests", "request_timeout"}. REPORT gets JSON:
{"measures", "notes"}, or {"problem": why}.

A closed loop: each client asks again as soon as it was answered, so a service that stalls is asked less often while it
does. Before anything is counted every client makes every call once.
"""

from __future__ import annotations

import collections
import contextlib
import json
import math
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penstock.guest.penstock_calls import asked, name, spoken, wrong
    from penstock.guest.penstock_percentiles import told
else:
    from penstock_calls import asked, name, spoken, wrong
    from penstock_percentiles import told

BESIDE = 5  # requests beyond a percentile
FULL = 0.9  # of the time: more than this, and the generator waits for itself, or for a processor
_SHOWN = 5
_PERCENTILES = ("p50", "p95", "p99")


class Sample:
    """One request: which call it made, seconds, and why it failed ("" if it did not)."""

    __slots__ = ("call", "seconds", "why")

    def __init__(self, call: int, seconds: float, why: str) -> None:
        self.call = call
        self.seconds = math.inf if why else seconds
        self.why = why


def summary(calls: list[str], samples: list[Sample], wall_s: float, busy_s: float) -> dict[str, Any]:
    """Measures and notes of a load. `busy_s`: how much of `wall_s` the generator itself ran, or waited to run."""
    if not samples or wall_s <= 0:
        return {"problem": "the load made no request"}
    good = sum(not sample.why for sample in samples)
    measures, absent = told([each.seconds for each in samples], _PERCENTILES, beside=BESIDE, noun="requests")
    measures["requests"] = float(len(samples))
    measures["errors"] = 100 * (len(samples) - good) / len(samples)
    measures["throughput"] = good / wall_s
    measures["generator"] = busy_s / wall_s
    notes = {f"absent:{key}": why for key, why in absent.items()}
    notes.update((f"call:{calls[index]}", _of_call(each)) for index, each in _by_call(samples))
    whys = collections.Counter(sample.why for sample in samples if sample.why).most_common(_SHOWN)
    if whys:
        notes["errors"] = "; ".join(f"{count} times: {why}" for why, count in whys)
    if measures["generator"] > FULL:
        doubt = f"the load generator was at its limit: busy {measures['generator']:.0%} of the time"
        notes["generator"] = doubt
        notes.update((f"doubt:{key}", doubt) for key in (*_PERCENTILES, "max", "throughput"))
    return {"measures": measures, "notes": notes}


def busy() -> float:
    """Seconds that this process has run so far, and, where the kernel tells, that it has waited for a processor."""
    waited_ns = 0
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/self/schedstat", encoding="ascii") as stream:
        waited_ns = int(stream.read().split()[1])
    return time.process_time() + waited_ns / 1e9


def _by_call(samples: list[Sample]) -> Iterator[tuple[int, list[Sample]]]:
    found: dict[int, list[Sample]] = {}
    for sample in samples:
        found.setdefault(sample.call, []).append(sample)
    yield from sorted(found.items())


def _of_call(samples: list[Sample]) -> str:
    measures, _ = told([each.seconds for each in samples], ("p50", "p95"), beside=BESIDE, noun="requests")
    failed = sum(bool(sample.why) for sample in samples)
    parts = [
        f"{len(samples)} requests",
        *(f"{key} {1000 * measures[key]:.4g} ms" for key in ("p50", "p95") if key in measures),
    ]
    return ", ".join([*parts, f"{failed} failed"] if failed else parts)


class Load:
    """What the clients share. Greenlets of one thread: nothing here is interrupted but where it waits."""

    def __init__(self, options: dict[str, Any], started: Any, done: Any) -> None:
        self.samples: list[Sample] = []
        self.wall_s = 0.0
        self.busy_s = 0.0
        self._calls = options["calls"]
        self._made = [asked(options["base"], call) for call in self._calls]
        self._clients = options["clients"]
        self._left = options.get("requests", sys.maxsize)
        self._duration_s = options.get("duration", math.inf)
        self._started, self._done = started, done
        self._ready = self._finished = 0
        self._begun = self._busy = 0.0

    def visit(self, client: Any) -> None:
        """One client's whole stay."""
        number = self._ready
        for index in range(len(self._calls)):
            self._ask(client, index)
        self._ready += 1
        if self._ready == self._clients:
            self._begun, self._busy = time.perf_counter(), busy()
            self._started.set()
        self._started.wait()
        self._repeat(client, number)
        self._finish()

    def _repeat(self, client: Any, turn: int) -> None:
        end = self._begun + self._duration_s
        while self._left > 0 and time.perf_counter() < end:
            self._left -= 1
            self.samples.append(self._ask(client, turn % len(self._calls)))
            turn += 1

    def _finish(self) -> None:
        self.wall_s = time.perf_counter() - self._begun
        self.busy_s = busy() - self._busy
        self._finished += 1
        if self._finished == self._clients:
            self._done.set()

    def _ask(self, client: Any, index: int) -> Sample:
        method, address, body, headers = self._made[index]
        call = self._calls[index]
        begun = time.perf_counter()
        try:
            answer = client.request(
                method, address, name=name(call), data=body, headers=dict(headers), allow_redirects=False
            )
        except Exception as error:  # noqa: BLE001 - what is no HTTP, a client may raise in any way
            return Sample(index, 0.0, f"no answer: {spoken(error)}")
        seconds = time.perf_counter() - begun
        if not answer.status_code:
            lost = getattr(answer, "error", None)
            return Sample(index, seconds, f"no answer: {spoken(lost) if lost else 'the connection was lost'}")
        return Sample(index, seconds, wrong(call, answer.status_code, answer.content or b""))


def generate(options: dict[str, Any]) -> dict[str, Any]:
    """Run the load. The measures and notes of it."""
    import locust
    from gevent.event import Event
    from locust.env import Environment
    from locust.exception import StopUser

    load = Load(options, Event(), done := Event())

    def stay(user: Any) -> None:
        load.visit(user.client)
        raise StopUser

    own = {
        "host": options["base"].rstrip("/"),
        "tasks": [stay],
        "insecure": False,  # certificates are checked
        "wait_time": locust.constant(0),
        "network_timeout": options["request_timeout"],
        "connection_timeout": options["request_timeout"],
    }
    runner = Environment(user_classes=[type("Client", (locust.FastHttpUser,), own)]).create_local_runner()
    runner.start(options["clients"], spawn_rate=options["clients"])
    done.wait()
    runner.quit()
    return summary([name(call) for call in options["calls"]], load.samples, load.wall_s, load.busy_s)


def main(report: str, options: str) -> int:
    """Write the report."""
    told_of = generate(json.loads(options))
    with open(report, "w", encoding="utf-8") as stream:
        json.dump(told_of, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
