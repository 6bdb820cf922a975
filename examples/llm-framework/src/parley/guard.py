"""Text that tries to give a model other orders than its own."""

from __future__ import annotations

import re
import unicodedata

_RULES = {
    "other orders": r"\b(?:ignore|disregard|forget)\b.{0,30}\b(?:instructions?|rules?|orders?|prompt)\b",
    "another role": r"\b(?:you are now|act as|pretend (?:to be|you are)|developer mode)\b",
    "the prompt": r"\b(?:reveal|print|repeat|show)\b.{0,30}\b(?:system prompt|your instructions|your rules)\b",
    "a forged turn": r"^\s*(?:system|assistant)\s*:",
}
_COMPILED = {name: re.compile(rule, re.MULTILINE | re.DOTALL) for name, rule in _RULES.items()}
_BLANKS = re.compile(r"[^\S\n]+")


def suspicions(text: str) -> list[str]:
    """The rules that it breaks, by name; none for text that may pass."""
    plain = _plain(text)
    return [name for name, rule in _COMPILED.items() if rule.search(plain)]


def _plain(text: str) -> str:
    """Small letters without accents, without what nobody sees."""
    apart = unicodedata.normalize("NFKD", text)
    seen = (letter for letter in apart if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf")
    return _BLANKS.sub(" ", "".join(seen).casefold())
