"""One file a program: how to call it, how to read it."""

from __future__ import annotations

from penstock.ports import Tool
from penstock.tools.annotations import Annotations
from penstock.tools.audit import AuditCanary, AuditFindings, AuditList, PipAudit, UvAudit
from penstock.tools.bandit import Bandit
from penstock.tools.base import BaseTree
from penstock.tools.black import Black
from penstock.tools.build import Build, Twine
from penstock.tools.command import AnyCommand
from penstock.tools.coverage import Coverage
from penstock.tools.deptry import Deptry
from penstock.tools.detect_secrets import DetectSecrets, GitFiles
from penstock.tools.examples import EXAMPLES
from penstock.tools.flake8 import Flake8, Flake8Settings
from penstock.tools.griffe import Griffe
from penstock.tools.http import Http
from penstock.tools.image import IMAGE
from penstock.tools.imported import Imported
from penstock.tools.installed import Licenses, Outdated
from penstock.tools.isort import Isort
from penstock.tools.metric import METRIC
from penstock.tools.model import MODEL
from penstock.tools.mypy import Mypy
from penstock.tools.own_runner import OwnRunner
from penstock.tools.package import Metadata, WheelContents
from penstock.tools.pylint import Pylint
from penstock.tools.pyright import Pyright
from penstock.tools.pytest import Pytest
from penstock.tools.radon import Radon, RadonFunctions
from penstock.tools.ruff import Ruff, RuffFiles, RuffFormat
from penstock.tools.ruff_rules import RuffComplexity, RuffSecurity
from penstock.tools.scripts import SCRIPTS
from penstock.tools.ty import Ty
from penstock.tools.unittest import Unittest

_EVERY: tuple[Tool, ...] = (
    Annotations(),
    AnyCommand(),
    AuditCanary(),
    AuditFindings(),
    AuditList(),
    Bandit(),
    BaseTree(),
    Black(),
    Build(),
    Coverage(),
    Deptry(),
    DetectSecrets(),
    EXAMPLES,
    Flake8(),
    GitFiles(),
    Griffe(),
    Flake8Settings(),
    Http(),
    IMAGE,
    Imported(),
    Isort(),
    Licenses(),
    METRIC,
    MODEL,
    Metadata(),
    Mypy(),
    Outdated(),
    OwnRunner(),
    PipAudit(),
    Pylint(),
    Pyright(),
    Pytest(),
    Radon(),
    RadonFunctions(),
    Ruff(),
    RuffFiles(),
    RuffComplexity(),
    RuffFormat(),
    RuffSecurity(),
    SCRIPTS,
    Twine(),
    Ty(),
    Unittest(),
    UvAudit(),
    WheelContents(),
)
TOOLS: dict[str, Tool] = {tool.name: tool for tool in _EVERY}
