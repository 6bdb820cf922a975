"""`[tool.penstock.ci]`: how the configuration of each host is written."""

from __future__ import annotations

from penstock.load import ci_github, ci_releasing
from penstock.load.ci_github import LABEL
from penstock.load.circleci import CIRCLECI
from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.occasions import BRANCH
from penstock.load.shapes import VARIABLE, List, Scalars
from penstock.load.table import Key, read_table, unknown
from penstock.load.types import Duration, Flag, Text, Whole, spoken
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
    Key(
        name="penstock",
        shape=Text(
            words="a file of requirements with hashes",
            pattern=r"^(?!/)(?!\.\./)(?!.*/\.\./)[A-Za-z0-9_.][A-Za-z0-9_./-]*$",
        ),
        default='".github/penstock.txt"',
        doc="Where runners get penstock: requirements with their hashes, as `uv pip compile --generate-hashes` writes.",
    ),
    Key(
        name="from_checkout",
        shape=Flag(),
        default="false",
        doc="penstock itself is built from the checkout, and only what that takes and needs comes from that file.",
    ),
    Key(
        name="environment",
        shape=Scalars(words="a table of variables", keys=VARIABLE, key_words="the name of a variable"),
        default="{}",
        doc="Variables of all jobs of the workflow. Secrets do not belong here.",
    ),
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
