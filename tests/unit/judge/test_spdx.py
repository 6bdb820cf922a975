"""Licence expressions: one way of keeping all of it must be permitted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.judge.spdx import NoExpressionError, alternatives, permits


def ways(expression: str) -> set[tuple[str, ...]]:
    return {tuple(sorted(way)) for way in alternatives(expression)}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", {("MIT",)}),
        ("MIT OR Apache-2.0", {("MIT",), ("Apache-2.0",)}),
        ("MIT AND BSD-3-Clause OR ISC", {("BSD-3-Clause", "MIT"), ("ISC",)}),
        ("MIT AND (BSD-3-Clause OR ISC)", {("BSD-3-Clause", "MIT"), ("ISC", "MIT")}),
        ("(MIT)", {("MIT",)}),
        ("GPL-2.0-only WITH Classpath-exception-2.0", {("GPL-2.0-only WITH Classpath-exception-2.0",)}),
        ("mit or isc", {("mit",), ("isc",)}),
    ],
)
def test_an_expression_is_its_ways_of_being_kept(expression: str, expected: set[tuple[str, ...]]) -> None:
    assert ways(expression) == expected


@pytest.mark.parametrize("text", ["", "BSD License", "MIT OR", "AND MIT", "(MIT", "MIT)", "MIT ISC", "a/b", "OR"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(NoExpressionError):
        alternatives(text)


@pytest.mark.parametrize(
    ("expression", "allow", "deny", "expected"),
    [
        ("MIT", ("MIT",), (), True),
        ("mit", ("MIT",), (), True),
        ("MIT", ("ISC",), (), False),
        ("MIT OR GPL-3.0-only", ("MIT",), (), True),
        ("MIT AND GPL-3.0-only", ("MIT",), (), False),
        ("GPL-3.0-only", (), ("GPL-*",), False),
        ("LGPL-3.0-only", (), ("GPL-*",), True),
        ("MIT OR GPL-3.0-only", (), ("GPL-*",), True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", (), ("GPL-*",), False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ("GPL-2.0-only WITH Classpath-exception-2.0",), (), True),
        ("MIT", ("MIT",), ("MIT",), False),
        ("BSD License", ("BSD License",), (), True),
        ("BSD License", ("BSD-3-Clause",), (), False),
        ("MIT", (), (), True),
    ],
)
def test_what_is_permitted(expression: str, allow: tuple[str, ...], deny: tuple[str, ...], *, expected: bool) -> None:
    assert permits(expression, allow, deny) is expected


@given(st.text("MIT()AND OR-.+ ", max_size=30))
def test_any_text_has_an_answer_and_denying_all_permits_nothing(text: str) -> None:
    assert isinstance(permits(text, ("MIT",), ()), bool)
    assert not permits(text, (), ("*",))
