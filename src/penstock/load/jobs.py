"""`[tool.penstock.jobs]`: each job's table becomes a JobSpec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.load import commands, legs, secrets
from penstock.load.findings import Findings
from penstock.load.keys import (
    BUILT_IN,
    JOB,
    KIND_KEYS,
    KIND_OF_TOOL,
    KINDS_LATER,
    RATCHETED,
    RATCHETED_WORDS,
    TOOLS_BESIDE,
    job_keys,
)
from penstock.load.kinds import SPECIALS
from penstock.load.locate import KeyPath
from penstock.load.shapes import NAME
from penstock.load.table import read_table, unknown
from penstock.load.types import NOT_YET, matches, spoken
from penstock.model.pipeline import JobKind, JobSpec, Measured, Mode, Tolerance

_BY_NAME = {key.name: key for key in JOB}
_FITTING = {kind: job_keys(kind) for kind in JobKind}


def read_jobs(raw: object, pythons: tuple[str, ...] | None, path: KeyPath, findings: Findings) -> tuple[JobSpec, ...]:
    """The jobs in the order of the file, with what is right in them. `pythons`: those that the pipeline declares."""
    if not isinstance(raw, dict):
        findings.add("C102", f"`jobs` must be a table of jobs, not {spoken(raw)}", path)
        return ()
    if all(value is False for value in raw.values()):
        remedy = "declare a job, or leave `jobs` out: then the detected jobs run"
        findings.add("C210", "`jobs` declares nothing that runs", path, value=False, remedy=remedy)
    jobs = (read_job(name, value, pythons, (*path, name), findings) for name, value in raw.items())
    return tuple(job for job in jobs if job is not None)


def read_job(
    name: str, raw: object, pythons: tuple[str, ...] | None, path: KeyPath, findings: Findings
) -> JobSpec | None:
    """One job; None if it is switched off, or is no table."""
    if not matches(NAME.pattern, name):
        findings.add("C201", f'"{name}" is not a name for a job: {NAME.words}', path, value=False)
    if isinstance(raw, bool) and name in BUILT_IN:
        place = findings.locator.place(path)
        return JobSpec(name=name, kind=BUILT_IN[name], place=place) if raw else None
    if not isinstance(raw, dict):
        _refuse(name, raw, path, findings)
        return None
    kind = _kind(name, raw, path, findings)
    values = _values(name, raw, kind, path, findings)
    job = JobSpec(name=name, kind=kind or JobKind.RUN, place=findings.locator.place(path), **values)
    if all(key in values for key in ("python", "matrix", "systems", "include", "exclude") if key in raw):
        legs.check(job, pythons, path, findings)
    return job


def _refuse(name: str, raw: object, path: KeyPath, findings: Findings) -> None:
    """A job that is neither a table nor a built-in's true or false."""
    what = "true, false or a table" if name in BUILT_IN else "a table"
    remedy = 'such as { test = "tests" } or { run = "…" }' if name not in BUILT_IN else None
    findings.add("C102", f"the job `{name}` must be {what}, not {spoken(raw)}", path, remedy=remedy)


def _kind(name: str, raw: Mapping[str, object], path: KeyPath, findings: Findings) -> JobKind | None:
    """What the job is made of: by its key, else by its name, else by its tool."""
    for key in KINDS_LATER:
        if key in raw:
            message = f"`{key}` jobs are not supported by this version"
            findings.add("C104", message, (*path, key), value=False, remedy=NOT_YET)
            return None
    said = [key for key in KIND_KEYS if key in raw]
    if len(said) > 1:
        remedy = "make two jobs of it; `needs` puts them in order"
        findings.add(
            "C108", f"`{name}` says both `{said[0]}` and `{said[1]}`", (*path, said[1]), value=False, remedy=remedy
        )
        return None
    if said:
        return KIND_KEYS[said[0]]
    if name in BUILT_IN:
        return BUILT_IN[name]
    tool = raw.get("tool")
    if "tool" in raw:
        return KIND_OF_TOOL.get(tool) if isinstance(tool, str) else None
    remedy = 'say what it does: test = "tests", or run = "…"'
    findings.add("C107", f"the job `{name}` says neither `test` nor `run`", path, value=False, remedy=remedy)
    return None


