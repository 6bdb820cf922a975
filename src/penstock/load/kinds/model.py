"""`model = { … }`: a model that is loaded, asked, and measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.guest.penstock_percentiles import needed
from penstock.load.findings import Findings
from penstock.load.kinds.program import Program
from penstock.load.kinds.special import Bound, Special, time_limit
from penstock.load.locate import KeyPath
from penstock.load.table import Key
from penstock.load.types import Choice, Size, Text, Whole
from penstock.model.pipeline import JobKind

_RUNS = 20
_BESIDE = 1  # runs beyond a percentile: each may take seconds
_PLACE = r"(?:[A-Za-z_][\w.]*|(?!/)(?!\.\./)(?!.*/\.\./)[\w./@+ -]+\.py):[A-Za-z_][\w.]*"
_PYTHON = Text(
    words='a place such as "app.model:load" or "path/to/file.py:load"',
    pattern=rf"^{_PLACE}$",
    hint="the module or the file, a colon, and the name in it",
)
_INPUT = Text(
    words='a file such as "tests/fixtures/one.json", or a place such as "app.model:sample"',
    pattern=r"^(?!/)(?!\.\./)(?!.*/\.\./)[A-Za-z0-9_.@+-][A-Za-z0-9_./@+ :-]*$",
)
_IN_PYTHON = ("infer", "input", "runs", "output", "check")  # what only a model that is loaded in Python can be told
_OF_RUNS = ("p50", "p95", "max", "target")
_OF_PHASES = ("import_time", "load_time", "first", *_OF_RUNS)


def _fits(values: Mapping[str, Any], path: KeyPath, findings: Findings) -> None:
    if ("load" in values) == ("command" in values):
        message = "a model is given by `load` or by `command`"
        findings.add("C217", message, path, value=False, remedy="say one of them")
    elif "command" in values:
        for key in (*_IN_PYTHON, *_OF_PHASES):
            if key in values:
                message = f"`{key}` needs `load`: of a command only its `time` and its `memory` are seen"
                findings.add("C217", message, (*path, key), value=False, remedy="leave it out")
    runs = values.get("runs", _RUNS)
    for key in ("p50", "p95"):
        least = needed(key, _BESIDE)
        if key in values and runs < least:
            message = f"`runs` is {runs}, too few for {key}: it takes {least}"
            findings.add("C217", message, (*path, key), value=False, remedy=f"say runs = {least}, or leave it out")


_LIMITS = (
    time_limit("import_time", "The most that the import of its modules may take."),
    time_limit("load_time", "The most that `load` may take."),
    time_limit("first", "The most that the first inference may take."),
    time_limit("p50", "The most that half of the inferences after the first may take."),
    time_limit("p95", "The most that 95 of 100 of them may take."),
    time_limit("max", "The most that any of them may take."),
    time_limit("target", "What `p95` should be: to miss it is told, and blocks nothing.", measure="p95", advises=True),
    time_limit("time", "The most that the whole process may take, from its start to its end."),
    (
        Key(name="memory", shape=Size(), doc="The most memory that it may take, with the processes that it starts."),
        Bound(measure="memory", side="most", unit="B"),
    ),
)

MODEL = Special(
    kind=JobKind.MODEL,
    does="loads a model in a fresh process and measures its inference",
    doc="The job loads a model in a fresh process, asks it, and measures how long that takes and how much memory.",
    such='{ load = "app.model:load", infer = "app.model:predict", input = "tests/fixtures/one.json", p95 = "500ms" }',
    main="load",
    keys=(
        Key(
            name="load",
            shape=_PYTHON,
            doc="What makes the model: a function, called without arguments; or the model itself.",
        ),
        Key(
            name="infer",
            shape=_PYTHON,
            default="the model's `predict`, or the model itself",
            doc="What is called for an inference, with the model (unless `load` returned None) and the input (if there "
            "is one).",
        ),
        Key(
            name="input",
            shape=_INPUT,
            doc="What it is asked: a .json file, read; a .txt file, as text; any other file, as bytes; or a function "
            "that returns it, called once and not measured.",
        ),
        Key(
            name="runs",
            shape=Whole(minimum=1, maximum=1_000_000),
            default=str(_RUNS),
            doc="How many inferences are measured after the first.",
        ),
        Key(
            name="output",
            shape=Choice(options=("value", "finite")),
            default="anything",
            doc='What an inference must return: `"value"`, not None; `"finite"`, also nothing in it that is NaN or '
            "infinite.",
        ),
        Key(
            name="check",
            shape=_PYTHON,
            doc="Called with what the first inference returned: the job fails if it raises, or returns False.",
        ),
        Key(
            name="command",
            shape=Program(),
            doc="Instead of `load`: a command that loads the model and makes an inference.",
        ),
        *(key for key, _ in _LIMITS),
    ),
    bounds={key.name: bound for key, bound in _LIMITS},
    rule=_fits,
    settles={"cpus": 2},  # so that nothing runs beside what is measured
)
