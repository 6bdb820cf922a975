"""Did you mean: the nearest of some known words."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, if one is like it at all."""
    import difflib

    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A remedy with the nearest known word, or None."""
    found = nearest(word, known)
    return f"did you mean `{found}`?" if found else None
