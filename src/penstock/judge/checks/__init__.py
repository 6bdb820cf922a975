"""The questions, one file each; this is only their table."""

from __future__ import annotations

from penstock.judge.checks.annotated import AnnotationsCheck
from penstock.judge.checks.api import ApiCheck
from penstock.judge.checks.audited import AuditCheck
from penstock.judge.checks.baseline import BaselineCheck
from penstock.judge.checks.budget import BudgetCheck
from penstock.judge.checks.coverage import CoverageCheck
from penstock.judge.checks.found import DependenciesCheck, SecretsCheck
from penstock.judge.checks.installed import FreshnessCheck, LicensesCheck
from penstock.judge.checks.jobs import JobsCheck
from penstock.judge.checks.limits import LimitsCheck
from penstock.judge.checks.measured import ComplexityCheck, SecurityCheck
from penstock.judge.checks.package import PackageCheck
from penstock.judge.checks.policy import PolicyCheck
from penstock.judge.checks.pull_request import PullRequestCheck
from penstock.judge.checks.quarantine import QuarantineCheck
from penstock.judge.checks.scanned import LintCheck, TypesCheck
from penstock.judge.checks.shards import ShardsCheck
from penstock.judge.checks.tests import TestsCheck
from penstock.judge.checks.tests_kept import TestsKeptCheck
from penstock.ports import Check

CHECKS: tuple[Check, ...] = (
    JobsCheck(),
    TestsCheck(),
    TestsKeptCheck(),
    ShardsCheck(),
    QuarantineCheck(),
    CoverageCheck(),
    LintCheck(),
    TypesCheck(),
    PackageCheck(),
    LimitsCheck(),
    ComplexityCheck(),
    SecurityCheck(),
    AnnotationsCheck(),
    ApiCheck(),
    LicensesCheck(),
    FreshnessCheck(),
    AuditCheck(),
    BudgetCheck(),
    SecretsCheck(),
    DependenciesCheck(),
    BaselineCheck(),
    PolicyCheck(),
    PullRequestCheck(),
)
