"""Configuration tables made from the table of keys: right ones, and every way of being wrong in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from penstock.load.folders import Folder
from penstock.load.gate_keys import GATES, Gate
from penstock.load.keys import BUILT_IN, JOB, KIND_KEYS, KIND_OF_TOOL, RATCHETED, TOLERANCE, TOP
from penstock.load.kinds.special import Brief, Ruled
from penstock.load.secrets import SecretEntry
from penstock.load.shapes import Argv, Axes, LegTables, List, Or, Scalars, Shares
from penstock.load.table import Key, Table
from penstock.load.types import Choice, Day, Duration, Flag, Number, Percent, Shape, Size, Text, Whole, matches
from penstock.model.pipeline import JobKind

WORK: dict[JobKind, dict[str, Any]] = {
    JobKind.TEST: {"test": "tests"},
    JobKind.RUN: {"run": "make"},
    JobKind.METRIC: {"metric": {"file": "score.json", "value": "score"}, "needs": ["scoring"]},
    JobKind.SCRIPTS: {"scripts": ["scripts/*.py"]},
    JobKind.EXAMPLES: {"examples": ["examples/**/*.py"]},
    JobKind.IMAGE: {"image": {"health": "/health", "max_size": "1GiB"}},
    JobKind.HTTP: {"http": {"start": "serve", "calls": ["GET /"]}},
    JobKind.MODEL: {"model": {"load": "app:load"}},
}
# What a job of a kind cannot be without.
BESIDE: dict[JobKind, dict[str, Any]] = {JobKind.METRIC: {"scoring": {"run": "make", "outputs": ["score.json"]}}}
NAME_OF = {kind: name for name, kind in BUILT_IN.items()}
KINDS = (*NAME_OF, *WORK)  # those that can be declared

# One raw value of each TOML type, and of each form that some key takes.
RAW_VALUES: tuple[Any, ...] = (
    True,
    False,
    0,
    7,
    -1,
    10**30,
    1.5,
    float("inf"),
    "",
    "x",
    "\x00",
    "3.12",
    "5m",
    "80%",
    "../x",
    "a b",
    [],
    ["x"],
    ["x", "x"],
    [1],
    [[]],
    ["~/x", "/", "~"],
    [{"path": "~/x", "max": "5GiB", "age": "30d"}],
    [{"path": "~/x", "max": 5}],
    {},
    {"x": "y"},
    {"x": []},
    [{}],
    [{"x": 1}],
    dt.date(2027, 3, 1),
    dt.datetime(2027, 3, 1, tzinfo=dt.UTC),
    dt.time(1, 2),
)


def as_json(raw: Any, key: str = "") -> Any:
    """A TOML value as a validator in an editor sees it: a date is no string, but for the key that takes one."""
    if isinstance(raw, dict):
        return {key: as_json(value, key) for key, value in raw.items()}
    if isinstance(raw, list):
        return [as_json(value) for value in raw]
    return raw.isoformat() if key == "until" and isinstance(raw, dt.date | dt.time) else raw


def homes() -> Iterator[tuple[str, Key, dict[str, Any], tuple[str, ...]]]:
    """Every key, once for each kind of job that it fits: (id, key, a sound document, the path to the key's table)."""
    for key in TOP:
        yield key.name, key, {}, ()
    for gate in GATES:
        for key in gate.keys if not gate.later else ():
            yield f"gates.{gate.name}.{key.name}", key, {"gates": {gate.name: {}}}, ("gates", gate.name)
    for kind in KINDS:
        name = NAME_OF.get(kind, "job")
        for key in JOB:
            if key.fits(kind):
                jobs = {name: dict(WORK.get(kind, {})), **BESIDE.get(kind, {})}
                yield f"{kind.value}.{key.name}", key, {"jobs": jobs}, ("jobs", name)
    for key in TOLERANCE:
        table = {"reason": "why", "until": "2027-03-01"}
        yield (
            f"allow_failure.{key.name}",
            key,
            {"jobs": {"lint": {"allow_failure": table}}},
            ("jobs", "lint", "allow_failure"),
        )


def with_value(document: dict[str, Any], path: tuple[str, ...], name: str, raw: Any) -> dict[str, Any]:
    """The document with one value set."""
    table = document
    for part in path:
        table = table[part]
    table[name] = raw
    return document


_names = st.text("abcxyz019", min_size=1, max_size=4)
_globs = st.sampled_from(["src/**", "tests", "a/*.py", "mkdocs.yml"])
_versions = st.sampled_from(["3.9", "3.12", "3.13t", "pypy3.10", "3.12.1"])
_values = st.one_of(st.text("ab1.-", min_size=1, max_size=3), st.integers(0, 99))


def right(shape: Shape) -> st.SearchStrategy[Any]:
    """Raw values that the shape takes."""
    return _RIGHT[type(shape)](shape)


def _either(shape: Or) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(shape.constant), right(shape.shape))


def _lists(shape: List) -> st.SearchStrategy[Any]:
    several = st.lists(right(shape.item), min_size=shape.least, max_size=3, unique_by=_content)
    return st.one_of(right(shape.item), several) if shape.single else several


def _content(raw: Any) -> str:
    """What makes two values the same to a list that takes each once: the order of a table's keys does not, and of two
    with one name there is one.
    """
    if isinstance(raw, dict) and "name" in raw:
        return str(raw["name"])
    return repr(sorted(raw.items()) if isinstance(raw, dict) else raw)


