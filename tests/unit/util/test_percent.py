from __future__ import annotations

from urllib.parse import unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from penstock.util.percent import quoted


@given(st.text())
def test_what_is_quoted_is_plain_and_comes_back(text: str) -> None:
    made = quoted(text)
    assert made.isascii()
    assert not set(made) & set(" %?#[]@:!$&'()*+,;=\"<>\\^`{|}") - {"%"}
    assert unquote_to_bytes(made).decode("utf-8", "surrogatepass") == text


def test_a_byte_of_a_file_name_is_that_byte() -> None:
    assert quoted("a\udcffb") == "a%FFb"
