"""How bad a security finding is: low, medium or high, as bandit 1.9 rates its tests.

ruff's S rules are bandit's tests by their numbers, and have no severity of their own. Where bandit's depends on
more than ruff's message tells (202: `members`, 502: whose call it is, 505: how short the key is), the worst is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from penstock.model.records import FindingRecord, Reading
from penstock.model.scales import SEVERITIES
from penstock.tools.answers import KEPT_FINDINGS

# Those of bandit's tests that are not rated medium.
_LOW = frozenset(
    {"101", "105", "106", "107", "110", "112", "311", "403", "404", "405", "406", "407", "408", "409", "410", "504"}
    | {"603", "606", "607"}
)
_HIGH = frozenset(
    {"201", "202", "304", "312", "321", "324", "401", "402", "411", "412", "413", "415", "501", "502", "505", "507"}
    | {"602", "605", "609", "613", "701"}
)


_MASK = re.compile(r"mask `0o([0-7]{1,9})`")
_WRITABLE_BY_ALL = 0o002


def of_rule(rule: str | None, message: str = "") -> str:
    """The severity of one of ruff's S rules; medium for one that is not known."""
    number = (rule or "").removeprefix("S")
    if number in {"602", "605"} and "seems safe" in message:  # a constant command
        return "low"
    mask = _MASK.search(message) if number == "103" else None
    if mask is not None and int(mask[1], 8) & _WRITABLE_BY_ALL:
        return "high"
    if number == "324" and "`crypt`" in message:  # not of hashlib
        return "medium"
    return "low" if number in _LOW else "high" if number in _HIGH else "medium"


def counted(reading: Reading, findings: Sequence[FindingRecord]) -> Reading:
    """The reading with the findings, the worst first, and how many there are of each severity."""
    ordered = sorted(findings, key=lambda each: (-SEVERITIES.index(each.severity), each.path, each.line, each.rule))
    counts = {f"severity_{name}": float(sum(each.severity == name for each in findings)) for name in SEVERITIES}
    measures = {**reading.measures, **counts, "findings": float(len(ordered))}
    return replace(reading, measures=measures, findings=tuple(ordered[:KEPT_FINDINGS]))
