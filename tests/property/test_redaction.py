"""Secrets in any text, cut anywhere: nothing of them is left, and nothing else is changed."""

from __future__ import annotations

import base64
import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from penstock.guest.penstock_redaction import Redaction
from penstock.guest.penstock_spellings import weakness

_letters = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=4, max_size=60)
_secrets = _letters.filter(lambda value: not weakness("KEY", value))
_texts = st.text(st.sampled_from("abcxyz /=-\n\"'é0123"), max_size=80)


def in_pieces(redaction: Redaction, content: bytes, cuts: list[int]) -> bytes:
    stream = redaction.stream()
    places = [0, *sorted(cut % (len(content) + 1) for cut in cuts), len(content)]
    parts = [stream.feed(content[start:end]) for start, end in pairwise(places)]
    return b"".join((*parts, stream.finish()))


@given(_secrets, _texts, _texts, st.lists(st.integers(0, 500), max_size=12), st.sampled_from(["raw", "json", "b64"]))
def test_cut_anywhere_it_is_the_same_as_whole(value: str, before: str, after: str, cuts: list[int], way: str) -> None:
    bare = value.strip()
    made = {"raw": bare, "json": json.dumps(bare)[1:-1], "b64": base64.b64encode(bare.encode()).decode()}[way]
    content = f"{before}{made}{after}".encode()
    redaction = Redaction([("KEY", value)])
    whole = redaction.content(content)
    assert in_pieces(redaction, content, cuts) == whole
    assert b"[secret:KEY]" in whole
    assert bare.encode() not in whole or bare in "[secret:KEY]"


@given(
    st.lists(_secrets, min_size=1, max_size=3), st.lists(st.integers(0, 9), max_size=8), st.lists(st.integers(0, 500))
)
def test_several_that_overlap_and_touch(values: list[str], order: list[int], cuts: list[int]) -> None:
    redaction = Redaction([(f"K{number}", value) for number, value in enumerate(values)])
    content = "".join(values[at % len(values)][at % 2 :].strip() for at in order).encode()
    assert in_pieces(redaction, content, cuts) == redaction.content(content)


@given(_secrets, st.binary(max_size=200), st.lists(st.integers(0, 300), max_size=6))
def test_a_text_without_it_is_not_changed(value: str, content: bytes, cuts: list[int]) -> None:
    redaction = Redaction([("KEY", value)])
    shown = in_pieces(redaction, content, cuts)
    assert (shown == content) == (not redaction.holds(content))
