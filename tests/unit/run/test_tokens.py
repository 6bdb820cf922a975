from __future__ import annotations

import pytest

from penstock.model import plan
from penstock.run import tokens

TABLE = tokens.table(
    python="/e/python",
    scripts="/e/bin",
    guest="/g",
    reports="/r",
    workspace="/w",
    uv="/u",
    own_python="/own",
    needs="/n",
)


@pytest.mark.parametrize(
    "token", [plan.PYTHON, plan.BIN, plan.GUEST, plan.REPORTS, plan.WORKSPACE, plan.UV, plan.SELF, plan.NEEDS]
)
def test_every_token_of_a_plan_has_a_path(token: str) -> None:
    filled = tokens.fill(f"--x={token}/a:{token}", TABLE, {})
    assert filled == f"--x={TABLE[token]}/a:{TABLE[token]}"
    assert "penstock" not in filled


def test_the_scripts_of_another_environment() -> None:
    assert tokens.fill(f"{plan.bin_of('ruff')}/ruff", TABLE, {"ruff": "/ruff/bin"}) == "/ruff/bin/ruff"
    with pytest.raises(KeyError):
        tokens.fill(plan.bin_of("mypy"), TABLE, {"ruff": "/ruff/bin"})


@pytest.mark.parametrize("text", ["", "plain", "${HOME}", "${penstock", "penstock:python", "$${PYTHON}"])
def test_what_is_no_token_stays(text: str) -> None:
    assert tokens.fill(text, TABLE, {}) == text
