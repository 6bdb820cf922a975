"""Prompts."""

from __future__ import annotations

import pytest

from parley.template import Template


def test_places_are_filled_and_braces_kept() -> None:
    template = Template('{name} says {{"x": {value}}}')
    assert template.names == {"name", "value"}
    assert template.fill(name="Ann", value=3) == 'Ann says {"x": 3}'


def test_what_is_filled_in_is_not_read_again() -> None:
    assert Template("{a} {b}").fill(a="{b}", b="x") == "{b} x"


def test_a_value_too_few_or_too_many_is_an_error() -> None:
    template = Template("{a} {b}")
    with pytest.raises(KeyError, match="no value for b"):
        template.fill(a=1)
    with pytest.raises(TypeError, match="no place for c"):
        template.fill(a=1, b=2, c=3)


@pytest.mark.parametrize("text", ["{user.key}", "{users[0]}", "{0}", "{}", "{a!r}", "{a:>10}"])
def test_a_place_is_a_plain_name(text: str) -> None:
    with pytest.raises(ValueError, match="no plain name"):
        Template(text)
