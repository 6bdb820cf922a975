"""Counted things in words: `1 finding`, `2 findings`."""

from __future__ import annotations


def plural(number: int, word: str, several: str = "") -> str:
    """`1 job`, `2 jobs`; `several` where an -s does not make the plural."""
    return f"{number} {noun(number, word, several)}"


def noun(number: int, word: str, several: str = "") -> str:
    """The word alone, for what stands between it and its number: `2 new findings`."""
    return word if number == 1 else several or f"{word}s"
