"""One file a program: how to call it, how to read it. A program's module is imported when a plan or a report has it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from penstock.ports import Tool

# Name -> its module here, and what it is in that: a Tool, or a class that makes one.
_PLACES = {
    "annotations": ("annotations", "Annotations"),
    "audit-canary": ("audit", "AuditCanary"),
    "audit-findings": ("audit", "AuditFindings"),
    "audit-list": ("audit", "AuditList"),
    "bandit": ("bandit", "Bandit"),
    "base": ("base", "BaseTree"),
    "black": ("black", "Black"),
    "build": ("build", "Build"),
    "check-wheel-contents": ("package", "WheelContents"),
    "command": ("command", "AnyCommand"),
    "coverage": ("coverage", "Coverage"),
    "coverage-import": ("imported", "Imported"),
    "deptry": ("deptry", "Deptry"),
    "detect-secrets": ("detect_secrets", "DetectSecrets"),
    "examples": ("examples", "EXAMPLES"),
    "flake8": ("flake8", "Flake8"),
    "flake8-settings": ("flake8", "Flake8Settings"),
    "git-files": ("detect_secrets", "GitFiles"),
    "griffe": ("griffe", "Griffe"),
    "http": ("http", "Http"),
    "image": ("image", "IMAGE"),
    "isort": ("isort", "Isort"),
    "licenses": ("installed", "Licenses"),
    "metric": ("metric", "METRIC"),
    "model": ("model", "MODEL"),
    "mypy": ("mypy", "Mypy"),
    "own-runner": ("own_runner", "OwnRunner"),
    "package-metadata": ("package", "Metadata"),
    "pip-audit": ("audit", "PipAudit"),
    "pylint": ("pylint", "Pylint"),
    "pyright": ("pyright", "Pyright"),
    "pytest": ("pytest", "Pytest"),
    "radon": ("radon", "Radon"),
    "radon-functions": ("radon", "RadonFunctions"),
    "ruff": ("ruff", "Ruff"),
    "ruff-complexity": ("ruff_rules", "RuffComplexity"),
    "ruff-files": ("ruff", "RuffFiles"),
    "ruff-format": ("ruff", "RuffFormat"),
    "ruff-security": ("ruff_rules", "RuffSecurity"),
    "scripts": ("scripts", "SCRIPTS"),
    "twine": ("build", "Twine"),
    "ty": ("ty", "Ty"),
    "unittest": ("unittest", "Unittest"),
    "uv-audit": ("audit", "UvAudit"),
    "uv-outdated": ("installed", "Outdated"),
}


class _Tools(Mapping[str, Tool]):
    """The table. To look whether a name is there imports nothing."""

    def __init__(self) -> None:
        self._met: dict[str, Tool] = {}

    def __getitem__(self, name: str) -> Tool:
        if name not in self._met:
            module, word = _PLACES[name]
            found = getattr(importlib.import_module(f"{__name__}.{module}"), word)
            self._met[name] = found() if isinstance(found, type) else found
        return self._met[name]

    def __contains__(self, name: object) -> bool:
        return name in _PLACES

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


TOOLS: Mapping[str, Tool] = _Tools()
