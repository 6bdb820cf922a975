"""What GitHub's expressions come to; its own evaluator says the same (tests/property/test_gate_on_github.py)."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.providers.github.expressions import Scope, holds
from penstock.providers.github.values import UnknownExpressionError

CONTEXTS: dict[str, Any] = {
    "github": {"event_name": "push", "ref": "refs/heads/Main", "event": {"repository": {"fork": False}}},
    "needs": {
        "plan": {"result": "success", "outputs": {"slices": '["unit", "docs"]'}},
        "unit": {"result": "failure", "outputs": {}},
        "docs": {"result": "skipped", "outputs": {}},
    },
}


def scope(*, success: bool = False, failure: bool = True, cancelled: bool = False) -> Scope:
    status = {"success": success, "failure": failure, "cancelled": cancelled, "always": True}
    return Scope(contexts=CONTEXTS, status=status)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("always()", True),
        ("failure()", True),
        ("!cancelled()", True),
        ("always() && success()", False),
        ("always() && github.event_name == 'PUSH'", True),
        ("always() && github.event_name != 'push'", False),
        ("always() && startsWith(github.ref, 'refs/heads/main')", True),
        ("always() && endsWith(github.ref, 'x')", False),
        ("always() && contains(fromJSON(needs.plan.outputs.slices), 'unit')", True),
        ("always() && contains(fromJSON(needs.plan.outputs.slices), 'uni')", False),
        ("always() && contains('some text', 'E T')", True),
        ("always() && contains(needs.*.result, 'failure')", True),
        ("always() && contains(needs.*.result, 'cancelled')", False),
        ("always() && needs['unit'].result == 'failure'", True),
        ("always() && needs.none.result == null", True),
        ("always() && !github.event.repository.fork", True),
        ("always() && (github.event.number || github.ref) == 'refs/heads/main'", True),
        ("always() && 'it''s' == 'it''s'", True),
        ("always() && 1 == true", True),
        ("always() && '' == 0", True),
        ("always() && null == 0", True),
        ("always() && 'a' < 'B'", True),
        ("always() && 2 >= 10", False),
        ("always() && 0x10 == 16", True),
        ("always() && '0x10' == 16", True),
        ("always() && 'a' == 0", False),
        ("always() && fromJSON('[1]') == fromJSON('[1]')", False),
        ("always() && fromJSON('[[1], [2]]').*[0][1] == 2", False),
        ("always() && fromJSON('[3, 4]')[1] == 4", True),
        ("always() && toJSON(needs.docs.result) == '\"skipped\"'", True),
        ("always() && -1 < 0", True),
        ("always() && nan == nan", False),
    ],
)
def test_what_it_comes_to(text: str, *, expected: bool) -> None:
    assert holds(text, scope()) is expected
    assert holds(f"${{{{ {text} }}}}", scope()) is expected


@pytest.mark.parametrize("condition", ["", "github.event_name == 'push'", "${{ github.event_name == 'push' }}"])
def test_without_a_word_of_the_status_all_before_it_has_to_have_succeeded(condition: str) -> None:
    assert holds(condition, scope(success=True, failure=False))
    assert not holds(condition, scope())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hashFiles('a') == ''", "the function `hashfiles`"),
        ("secrets.X", "the context `secrets`"),
        ("a ${{ b }}", "text beside"),
        ("${{ a }} == ${{ b }}", "text beside"),
        ("1 +", "`+`"),
        ("(always()", "`)` is missing"),
        ("always() always()", "`always` where it ends"),
        ("&& always()", "`&&`"),
        ("always() &&", "it ends too early"),
        ("always().", "a name is missing"),
        ("contains('a' 'b')", "`)` is missing"),
        ("always() && fromJSON('{')", "what is no JSON"),
        ("'open", "`'open`"),
    ],
)
def test_what_it_does_not_know_is_refused_and_never_guessed(text: str, told: str) -> None:
    with pytest.raises(UnknownExpressionError) as caught:
        holds(text, scope(success=True))
    assert told in str(caught.value)


def test_a_side_that_does_not_decide_is_not_asked() -> None:
    assert holds("always() || secrets.X", scope())
    assert not holds("cancelled() && secrets.X", scope())
