"""What no offline tool finds in a configuration of CircleCI: rules over the YAML itself, whoever wrote it.

Each finding is `rule: words`. tests/unit/providers/test_circleci_rules.py seeds a mistake for each rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML

Node = Any
_PARAMETER = re.compile(r"(?<!\\)<<\s*([\w.-]+)\s*>>")
_OPENS = re.compile(r"(?<!\\)<<(?!\s*[\w.-]+\s*>>)")
_TEMPLATE = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_FUNCTION = re.compile(r"\.(?:Branch|BuildNum|Revision|CheckoutKey|Environment\.\w+)|checksum\s+\"[^\"]+\"|epoch|arch")
_PIPELINE = re.compile(
    r"pipeline\.(?:id|number|project\.(?:git_url|type|slug)|trigger_source|schedule\.(?:name|id)"
    r"|git\.(?:tag|branch|branch\.is_default|revision|base_revision|commit\.\w+)|in_setup|parameters\.[\w-]+)"
)
_DOCKER = {"small", "medium", "medium+", "large", "xlarge", "2xlarge", "2xlarge+"}
_INVOKED = {
    "name",
    "requires",
    "filters",
    "context",
    "type",
    "matrix",
    "pre-steps",
    "post-steps",
    "serial-group",
    "override-with",
}
_JOB = {
    "docker",
    "machine",
    "macos",
    "executor",
    "resource_class",
    "steps",
    "parameters",
    "environment",
    "parallelism",
    "shell",
    "working_directory",
    "type",
    "circleci_ip_ranges",
    "retention",
}
_EXECUTORS = ("docker", "machine", "macos", "executor")
_STEPS = {
    "run": {"name", "command", "environment", "when", "no_output_timeout", "shell", "background", "working_directory"},
    "checkout": {"method", "path", "depth"},
    "restore_cache": {"name", "key", "keys"},
    "save_cache": {"name", "key", "paths", "when"},
    "attach_workspace": {"name", "at"},
    "persist_to_workspace": {"name", "root", "paths", "when"},
    "store_artifacts": {"name", "path", "destination"},
    "store_test_results": {"name", "path"},
    "when": {"condition", "steps"},
    "unless": {"condition", "steps"},
    "add_ssh_keys": {"fingerprints"},
    "setup_remote_docker": {"version", "docker_layer_caching"},
}
_LOGIC = {"and", "or", "not", "equal", "matches"}
_STATUSES = {"success", "failed", "canceled", "unauthorized", "not_run", "terminal"}
_SECRET = re.compile(r"(?i)(?:token|secret|password|api_?key|webhook)")
_CRON = re.compile(r"(?:\S+\s+){4}\S+")


def findings(text: str) -> list[str]:
    """All that is wrong."""
    reader = YAML(typ="safe", pure=True)
    config = reader.load(text)
    parts = (
        _versions(config),
        _images(config),
        _caches(config),
        _jobs(config),
        _parameters(config),
        _scripts(config),
        _logic(config),
        _workflows(config),
        _secrets(config),
    )
    return [finding for part in parts for finding in part]


def walk(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every node with its path, the root first."""
    yield path, node
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from walk(value, (*path, str(key)))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from walk(value, (*path, str(number)))


def _texts(node: Node) -> Iterator[str]:
    return (value for _, value in walk(node) if isinstance(value, str))


def _versions(config: Node) -> Iterator[str]:
    for path, value in walk(config):
        if isinstance(value, float) and path != ("version",):
            yield f"float: {'.'.join(path)} is the number {value}: 3.10 would be 3.1"


def _images(config: Node) -> Iterator[str]:
    for path, value in walk(config):
        if path[-1:] == ("image",) and "docker" in path and isinstance(value, str):
            tag = value.partition("@")[0].rpartition("/")[2].partition(":")[2]
            if not tag and "@sha256:" not in value:
                yield f"image: {value} has no tag"
            if tag == "latest":
                yield f"image: {value} is another image tomorrow"


def _caches(config: Node) -> Iterator[str]:
    saved = [str(given.get("key", "")) for given in _every(config, "save_cache")]
    wanted = [key for given in _every(config, "restore_cache") for key in given.get("keys") or [given.get("key", "")]]
    for key in (*saved, *wanted):
        yield from _template(key)
    yield from (f"constant: {key} is saved once, and never again" for key in saved if "{{" not in key)
    for key in set(wanted):
        if len({other for other in saved if other.startswith(key)}) > 1:
            yield f"family: {key} is the beginning of several keys"


def _every(config: Node, name: str) -> list[Mapping[str, Node]]:
    return [value for path, value in walk(config) if path[-1:] == (name,) and isinstance(value, Mapping)]


