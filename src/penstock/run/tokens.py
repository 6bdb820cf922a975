"""Tokens to paths: what a plan leaves open, filled in when a job starts on this machine."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock.model import plan

_OTHER_BIN = re.compile(r"\$\{penstock:bin:([^}]+)\}")


def table(
    *, python: str, scripts: str, guest: str, reports: str, workspace: str, uv: str, own_python: str, needs: str
) -> dict[str, str]:
    """Token -> path, for one job."""
    return {
        plan.PYTHON: python,
        plan.BIN: scripts,
        plan.GUEST: guest,
        plan.REPORTS: reports,
        plan.WORKSPACE: workspace,
        plan.UV: uv,
        plan.SELF: own_python,
        plan.NEEDS: needs,
    }


def fill(text: str, tokens: Mapping[str, str], other_bins: Mapping[str, str]) -> str:
    """`text` with its tokens replaced. `other_bins`: dependency set -> scripts' folder of that environment.

    Raises KeyError for the scripts' folder of an environment that the job does not name.
    """
    if "${penstock:" not in text:
        return text
    text = _OTHER_BIN.sub(lambda match: other_bins[match[1]], text)
    for token, path in tokens.items():
        text = text.replace(token, path)
    return text