def _values(
    name: str, raw: Mapping[str, object], kind: JobKind | None, path: KeyPath, findings: Findings
) -> dict[str, Any]:
    """The fields of the JobSpec. Without a kind, every key of any job is read, for its problems."""
    fitting = JOB if kind is None else _FITTING[kind]
    known = tuple(key.name for key in fitting)
    own: dict[str, object] = {}
    for key, value in raw.items():
        if key in known:
            own[key] = value
        elif key in _BY_NAME and kind is not None:
            belongs = " and ".join(f"`{other.value}`" for other in _BY_NAME[key].kinds)
            message = f"`{key}` belongs to {belongs} jobs; `{name}` is a `{kind.value}` job"
            findings.add("C109", message, (*path, key), value=False, remedy="leave it out here")
        elif key not in KINDS_LATER:
            unknown(key, known, f"the job `{name}`", (*path, key), findings)
    values = read_table(own, fitting, f"the job `{name}`", path, findings)
    values["mode"] = Mode(values.get("mode", Mode.ERROR))
    if values["mode"] is Mode.RATCHET and kind is not None and kind not in RATCHETED:
        message = f'`mode = "ratchet"` belongs to {RATCHETED_WORDS} jobs; `{name}` is a `{kind.value}` job'
        findings.add("C109", message, (*path, "mode"), remedy='say "error", or "warn"')
    beside = kind is not None and values.get("tool") in TOOLS_BESIDE.get(kind, ())
    if not beside and KIND_OF_TOOL.get(values.get("tool", ""), kind) is not kind:
        message = f"`{values['tool']}` is no tool for a `{kind.value if kind else ''}` job"
        findings.add("C212", message, (*path, "tool"), remedy=f"make a job of its own for {values['tool']}")
    return _finished(_of_special(values), path, findings)


def _of_special(values: dict[str, Any]) -> dict[str, Any]:
    """With what the key of a special kind says as the fields that all of these kinds have."""
    for special in SPECIALS:
        if special.key.name in values:
            return {**special.read(values.pop(special.key.name)), **values}
    return values


def _finished(values: dict[str, Any], path: KeyPath, findings: Findings) -> dict[str, Any]:
    """Raw readings turned into what JobSpec holds."""
    if "test" in values:
        values["paths"] = values.pop("test")
    if "run" in values:
        values["run"] = commands.of_job(values["run"], (*path, "run"), findings, shell=values.get("shell", False))
    if isinstance(values.get("args"), str):
        values["args"] = commands.split(values["args"], (*path, "args"), findings)
    if values.get("retries") == ():
        del values["retries"]  # "auto"
    if "tolerance" in values:
        values["tolerance"] = Tolerance(**values["tolerance"])
    if "measured" in values:
        made = Measured(**values["measured"])
        values["measured"] = (made,)
        values["outputs"] = tuple(dict.fromkeys((*values.get("outputs", ()), made.file)))
    _check_suite(values, path, findings)
    secrets.check(values, path, findings)
    for index, line in enumerate(values.get("requirements", ())):
        _check_requirement(line, (*path, "requirements", index), findings)
    return values


def _check_suite(values: dict[str, Any], path: KeyPath, findings: Findings) -> None:
    """What unittest's own runner cannot do, and what says two things."""
    by_pytest = "use the pytest runner: it runs unittest's tests, too"
    if values.get("runner") == "unittest":
        if "marker" in values:
            message = "unittest has no marks, so `marker` cannot select its tests"
            remedy = "use `keyword`, or the pytest runner"
            findings.add("C212", message, (*path, "marker"), value=False, remedy=remedy)
        if values.get("shards", 1) != 1:
            message = "the tests of unittest cannot be spread over shards"
            findings.add("C212", message, (*path, "shards"), remedy=by_pytest)
        for key, field in (("retries", "retries"), ("test_timeout", "test_timeout_s")):
            if values.get(field):
                findings.add("C212", f"`{key}` is kept by the pytest runner only", (*path, key), remedy=by_pytest)
    if "target_s" in values and values.get("shards", 1) != 0:
        message = "`target` chooses the number of shards, and `shards` names it"
        findings.add("C212", message, (*path, "target"), remedy='write shards = "auto", or leave `target` out')


def _check_requirement(line: str, path: KeyPath, findings: Findings) -> None:
    from packaging.requirements import InvalidRequirement, Requirement

    if line.startswith(("-r ", "-c ")) and line[3:].strip():
        return
    try:
        Requirement(line)
    except InvalidRequirement as error:
        problem = str(error).splitlines()[0]
        findings.add("C211", f'"{line[:60]}" is not a requirement: {problem}', path, remedy='such as "pytest>=8"')
