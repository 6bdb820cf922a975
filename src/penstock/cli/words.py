"""The command line of `penstock test` taken apart: our own options, and all the rest in its order, for pytest.

So whatever is typed after `pytest` can be typed after `penstock test`: options of plugins, too, with their values.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence

# Letters of pytest that take no value and are often written in one word with others: -xvs.
_FLAGS = frozenset("xvl")
_DEBUGS = frozenset({"--pdb", "--trace"})
_ASKS = frozenset(
    {
        *("--collect-only", "--co", "--collectonly", "--fixtures", "--funcargs", "--fixtures-per-test", "--markers"),
        *("--version", "-V", "--cache-show", "--setup-plan"),
    }
)


def split(
    parser: argparse.ArgumentParser, words: Sequence[str], through: Collection[str]
) -> tuple[list[str], list[str]]:
    """Ours and pytest's, each in their order. `through`: options that `parser` only describes: they are pytest's."""
    known = parser._option_string_actions  # noqa: SLF001 - argparse tells nobody else which options there are
    takes = {name: action.nargs != 0 for name, action in known.items() if name not in through}
    ours: list[str] = []
    theirs: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word[:1] == "-" and word[1:2] not in ("", "-") and word not in takes:
            opened = _letters(word, takes)
            rest[:0] = opened[1:]
            word = opened[0]
        name, sign, _ = word.partition("=") if word.startswith("--") else (word[:2], word[2:], "")
        if name not in takes:
            theirs.append(word)
        else:
            ours.append(word)
            if takes[name] and not sign and rest:
                ours.append(rest.pop(0))
    return ours, theirs


def _letters(word: str, takes: dict[str, bool]) -> list[str]:
    """`-xvsn4` as `-x -v -s -n4`; from the first letter on that is neither ours nor without a value, it stays whole."""
    opened: list[str] = []
    for at in range(1, len(word)):
        letter = f"-{word[at]}"
        if takes.get(letter) or (letter not in takes and word[at] not in _FLAGS):
            return [*opened, f"-{word[at:]}"]
        opened.append(letter)
    return opened


def debug(words: Collection[str]) -> bool:
    """Whether these words for pytest want a debugger, and so the terminal."""
    return not _DEBUGS.isdisjoint(words)


def ask(words: Collection[str]) -> bool:
    """Whether pytest answers these words without running a test."""
    return any(word.partition("=")[0] in _ASKS for word in words)
