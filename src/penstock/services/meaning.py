"""What a name or a declaration of a service comes to, with what is built in."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.model.services import Recipe, ServiceSpec, usual_exports
from penstock.services import ALIASES, SERVICES


def recipe_of(spec: ServiceSpec) -> Recipe | None:
    """The built-in service that it is; None for one of the project's own."""
    return None if spec.use is None else SERVICES.get(ALIASES.get(spec.use, spec.use))


def spec_of(name: str, declared: Iterable[ServiceSpec]) -> ServiceSpec | None:
    """What a job means by the name: a declared service, else the built-in one; None if it is neither."""
    found = next((spec for spec in declared if spec.name == name), None)
    built_in = name in SERVICES or name in ALIASES
    return found or (ServiceSpec(name=name, use=name) if built_in else None)


def exports_of(spec: ServiceSpec) -> tuple[tuple[str, str], ...]:
    """The variables that it hands to its jobs, as templates."""
    recipe = recipe_of(spec)
    if spec.exports is not None:
        return spec.exports
    return usual_exports(spec.name) if recipe is None else recipe.exports


def health_of(spec: ServiceSpec) -> tuple[str, ...]:
    """How it is asked whether it is healthy."""
    recipe = recipe_of(spec)
    return spec.health or (("tcp",) if recipe is None else recipe.health)