def _template(key: str) -> Iterator[str]:
    bare = _TEMPLATE.sub("", key)
    if "{{" in bare or "}}" in bare:
        yield f"template: {key} is not closed"
    for function in _TEMPLATE.findall(key):
        if not _FUNCTION.fullmatch(function):
            yield f"template: {key} uses {function}, which there is not"


def _steps(config: Node, steps: Node, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, Node]]:
    """The steps in order, with commands and conditions in place."""
    commands = config.get("commands", {})
    for step in steps or ():
        name, given = (step, {}) if isinstance(step, str) else next(iter(step.items()))
        if name in ("when", "unless"):
            yield name, given
            yield from _steps(config, given.get("steps"), seen)
        elif name in commands and name not in seen:
            yield name, given
            yield from _steps(config, commands[name].get("steps"), (*seen, name))
        else:
            yield name, given


def _jobs(config: Node) -> Iterator[str]:
    executors = config.get("executors", {})
    for name, executor in executors.items():
        yield from _class(name, executor)
    for name, job in config.get("jobs", {}).items():
        for key in job.keys() - _JOB:
            yield f"unknown: the job {name} has a key {key}"
        said = [key for key in _EXECUTORS if key in job]
        if len(said) != 1:
            yield f"executor: the job {name} says {' and '.join(said) or 'none'}"
        if "executor" in job and _name(job["executor"]) not in executors:
            yield f"executor: the job {name} names {_name(job['executor'])}, which there is not"
        yield from _class(name, job)
        steps = list(_steps(config, job.get("steps")))
        names = [step for step, _ in steps]
        if "run" in names and "checkout" not in names[: names.index("run")]:
            yield f"checkout: the job {name} runs something before it"
        for step, given in steps:
            yield from _step(config, name, step, given)
        yield from _shared(name, job, steps)


def _step(config: Node, job: str, step: str, given: Node) -> Iterator[str]:
    commands = config.get("commands", {})
    if step in commands:
        yield from _arguments(f"{step} in the job {job}", commands[step], given or {})
    elif step not in _STEPS:
        yield f"unknown: the job {job} has a step {step}"
    elif isinstance(given, Mapping):
        for key in given.keys() - _STEPS[step]:
            yield f"unknown: {step} of the job {job} has a key {key}"


def _name(executor: Node) -> str:
    return str(executor.get("name", "")) if isinstance(executor, Mapping) else str(executor)


def _class(name: str, place: Mapping[str, Node]) -> Iterator[str]:
    told = str(place.get("resource_class", ""))
    if "docker" in place and told and told.removesuffix(".gen2") not in _DOCKER and not told.startswith("arm."):
        yield f"class: {name} is a container, and {told} is none for it"
    if "machine" in place and "docker" in place:
        yield f"executor: {name} says docker and machine"


def _arguments(where: str, declared: Mapping[str, Node], given: Mapping[str, Node]) -> Iterator[str]:
    parameters = declared.get("parameters", {})
    for key in given.keys() - parameters.keys():
        yield f"unknown: {where} takes no {key}"
    for key, parameter in parameters.items():
        if "default" not in parameter and key not in given:
            yield f"missing: {where} needs {key}"


def _shared(name: str, job: Mapping[str, Node], steps: list[tuple[str, Node]]) -> Iterator[str]:
    """Containers of one job that hand on files: their names have to differ."""
    persists = any(step == "persist_to_workspace" for step, _ in steps)
    told = any("CIRCLE_NODE_INDEX" in text for step, given in steps if step == "run" for text in _texts(given))
    if job.get("parallelism", 1) != 1 and persists and not told:
        yield f"containers: those of the job {name} hand on files of the same names"


def _parameters(config: Node) -> Iterator[str]:
    for kind in ("jobs", "commands", "executors"):
        for name, part in config.get(kind, {}).items():
            declared = part.get("parameters", {})
            for used in _used(part):
                scope, _, rest = used.partition(".")
                if scope == "parameters" and rest not in declared:
                    yield f"parameter: {name} uses {used}, which it does not declare"
    for used in _used(config):
        if used.startswith("pipeline.") and not _PIPELINE.fullmatch(used):
            yield f"parameter: {used} is no value of a pipeline"
        name = used.removeprefix("pipeline.parameters.")
        if name != used and name not in config.get("parameters", {}):
            yield f"parameter: {used} is not declared"


def _used(part: Node) -> list[str]:
    return [used for text in _texts(part) for used in _PARAMETER.findall(text)]


def _scripts(config: Node) -> Iterator[str]:
    for path, value in walk(config):
        text = value if path[-1:] == ("command",) or (path[-1:] == ("run",) and isinstance(value, str)) else None
        if not isinstance(text, str):
            continue
        if _OPENS.search(text):
            yield f"heredoc: {text.strip().splitlines()[0]}: `<<` has to be `\\<<`"
        for used in _PARAMETER.findall(text):
            yield f"pasted: {used} stands in a script"


