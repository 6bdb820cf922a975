"""Jobs as the TOML that declares them: parsed again, it gives the same jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from penstock.load.keys import BUILT_IN, JOB
from penstock.load.table import Key
from penstock.load.types import UNITS_BYTES
from penstock.model.pipeline import CacheFolder, JobKind, JobSpec, Measured, Secret, Tolerance
from penstock.model.snapshot import Project

_DEFAULT = JobSpec(name="", kind=JobKind.RUN)


def job_pairs(job: JobSpec, project: Project) -> list[tuple[str, str]]:
    """The name and value of a job. One of several tools under a name that is not built in becomes a job a tool."""
    tools = (job.tool,) if job.tool or job.name in BUILT_IN else _tools(job, project)
    several = len(tools) > 1
    return [(_key(f"{job.name}-{tool}" if several else job.name), _table(job, tool)) for tool in tools]


def _tools(job: JobSpec, project: Project) -> tuple[str | None, ...]:
    """The tools of a detected job that is called after one (`types-mypy`), or after all that advise (`lint-advice`)."""
    if not job.kind.examines:
        return (None,)
    shape = next(key.shape for key in JOB if key.name == "tool")
    known = tuple(dict.fromkeys(use.tool.removesuffix("-format") for use in project.tools if not use.blocking))
    last = job.name.rpartition("-")[2]
    named = (last,) if last in shape.schema()["enum"] else known
    return tuple(tool for tool in named if tool in shape.schema()["enum"])


def _table(job: JobSpec, tool: str | None) -> str:
    """`true`, or an inline table of all that differs from the defaults."""
    pairs = [(key.name, text) for key in JOB if key.fits(job.kind) and (text := _field(job, key, tool)) is not None]
    if not pairs:
        return "true"
    return "{ " + ", ".join(f"{name} = {text}" for name, text in pairs) + " }"


def _field(job: JobSpec, key: Key, tool: str | None) -> str | None:
    """A key's value as TOML, None where the default says the same."""
    if key.name == "test":
        return _value(job.paths) if job.paths else "true"
    if key.name == "tool":
        return _value(tool) if tool else None
    value: Any = getattr(job, key.target, None)
    if key.later or value == getattr(_DEFAULT, key.target, None):
        return None
    if key.name == "run" and job.shell:
        return _value(job.run[0])
    return _FORMS.get(key.name, _value)(value)


def _axes(axes: tuple[tuple[str, Any], ...]) -> str:
    return _pairs((axis, _value(value)) for axis, value in axes)


def pythons_value(pythons: tuple[str, ...]) -> str:
    """A list of Pythons, or `*` for all."""
    return _value("*" if pythons == ("*",) else pythons)


def _measured(files: tuple[Measured, ...]) -> str:
    return _pairs((("file", _value(files[0].file)), ("flag", _value(files[0].flag))))


def _legs(legs: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    return f"[{', '.join(_axes(leg) for leg in legs)}]"


def _value(value: Any) -> str:
    """One value as TOML."""
    if isinstance(value, Tolerance):
        return _pairs((("reason", _value(value.reason)), ("until", value.until)))
    if isinstance(value, tuple):
        return f"[{', '.join(_value(element) for element in value)}]"
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
    return json.dumps(value)


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return "{ " + ", ".join(f"{_key(name)} = {text}" for name, text in pairs) + " }"


def _shards(count: int) -> str:
    return _value(count or "auto")


def _caches(caches: tuple[CacheFolder, ...]) -> str:
    return f"[{', '.join(_cache(one) for one in caches)}]"


def _cache(cache: CacheFolder) -> str:
    """Its path, or a table with what is declared of it."""
    if cache.max_bytes is None and cache.max_age_s is None:
        return _value(cache.path)
    pairs = [("path", _value(cache.path))]
    if cache.max_bytes is not None:
        pairs.append(("max", _value(_size(cache.max_bytes))))
    if cache.max_age_s is not None:
        pairs.append(("age", _value(cache.max_age_s)))
    return _pairs(pairs)


def _secrets(secrets: tuple[Secret, ...]) -> str:
    return f"[{', '.join(_secret(one) for one in secrets)}]"


def _secret(secret: Secret) -> str:
    """Its name, or a table with what is declared of it."""
    pairs = [("required", "false")] if not secret.required else []
    pairs += [("file", _value(secret.file))] if secret.file else []
    return _pairs([("name", _value(secret.name)), *pairs]) if pairs else _value(secret.name)


def _size(size_bytes: int) -> str:
    """In the largest unit that divides it; what none divides is rounded up to whole KB."""
    whole = (f"{size_bytes // unit}{name}" for name, unit in reversed(UNITS_BYTES.items()) if size_bytes % unit == 0)
    return next(whole, f"{-(-size_bytes // 1000)}KB")


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else _value(name)


_FORMS: dict[str, Callable[[Any], str]] = {
    "python": pythons_value,
    "matrix": _axes,
    "environment": _axes,
    "caches": _caches,
    "coverage": _measured,
    "include": _legs,
    "exclude": _legs,
    "shards": _shards,
    "secrets": _secrets,
    "memory": lambda size_bytes: _value(_size(size_bytes)),
}
