"""Servers that jobs use while they run: as declared, as built in, as found on this machine, and as planned.

Commands, variables and exports are templates: `{host}`, `{port}`, `{folder}` (for data, empty), `{socket}` (a folder
for sockets, with a short path) and `{name}` are filled in when the service starts.
"""

from __future__ import annotations

import re

from penstock.errors import Place
from penstock.value import Value

TEMPLATES = ("host", "port", "folder", "socket", "name")
TEMPLATE = re.compile(r"\{([a-z_]+)\}")
# How a server is asked whether it is healthy, by the name of its protocol; besides, ("http", PATH) and
# ("command", ARGUMENT, …).
PROTOCOLS = ("tcp", "http", "redis", "postgres", "mysql", "memcached")


class ServiceSpec(Value, frozen=True, kw_only=True):
    """One declared service. `use` names a built-in one; `command` or `image` is one of the project's own.

    `ports`: those that it listens at whatever it is told, in its container where it is an `image`; () = it takes
    `{port}`. `health`: see `PROTOCOLS`, () = as built in, else "tcp". `exports`: instead of the usual variables, None =
    those. `shared`: one for all jobs that name it, instead of one for each. `timeout_s`: until it has to be healthy.
    `version`: what its version begins with.
    """

    name: str
    use: str | None = None
    command: tuple[str, ...] = ()
    image: str | None = None
    ports: tuple[int, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    health: tuple[str, ...] = ()
    exports: tuple[tuple[str, str], ...] | None = None
    shared: bool = False
    timeout_s: float = 60.0
    version: str | None = None
    place: Place | None = None


class Server(Value, frozen=True, kw_only=True):
    """One way to be a built-in service: the programs that it takes, the server itself first.

    A command's first word that is one of `programs` becomes its path. `first`: run once, before it starts. `files`:
    name -> content, written into `{socket}` before. `users`: it refuses to run as root, and where penstock is root it
    gets the first of these that exists. `stop`: the signal that ends it quickly and properly. `places`: patterns of
    folders to look in beside PATH.
    """

    programs: tuple[str, ...]
    command: tuple[str, ...]
    first: tuple[tuple[str, ...], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    users: tuple[str, ...] = ()
    stop: str = "TERM"
    places: tuple[str, ...] = ()


class Recipe(Value, frozen=True, kw_only=True):
    """A built-in service. `servers`: the alternatives, the first one that is there is taken.

    `image`, `port`, `variables`: what a container engine runs where none is there. `install`: what to do to have one.
    """

    name: str
    servers: tuple[Server, ...]
    health: tuple[str, ...]
    exports: tuple[tuple[str, str], ...]
    install: str
    image: str = ""
    port: int = 0
    variables: tuple[tuple[str, str], ...] = ()


class Program(Value, frozen=True, kw_only=True):
    """A server's program on this machine. `beside`: name -> path of the others that it takes. `identity`: changes with
    the file.
    """

    name: str
    path: str
    version: str = ""
    beside: tuple[tuple[str, str], ...] = ()
    identity: str = ""


class Servers(Value, frozen=True, kw_only=True):
    """What of servers is on this machine: programs, the newest of each name first, and the container engine that
    answers. `deaf`: why the one that is installed does not.
    """

    programs: tuple[Program, ...] = ()
    engine: str = ""
    deaf: str = ""


class Service(Value, frozen=True, kw_only=True):
    """A service of the plan, with all that starting it takes on this machine.

    `told`: what serves, in words; `version`: of it, "" where nobody says; `identity`: changes with what serves.
    `missing`: why it cannot be started here, with the remedy; the jobs that name it are then blocked. `engine`: the
    container engine's path, where `image` is what serves.
    """

    name: str
    told: str
    health: tuple[str, ...]
    exports: tuple[tuple[str, str], ...]
    command: tuple[str, ...] = ()
    first: tuple[tuple[str, ...], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    ports: tuple[int, ...] = ()
    users: tuple[str, ...] = ()
    stop: str = "TERM"
    engine: str = ""
    image: str = ""
    shared: bool = False
    timeout_s: float = 60.0
    version: str = ""
    identity: str = ""
    missing: str = ""
    remedy: str = ""


def usual_exports(name: str) -> tuple[tuple[str, str], ...]:
    """What a service of the project's own hands over, if it does not say: `CACHE_HOST` and `CACHE_PORT` for `cache`."""
    upper = re.sub(r"\W", "_", name).upper()
    upper = f"_{upper}" if upper[:1].isdigit() else upper
    return ((f"{upper}_HOST", "{host}"), (f"{upper}_PORT", "{port}"))
