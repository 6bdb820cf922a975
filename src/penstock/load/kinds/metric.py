"""`metric = { … }`: a number from a file that another job leaves, against a limit."""

from __future__ import annotations

from penstock.load.kinds.special import Bound, Special
from penstock.load.shapes import INSIDE
from penstock.load.table import Key
from penstock.load.types import Choice, Number, Text
from penstock.model.pipeline import JobKind

METRIC = Special(
    kind=JobKind.METRIC,
    does="a number in a file that another job leaves, against limits",
    doc="The job reads a number from a file that a job which it needs leaves among its `outputs`, and holds it against "
    "`min` and `max`.",
    such='{ file = "adversarial.json", value = "summary.pass_rate", min = 40 }',
    keys=(
        Key(
            name="file",
            shape=Text(words="the path of a file in the project", pattern=INSIDE),
            required=True,
            doc="A JSON, CSV or JUnit file, by its ending: .json, .csv, .xml.",
        ),
        Key(
            name="value",
            shape=Text(),
            required=True,
            doc="Where the number stands. JSON: names and places joined by dots (`runs.0.score`). CSV: a column, in "
            "the last row. JUnit: `tests`, `failures`, `errors`, `skipped`, `time`, or `pass_rate` in percent.",
        ),
        Key(name="min", shape=Number(), doc="The least that it may be."),
        Key(name="max", shape=Number(), doc="The most that it may be."),
        Key(
            name="unit",
            shape=Choice(options=("%", "s", "B", "/s")),
            default="none",
            doc="How it is shown. Numbers are compared as they stand in the file.",
        ),
    ),
    bounds={"min": Bound(measure="value", side="least"), "max": Bound(measure="value", side="most")},
)