def _logic(config: Node) -> Iterator[str]:
    for path, value in walk(config):
        if path[-1:] in (("when",), ("unless",), ("condition",)) and isinstance(value, Mapping):
            for key in value.keys() - _LOGIC - {"condition", "steps"}:
                yield f"logic: {'.'.join(path)} says {key}"


def _workflows(config: Node) -> Iterator[str]:
    jobs = config.get("jobs", {})
    for name, workflow in config.get("workflows", {}).items():
        if not isinstance(workflow, Mapping):
            continue
        yield from _schedules(name, workflow)
        started = [(one, {}) if isinstance(one, str) else next(iter(one.items())) for one in workflow.get("jobs", ())]
        called: dict[str, Mapping[str, Node]] = {}
        for job, given in started:
            yield from _started(name, job, given, jobs)
            for known in _called(job, given):
                if known in called and "matrix" not in given:
                    yield f"twice: {name} has two jobs that are called {known}"
                called[known] = given
        for job, given in started:
            yield from _required(name, job, given, called)


def _schedules(name: str, workflow: Mapping[str, Node]) -> Iterator[str]:
    for trigger in workflow.get("triggers", ()):
        schedule = trigger.get("schedule", {})
        if not _CRON.fullmatch(str(schedule.get("cron", ""))):
            yield f"schedule: {name} has the cron {schedule.get('cron')}"
        if "filters" not in schedule:
            yield f"schedule: {name} says no branch"


def _called(job: str, given: Mapping[str, Node]) -> list[str]:
    """By what others can wait for it."""
    if "matrix" in given:
        return [given["matrix"].get("alias", job)]
    return [str(given.get("name", job))]


def _started(workflow: str, job: str, given: Mapping[str, Node], jobs: Mapping[str, Node]) -> Iterator[str]:
    if given.get("type") == "approval":
        return
    if job not in jobs:
        yield f"unknown: {workflow} starts {job}, which there is not"
        return
    cells = given.get("matrix", {}).get("parameters", {})
    own = {key: value for key, value in given.items() if key not in _INVOKED}
    declared = jobs[job].get("parameters", {})
    yield from (f"matrix: {job} declares no {key}" for key in cells.keys() - declared.keys())
    yield from _arguments(f"{job} in {workflow}", jobs[job], {**own, **{key: None for key in cells if key in declared}})
    yield from _cells(job, given.get("matrix", {}), str(given.get("name", "")))
    yield from _filters(job, given.get("filters"))


def _cells(job: str, matrix: Mapping[str, Node], name: str) -> Iterator[str]:
    cells = matrix.get("parameters", {})
    for key, values in cells.items() if name else ():
        if len(values) > 1 and f"<< matrix.{key} >>" not in name:
            yield f"matrix: several cells of {job} are called {name}"
    for used in re.findall(r"<<\s*matrix\.([\w-]+)\s*>>", name):
        if used not in cells:
            yield f"matrix: the name of {job} uses {used}, which there is not"
    for left_out in matrix.get("exclude", ()):
        if any(value not in cells.get(key, ()) for key, value in left_out.items()):
            yield f"matrix: an exclusion of {job} excludes nothing"


def _filters(job: str, filters: Node) -> Iterator[str]:
    if not isinstance(filters, Mapping):
        return
    for kind in ("branches", "tags"):
        for key in ("only", "ignore"):
            told = filters.get(kind, {}).get(key, ())
            for pattern in [told] if isinstance(told, str) else told:
                if pattern.startswith("/"):
                    try:
                        re.compile(pattern.strip("/"))
                    except re.error:
                        yield f"filter: {pattern} of {job} is no expression"


def _required(
    workflow: str, job: str, given: Mapping[str, Node], called: Mapping[str, Mapping[str, Node]]
) -> Iterator[str]:
    tags = isinstance(given.get("filters"), Mapping) and "tags" in given["filters"]
    for one in given.get("requires", ()):
        name, status = (one, "success") if isinstance(one, str) else next(iter(one.items()))
        if name not in called:
            yield f"requires: {job} in {workflow} waits for {name}, which there is not"
            continue
        for each in [status] if isinstance(status, str) else status:
            if each not in _STATUSES:
                yield f"requires: {job} waits for {name} to be {each}"
        filters = called[name].get("filters")
        if tags and not (isinstance(filters, Mapping) and "tags" in filters):
            yield f"tags: {job} runs on tags, and {name}, which it waits for, does not"


def _secrets(config: Node) -> Iterator[str]:
    for path, value in walk(config):
        named = path[-2:-1] == ("environment",) and _SECRET.search(path[-1])
        if named and isinstance(value, str) and not value.startswith("<<"):
            yield f"secret: {path[-1]} stands in the file"
