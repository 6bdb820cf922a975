"""`http = { … }`: a service that is started, asked, and measured under load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.guest.penstock_percentiles import needed
from penstock.load.findings import Findings
from penstock.load.kinds.call import CALL, PATH, Call
from penstock.load.kinds.program import Program
from penstock.load.kinds.special import Bound, Special, time_limit
from penstock.load.locate import KeyPath
from penstock.load.shapes import List
from penstock.load.table import Key
from penstock.load.types import Duration, Number, Percent, Text, Whole
from penstock.model.pipeline import JobKind

_LATENCIES = ("p50", "p95", "p99", "max", "target")
_UNDER_LOAD = (*_LATENCIES, "throughput")  # what only a load measures
_BESIDE = 5  # measured requests beyond a percentile


def _fits(values: Mapping[str, Any], path: KeyPath, findings: Findings) -> None:
    if "start" not in values and "url" not in values:
        findings.add(
            "C217", "nothing is asked: there is neither `start` nor `url`", path, value=False, remedy="say one of them"
        )
    if "duration" in values and "requests" in values:
        message = "the load lasts as `duration` says, or as `requests` says"
        findings.add("C212", message, (*path, "requests"), value=False, remedy="leave one of them out")
    loaded = "duration" in values or "requests" in values
    for key in () if loaded else (*_UNDER_LOAD, "clients"):
        if key in values:
            message = f"`{key}` is about a load, and there is none"
            findings.add("C217", message, (*path, key), value=False, remedy='say how long: duration = "5s"')
    for key in ("p50", "p95", "p99"):
        least = needed(key, _BESIDE)
        if key in values and values.get("requests", least) < least:
            message = f"{values['requests']} requests are too few for {key}: it takes {least}"
            findings.add("C217", message, (*path, key), value=False, remedy=f"ask for more, or leave `{key}` out")


_LIMITS = (
    time_limit("p50", "The most that half of the requests may take."),
    time_limit("p95", "The most that 95 of 100 requests may take."),
    time_limit("p99", "The most that 99 of 100 requests may take."),
    time_limit("max", "The most that any request may take."),
    time_limit("target", "What `p95` should be: to miss it is told, and blocks nothing.", measure="p95", advises=True),
    (
        Key(name="throughput", shape=Number(), doc="The least number of good answers in a second."),
        Bound(measure="throughput", side="least", unit="/s"),
    ),
    (
        Key(name="errors", shape=Percent(), default='"0%"', doc="The most requests that may fail under load."),
        Bound(measure="errors", side="most", unit="%", default=0.0),
    ),
)

HTTP = Special(
    kind=JobKind.HTTP,
    does="starts a service, asks it, and measures it under load",
    doc="The job starts a service (or takes one that runs), waits until it answers, makes each call once, and then "
    "measures it under load.",
    such='{ start = "uvicorn app:app --port {port}", calls = ["GET /"], duration = "5s", p95 = "2s" }',
    keys=(
        Key(
            name="start",
            shape=Program(),
            doc="The command that serves. `{port}` in it becomes a free port, which it also gets as `PORT`. No shell "
            "runs it, and it is ended with all that it started.",
        ),
        Key(
            name="url",
            shape=Text(
                words='an address such as "http://127.0.0.1:8000" or "{API_URL}"',
                pattern=r"^(?:https?://[!-~]+|\{[A-Za-z_][A-Za-z0-9_]*\}[!-~]*)$",
            ),
            default='"http://127.0.0.1:{port}"',
            doc="Where it is asked. `{NAME}` in it becomes the job's variable of that name.",
        ),
        Key(name="wait", shape=PATH, default='"/"', doc="The path that answers with 200 to 299 once it is ready."),
        Key(name="within", shape=Duration(), default='"30s"', doc="How long it may take to be ready."),
        Key(
            name="calls",
            shape=List(item=Call(), least=1, words='a list of calls such as ["GET /"]'),
            required=True,
            doc="The requests, each a string or a table (below). Each is made once and must be answered as it says; "
            "the load repeats them in this order.",
        ),
        Key(name="clients", shape=Whole(minimum=1, maximum=1000), default="8", doc="How many ask at the same time."),
        Key(name="duration", shape=Duration(), doc="How long they ask. Without it and `requests` there is no load."),
        Key(name="requests", shape=Whole(minimum=1, maximum=10_000_000), doc="How many requests they make in all."),
        Key(
            name="request_timeout",
            shape=Duration(),
            default='"30s"',
            doc="How long one request may take before it has failed.",
        ),
        *(key for key, _ in _LIMITS),
    ),
    bounds={key.name: bound for key, bound in _LIMITS},
    rule=_fits,
    parts=(("A call", CALL),),
    settles={"cpus": 2},  # the service and those who ask it: with less the load would measure its neighbours
)
