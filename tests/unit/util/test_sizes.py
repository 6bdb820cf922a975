"""Sizes in words."""

from __future__ import annotations

import pytest

from penstock.util.sizes import spoken


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (512 << 20, "512 MiB"),
        (2 << 30, "2 GiB"),
        (int(2.34 * (1 << 30)), "2.34 GiB"),
        (1010 << 20, "1010 MiB"),
        (3 << 40, "3 TiB"),
    ],
)
def test_three_digits_are_enough(size: int, words: str) -> None:
    assert spoken(size) == words


def test_a_size_that_is_held_against_another_has_more_digits() -> None:
    assert [spoken(size << 20, digits=4) for size in (1010, 1023)] == ["1010 MiB", "1023 MiB"]
    assert spoken(204.94 * (1 << 20), digits=4) == "204.9 MiB"
    assert spoken(-(2 << 30)) == "-2 GiB"
