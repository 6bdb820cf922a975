"""`[tool.penstock.services]`: each table becomes a ServiceSpec, and the jobs' names are held against them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from penstock.load import commands
from penstock.load.findings import Findings
from penstock.load.health import Health
from penstock.load.locate import KeyPath
from penstock.load.shapes import NAME, VARIABLE, Argv, List, Scalars
from penstock.load.table import Key, read_table
from penstock.load.types import Choice, Duration, Flag, Text, Whole, matches, spoken
from penstock.model.pipeline import JobSpec
from penstock.model.services import PROTOCOLS, TEMPLATE, TEMPLATES, ServiceSpec
from penstock.services import ALIASES, NAMES, SERVICES
from penstock.services.meaning import exports_of, spec_of

_PATH = r"^/[^\x00-\x20]*$"
_ARGV = Argv()
_HEALTH = Health(
    words='one of "tcp", "http", "redis", "postgres", "mysql" and "memcached", a path such as "/health" that has to '
    "answer with 2xx, or a command as a list of arguments that has to end with 0",
    address=_PATH,
    protocols=PROTOCOLS,
)


_PAIRS = "a table of variables; in their values `{host}`, `{port}`, `{folder}`, `{socket}` and `{name}` are filled in"

KEYS = (
    Key(
        name="use",
        shape=Choice(options=NAMES),
        default="the service's own name, where that is built in",
        doc="The built-in service that it is.",
    ),
    Key(
        name="command",
        shape=_ARGV,
        doc="A server of the project's own, which stays in the foreground. `{port}` is a free port that it is to "
        "listen at, `{host}` its address, `{folder}` an empty folder for its data, `{socket}` one for its sockets.",
    ),
    Key(
        name="image",
        shape=Text(words='an image such as "docker.io/library/redis:7"', pattern=r"^[A-Za-z0-9][\w./:@-]*$"),
        doc="Run this image in a container; with `use`, instead of a server of this machine.",
    ),
    Key(
        name="ports",
        shape=List(item=Whole(minimum=1, maximum=65535), single=True, words="a port or a list of ports"),
        default="[]",
        doc="Of an `image`, the ports that it listens at inside: each is reached by a free one, the first is `{port}`. "
        "Of a `command`, those that it listens at whatever it is told: they have to be free.",
    ),
    Key(
        name="environment",
        shape=Scalars(words=_PAIRS, keys=VARIABLE, key_words="the name of a variable"),
        default="{}",
        doc="Variables for the server.",
    ),
    Key(
        name="health",
        shape=_HEALTH,
        default='as built in; else "tcp"',
        doc="How it is asked whether it is up. Jobs start when it has answered.",
    ),
    Key(
        name="exports",
        shape=Scalars(words=_PAIRS, keys=VARIABLE, key_words="the name of a variable"),
        default="the usual ones; of one of the project's own, `NAME_HOST` and `NAME_PORT`",
        doc="Variables that the jobs get, instead of the usual ones.",
    ),
    Key(
        name="shared",
        shape=Flag(),
        default="false",
        doc="One for all jobs that name it, from the first to the last of them. Otherwise each has one of its own.",
    ),
    Key(
        name="timeout",
        shape=Duration(),
        field="timeout_s",
        default='"60s"',
        doc="Time until it has to be up.",
    ),
    Key(
        name="version",
        shape=Text(words='a version or its beginning, such as "16" or "7.2"', pattern=r"^[0-9]+(?:\.[0-9]+)*$"),
        doc="What the version of a built-in server has to begin with.",
    ),
)


def read_services(raw: object, path: KeyPath, findings: Findings) -> tuple[ServiceSpec, ...]:
    """The services that are right, in the order of the file."""
    if not isinstance(raw, dict):
        remedy = 'such as [tool.penstock.services.db] with use = "postgres"'
        findings.add("C102", f"`services` must be a table of services, not {spoken(raw)}", path, remedy=remedy)
        return ()
    read = (_service(name, value, (*path, name), findings) for name, value in raw.items())
    return tuple(service for service in read if service is not None)


def _service(name: str, raw: object, path: KeyPath, findings: Findings) -> ServiceSpec | None:
    before = len(findings)
    if not matches(NAME.pattern, name):
        findings.add("C103", f'"{name}" is not a name for a service: {NAME.words}', path, value=False)
    if not isinstance(raw, dict):
        remedy = 'such as { use = "postgres" } or { command = ["…", "{port}"] }'
        findings.add("C102", f"the service `{name}` must be a table, not {spoken(raw)}", path, remedy=remedy)
        return None
    values = read_table(raw, KEYS, f"the service `{name}`", path, findings)
    if isinstance(values.get("command"), str):
        values["command"] = commands.split(values["command"], (*path, "command"), findings) or ()
    if not raw.keys() & {"use", "command", "image"} and name in NAMES:
        values["use"] = name
    _check_kind(name, raw, values, path, findings)
    for key in ("command", "environment", "exports", "health"):
        _check_templates(values.get(key), (*path, key), findings)
    if len(findings) > before:
        return None
    return ServiceSpec(name=name, place=findings.locator.place(path), **values)


def _check_kind(name: str, raw: dict[str, Any], values: dict[str, Any], path: KeyPath, findings: Findings) -> None:
    """What it is has to be said, once."""
    if "command" in raw:
        for other in raw.keys() & {"use", "image"}:
            message = f"the service `{name}` says both `command` and `{other}`"
            findings.add("C212", message, (*path, other), value=False, remedy="leave one of them out")
    elif "image" in raw:
        if "use" not in raw and "ports" not in raw:
            remedy = "name the port that it listens at inside its container: ports = [8080]"
            findings.add("C105", f"the service `{name}` needs `ports`", path, remedy=remedy)
    elif "use" not in values and "use" not in raw:
        remedy = f'use = "…" (one of {", ".join(SERVICES)}), command = ["…"], or image = "…"'
        findings.add("C105", f"the service `{name}` does not say what it is", path, remedy=remedy)
    if "version" in raw and "use" not in values and "use" not in raw:
        message = f"`version` is asked of built-in servers; the service `{name}` says no `use`"
        findings.add("C212", message, (*path, "version"), value=False, remedy="leave it out")


def _check_templates(value: object, path: KeyPath, findings: Findings) -> None:
    """Words in braces that nothing stands for: most likely misspelled, and never filled in."""
    if value is None:
        return
    texts = _texts(value)
    for word in dict.fromkeys(word for text in texts for word in TEMPLATE.findall(text)):
        if word not in TEMPLATES:
            known = ", ".join(f"`{{{one}}}`" for one in TEMPLATES)
            near = findings.suggestion(word, TEMPLATES)
            remedy = near.replace("`", "`{", 1).replace("`?", "}`?") if near else f"there are {known}"
            findings.add("C103", f"nothing stands for `{{{word}}}`", path, remedy=remedy)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    return (text for part in value for text in _texts(part)) if isinstance(value, tuple) else ()


def check(jobs: tuple[JobSpec, ...], services: tuple[ServiceSpec, ...], declared: object, findings: Findings) -> None:
    """Note services that are not there, and variables that two of one job hand over.

    `declared`: the raw table of services, so that one with problems still counts as there.
    """
    there = tuple(str(name) for name in declared) if isinstance(declared, dict) else ()
    known = tuple(dict.fromkeys((*there, *SERVICES, *ALIASES)))
    for job in jobs:
        path = ("jobs", job.name, "services")
        giver: dict[str, str] = {}
        for index, name in enumerate(job.services):
            if name not in known:
                others = f"built in are {', '.join(SERVICES)}; one of your own is declared in `services`"
                remedy = findings.suggestion(name, known) or others
                findings.add("C221", f"there is no service `{name}`", (*path, index), remedy=remedy)
            spec = spec_of(name, services)
            for variable, _ in exports_of(spec) if spec else ():
                other = giver.setdefault(variable, name)
                if other != name:
                    message = f"`{other}` and `{name}` both hand over {variable}"
                    findings.add("C222", message, (*path, index))
                    break