def _tables(shape: Table) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({key.name: right(key.shape) for key in shape.keys})


def _axes(shape: Axes) -> st.SearchStrategy[Any]:
    values = st.lists(_values, min_size=1, max_size=3, unique_by=str)
    return st.dictionaries(st.sampled_from(["os", "db"]), values, min_size=1, max_size=2)


def _texts(shape: Text) -> st.SearchStrategy[str]:
    if "Python" in shape.words:
        return _versions
    if "path" in shape.words:
        return _globs
    known = [text for text in ("pytest", "A", "x1") if matches(shape.pattern, text)]
    return st.sampled_from(known or ["https://osv.example.org"])


_RIGHT: dict[type, Callable[[Any], st.SearchStrategy[Any]]] = {
    Flag: lambda _: st.booleans(),
    Whole: lambda shape: st.integers(shape.minimum, shape.maximum),
    Choice: lambda shape: st.sampled_from(shape.options),
    Duration: lambda _: st.one_of(st.sampled_from(["5m", "1h30m", "90s", "0.5s", "10ms"]), st.integers(1, 1000)),
    Number: lambda _: st.one_of(st.integers(-(10**6), 10**6), st.floats(allow_nan=False, allow_infinity=False)),
    Percent: lambda _: st.one_of(st.integers(0, 100), st.floats(0, 100), st.sampled_from(["80%", "99.5%", "100%"])),
    Day: lambda _: st.one_of(st.dates(), st.dates().map(dt.date.isoformat)),
    Folder: lambda _: st.one_of(
        st.sampled_from(["~/.cache/x", "downloads", "/var/cache/x"]),
        st.fixed_dictionaries(
            {"path": st.sampled_from(["~/.cache/y", "~/z"])},
            optional={"max": st.sampled_from(["5GiB", "1.5MB"]), "age": st.sampled_from(["30d", 90])},
        ),
    ),
    SecretEntry: lambda _: st.one_of(
        st.sampled_from(["API_KEY", "TOKEN"]),
        st.fixed_dictionaries(
            {"name": st.sampled_from(["CERT", "KEY_2"])},
            optional={"required": st.booleans(), "file": st.sampled_from(["~/.cert.pem", "/run/key", "dev/key"])},
        ),
    ),
    Size: lambda _: st.sampled_from(["512MiB", "1.5GB"]),
    Or: _either,
    List: _lists,
    Argv: lambda _: st.one_of(st.sampled_from(["make", "a 'b c' -d"]), st.lists(_names, min_size=1, max_size=3)),
    Shares: lambda _: st.dictionaries(st.sampled_from(["python", "rust"]), st.integers(0, 100), max_size=2),
    Scalars: lambda shape: st.dictionaries(st.sampled_from(["A", "B_1"]), _values, min_size=shape.least, max_size=2),
    Axes: _axes,
    LegTables: lambda _: st.just([]),
    Table: _tables,
    Brief: lambda shape: right(shape.table),
    Ruled: lambda shape: right(shape.shape),
    Text: _texts,
}


@st.composite
def jobs(draw: st.DrawFn, kind: JobKind) -> dict[str, Any]:
    """A sound job of a kind: some of its keys, none that name what is not there."""
    alone = {"needs", "stage", "include", "exclude", "marker", "tool", "services"}
    keys = [key for key in JOB if key.fits(kind) and not key.later and key.name not in {*alone, *KIND_KEYS, "shell"}]
    chosen = draw(st.lists(st.sampled_from(keys), max_size=4, unique_by=lambda key: key.name))
    job = dict(WORK.get(kind, {})) | {key.name: draw(right(key.shape)) for key in chosen}
    tools = [tool for tool, of in KIND_OF_TOOL.items() if of is kind]
    named = draw(st.booleans())
    if tools and named:
        job["tool"] = draw(st.sampled_from(tools))
    if job.get("mode") == "ratchet" and kind not in RATCHETED:
        job["mode"] = "warn"
    if "require" in job:  # a variable has one source
        job["require"] = [name for name in job["require"] if name not in job.get("environment", {})]
    if "target" in job:
        job["shards"] = "auto"
    if job.get("runner") == "unittest":
        for name in ("retries", "test_timeout", "shards", "target"):
            job.pop(name, None)
    return job


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Sound documents."""
    document: dict[str, Any] = {key.name: draw(right(key.shape)) for key in TOP if draw(st.booleans())}
    if draw(st.booleans()):
        forms: list[Any] = [{"fast": "5m", "full": 1800}, ["fast", "full"]]
        document["stages"] = draw(st.sampled_from(forms))
    if draw(st.booleans()):
        kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True))
        document["jobs"] = {NAME_OF.get(kind, kind.value): draw(jobs(kind)) for kind in kinds}
        for kind in kinds:
            document["jobs"] |= BESIDE.get(kind, {})
    if draw(st.booleans()):
        known = st.sampled_from([gate for gate in GATES if not gate.later])
        gates: list[Gate] = draw(st.lists(known, unique_by=lambda gate: gate.name))
        document["gates"] = {
            gate.name: {key.name: draw(right(key.shape)) for key in gate.keys if not key.later and draw(st.booleans())}
            for gate in gates
        }
    return document
