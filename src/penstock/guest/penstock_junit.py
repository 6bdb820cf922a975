"""What tests say of the whole suite in junitxml's report: workers hand it on to the leader, which writes the report.

PYTEST_DONT_REWRITE

Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from _pytest import junitxml

if TYPE_CHECKING:
    from collections.abc import Callable


def hand_on(config: Any, told: Callable[[str, str], None]) -> None:
    """From here on `told` hears the name and the value of what `record_testsuite_property` is given in this worker."""
    if not getattr(config.option, "xmlpath", None):
        return
    stash = _stash(config)
    report: Any = stash.get(junitxml.xml_key, None)
    if report is None:  # a new interpreter: pytest makes none in a worker
        report = stash[junitxml.xml_key] = junitxml.LogXML(os.devnull, None, family=config.getini("junit_family"))
    record = report.add_global_property

    def add(name: str, value: object) -> None:
        record(name, value)  # raises TypeError as ever
        told(*report.global_properties[-1])

    report.add_global_property = add


class SuiteProperties:
    """The leader's: a value that several workers give, since each has its own session, is written once."""

    def __init__(self, config: Any) -> None:
        self._config = config
        self._given: dict[str, list[tuple[str, str]]] = {}  # by each worker

    def add(self, worker: str, name: str, value: str) -> None:
        """A worker was given a property; as often as the worker that was given it most often is it written."""
        given = self._given.setdefault(worker, [])
        given.append((name, value))
        report: Any = _stash(self._config).get(junitxml.xml_key, None)
        if report is not None and report.global_properties.count((name, value)) < given.count((name, value)):
            report.global_properties.append((name, value))


def _stash(config: Any) -> Any:
    """Where plugins keep their own; pytest < 7 had it under another name."""
    return config.stash if hasattr(config, "stash") else config._store  # noqa: SLF001 - there is no other way
