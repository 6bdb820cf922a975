"""`[tool.penstock.notify]` becomes a Notify."""

from __future__ import annotations

from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.shapes import VARIABLE, List
from penstock.load.table import Key, read_table
from penstock.load.types import Choice, Text, spoken
from penstock.model.pipeline import Notify

KEYS = (
    Key(
        name="webhook",
        shape=Text(
            words='the name of the variable that holds the address, such as "SLACK_WEBHOOK_URL": that is a secret',
            pattern=VARIABLE,
        ),
        required=True,
        doc="The variable of the CI host's environment that holds the webhook's address. No job sees it.",
    ),
    Key(
        name="on",
        shape=List(item=Choice(options=("failure", "recovery")), least=1, words='a list of "failure" and "recovery"'),
        default='["failure", "recovery"]',
        doc="What to tell of.",
    ),
)


def read_notify(raw: object, path: KeyPath, findings: Findings) -> Notify | None:
    """What is declared, or None with at least one problem noted."""
    if not isinstance(raw, dict):
        remedy = 'such as { webhook = "SLACK_WEBHOOK_URL" }'
        findings.add("C102", f"`notify` must be a table, not {spoken(raw)}", path, remedy=remedy)
        return None
    if any("://" in str(value) for value in raw.values()):
        message = "the address of a webhook is a secret, and stands in a file that everybody reads"
        remedy = 'take it back, make a new one, and name the variable that holds that: webhook = "SLACK_WEBHOOK_URL"'
        findings.add("C103", message, path, value=False, remedy=remedy, quoted=False)
        return None
    before = len(findings)
    values = read_table(raw, KEYS, "`notify`", path, findings)
    return Notify(**values) if len(findings) == before else None
