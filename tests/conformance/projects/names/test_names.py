"""Ids that a person would not choose, and some that two tests share."""

import pytest

ODD = ["a b", "a/b", "a::b", "[x]", "ü", "日本", "\n", "\t", "\x00", "'\"", "a" * 300, "", " ", "-n2", "a|b", "\\", "%s", "{}", "\x1b[31m"]


@pytest.mark.parametrize("value", ODD)
def test_odd(value):
    assert value != "[x]"


@pytest.mark.parametrize("value", range(6), ids=["same"] * 6)
def test_same(value):
    assert value != 3


@pytest.mark.parametrize("value", [b"\xff\x00", 1.5, None, True, object, "x", ("a", 1)])
@pytest.mark.parametrize("other", ["-", "::"])
def test_kinds_of_values(value, other):
    assert value is not None


class Test_Ünï:
    def test_ä(self):
        pass
