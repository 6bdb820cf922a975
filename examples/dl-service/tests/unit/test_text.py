"""Text as numbers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from moods.text import WIDTH, features, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I'm HAPPY, so happy!", ["i'm", "happy", "so", "happy"]),
        ("ﬁne… café 42 x_y", ["fine", "café", "x", "y"]),
        ("", []),
        ("!!! 123", []),
    ],
)
def test_words_in_small_letters(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_a_row_has_unit_length_whatever_the_text() -> None:
    rows = features(["I am happy", "happy " * 5000, "x"])
    assert rows.shape == (3, WIDTH)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)


def test_a_text_without_words_is_a_row_of_zeros() -> None:
    assert not features(["", "…"]).any()


def test_the_order_of_words_counts() -> None:
    one, other = features(["not happy but sad", "not sad but happy"])
    assert not np.array_equal(one, other)


def test_rows_are_the_same_in_every_process() -> None:
    script = "from moods.text import features; print(features(['a quiet day at home']).nonzero()[1].tolist())"
    told = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
