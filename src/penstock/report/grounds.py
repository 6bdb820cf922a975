"""What hints about failures rest on: facts of the project that only the caller can read."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.value import Value


class Offer(Value, frozen=True, kw_only=True):
    """An extra or group of the project. `kind`: "extra" or "group"; `distributions`: what it asks for, canonical."""

    kind: str
    name: str
    distributions: frozenset[str]


class Grounds(Value, frozen=True, kw_only=True):
    """What is known of the project.

    `own`: top-level modules of its tree; `offers`: its extras and groups; `distributions`: module -> what may bring
    it, where the names differ; `plugins`: fixture -> the distribution that has it; `services`: names that a job's
    `services` takes; `installed`: environment -> the distributions in it.
    """

    own: frozenset[str] = frozenset()
    offers: tuple[Offer, ...] = ()
    distributions: Mapping[str, tuple[str, ...]] = {}
    plugins: Mapping[str, str] = {}
    services: frozenset[str] = frozenset()
    installed: Mapping[str, frozenset[str]] = {}
