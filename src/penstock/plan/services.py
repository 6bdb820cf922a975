"""The services that jobs name: what serves on this machine, with what it is started, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from penstock.model.pipeline import Pipeline
from penstock.model.plan import Job
from penstock.model.services import Program, Recipe, Server, Servers, Service, ServiceSpec
from penstock.services.meaning import exports_of, health_of, recipe_of, spec_of
from penstock.util.digest import of_bytes, of_parts

_NEEDS_ENGINE = "install Docker or Podman, and start it"


def used(pipeline: Pipeline) -> tuple[ServiceSpec, ...]:
    """The services that jobs name, each once. A name that nothing stands for is refused where it is read."""
    names = dict.fromkeys(name for job in pipeline.jobs or () for name in job.services)
    return tuple(spec for name in names if (spec := spec_of(name, pipeline.services)) is not None)


def wanted(pipeline: Pipeline) -> tuple[tuple[Recipe, ...], bool]:
    """What has to be looked for on the machine: built-in services, and whether a container engine."""
    specs = used(pipeline)
    recipes = {recipe.name: recipe for spec in specs if spec.image is None and (recipe := recipe_of(spec)) is not None}
    return tuple(recipes.values()), any(spec.image is not None for spec in specs)


def planned(pipeline: Pipeline, servers: Servers | None) -> tuple[Service, ...]:
    """The services of the plan, on this machine."""
    return tuple(_service(spec, servers or Servers()) for spec in used(pipeline))


def standing_on(job: Job, services: Iterable[Service]) -> Job:
    """The job, blocked where one of its services cannot be started here."""
    if job.blocked_by is not None:
        return job
    missing = next((one for one in services if one.name in job.services and one.missing), None)
    return job if missing is None else replace(job, blocked_by=missing.missing, remedy=missing.remedy)


def key_part(service: Service) -> str:
    """What of a service is part of a job's key: what it is, and in which version."""
    # Where its program lies is this machine's business, and so is why it is missing.
    bare = replace(service, told="", command=(), first=(), engine="", identity="", missing="", remedy="")
    own = () if service.version else (service.identity, *service.command)
    return of_parts((of_bytes(msgspec.json.encode(bare)), *own))


def _service(spec: ServiceSpec, servers: Servers) -> Service:
    service = Service(
        name=spec.name,
        told="",
        health=health_of(spec),
        exports=exports_of(spec),
        environment=spec.environment,
        ports=spec.ports,
        shared=spec.shared,
        timeout_s=spec.timeout_s,
    )
    recipe = recipe_of(spec)
    if spec.command:
        return replace(service, command=spec.command, told=f"`{' '.join(spec.command)}`")
    if spec.image is None and recipe is not None:
        found = _found(recipe, spec.version, servers)
        if found is not None:
            return _of_program(service, *found)
    return _of_image(service, spec, recipe, servers)


def _found(recipe: Recipe, version: str | None, servers: Servers) -> tuple[Server, Program] | None:
    """The first alternative that is there, in its newest version that fits."""
    for server in recipe.servers:
        for program in servers.programs:
            if program.name == server.programs[0] and _fits(program.version, version):
                return server, program
    return None


def _fits(version: str, asked: str | None) -> bool:
    return asked is None or version == asked or version.startswith(f"{asked}.")


def _of_program(service: Service, server: Server, program: Program) -> Service:
    paths = {program.name: program.path, **dict(program.beside)}
    return replace(
        service,
        told=f"{program.name} {program.version}".rstrip() + f" ({program.path})",
        command=_with_path(server.command, paths),
        first=tuple(_with_path(argv, paths) for argv in server.first),
        files=server.files,
        users=server.users,
        stop=server.stop,
        version=program.version,
        identity=program.identity,
    )


def _with_path(argv: tuple[str, ...], paths: dict[str, str]) -> tuple[str, ...]:
    return (paths.get(argv[0], argv[0]), *argv[1:])


def _of_image(service: Service, spec: ServiceSpec, recipe: Recipe | None, servers: Servers) -> Service:
    image = spec.image or (recipe.image if recipe else "")
    if spec.image is None and spec.version is not None and recipe is not None:
        image = f"{recipe.image.rpartition(':')[0]}:{spec.version}"
    if servers.engine:
        made = replace(service, told=f"the image {image}", image=image, engine=servers.engine, version=image)
        if recipe is None:
            return made
        environment = tuple(sorted({**dict(recipe.variables), **dict(spec.environment)}.items()))
        return replace(made, ports=spec.ports or (recipe.port,), environment=environment)
    deaf = f" ({servers.deaf})" if servers.deaf else ""
    if spec.image is not None or recipe is None:
        missing = f"the service {spec.name} is the image {image}, and no container engine answers{deaf}"
        return replace(service, missing=missing, remedy=_NEEDS_ENGINE)
    programs = " or ".join(server.programs[0] for server in recipe.servers)
    others = sorted({program.version for program in servers.programs if program.name in _names(recipe)})
    what = f"{programs} {spec.version or ''}".rstrip()
    here = f", but {', '.join(others)}" if others else ""
    missing = f"the service {spec.name} needs {what}, which is not on this machine{here}"
    return replace(service, missing=f"{missing}, and no container engine answers{deaf}", remedy=_remedy(recipe))


def _names(recipe: Recipe) -> set[str]:
    return {server.programs[0] for server in recipe.servers}


def _remedy(recipe: Recipe) -> str:
    return f"{recipe.install}, or start Docker or Podman"
