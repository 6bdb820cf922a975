"""`[tool.penstock.ci]`: how the configuration of each host is written."""

from __future__ import annotations

from penstock.load import ci_github, ci_releasing, on_runners
from penstock.load.ci_github import LABEL
from penstock.load.circleci import CIRCLECI
from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.occasions import BRANCH
from penstock.load.shapes import List
from penstock.load.table import Key, read_table, unknown
from penstock.load.types import Duration, Whole, spoken
from penstock.model.hosts import GitHub

GITHUB = (
    Key(
        name="runner",
        shape=LABEL,
        default='"ubuntu-24.04"',
        doc="The runner of every job.",
    ),
    Key(
        name="branches",
        shape=List(
            item=BRANCH,
            least=1,
            words="a list of branches",
        ),
        default='["main"]',
        doc="Branches whose pushes are verified. Pull requests and the merge queue always are.",
    ),
    Key(
        name="timeout",
        shape=Duration(),
        field="timeout_s",
        default='"60m"',
        doc="Time for a runner, where its jobs have no `timeout` of their own.",
    ),
    Key(
        name="retention",
        shape=Whole(minimum=1, maximum=90),
        field="retention_days",
        default="14",
        doc="Days for which the evidence of a run is kept.",
    ),
    *on_runners.keys(".github"),
    *ci_github.KEYS,
    *ci_releasing.KEYS,
)
HOSTS = {"github": GITHUB, "circleci": CIRCLECI}


def read_ci(raw: object, path: KeyPath, findings: Findings) -> GitHub | None:
    """GitHub's settings; None where nothing is said, or something wrong. CircleCI's: `load.circleci`."""
    if not isinstance(raw, dict):
        findings.add("C102", f"`ci` must be a table, not {spoken(raw)}", path)
        return None
    for name, value in raw.items():
        if name not in HOSTS:
            unknown(name, tuple(HOSTS), "`ci`", (*path, name), findings)
        elif not isinstance(value, dict):
            findings.add("C102", f"`ci.{name}` must be a table, not {spoken(value)}", (*path, name))
    told = raw.get("github")
    if not isinstance(told, dict):
        return None
    before = len(findings)
    values = read_table(told, GITHUB, "`ci.github`", (*path, "github"), findings)
    values = ci_github.finished(values, (*path, "github"), findings)
    return GitHub(**values) if len(findings) == before else None
