"""Prompts with named places."""

from __future__ import annotations

from string import Formatter


class Template:
    """Text with `{name}` where something is put in; `{{` and `}}` stand for braces.

    A place is a plain name: `{user.key}` or `{0}` would let a prompt reach into what it is given.
    """

    def __init__(self, text: str) -> None:
        self._parts = [(before, name) for before, name, _, _ in _parsed(text)]
        self.names = frozenset(name for _, name in self._parts if name is not None)

    def fill(self, **values: object) -> str:
        """The prompt. Raises KeyError for a name without a value, TypeError for a value without a place."""
        if missing := sorted(self.names - values.keys()):
            raise KeyError(f"no value for {', '.join(missing)}")
        if unknown := sorted(values.keys() - self.names):
            raise TypeError(f"no place for {', '.join(unknown)}")
        return "".join(before + ("" if name is None else str(values[name])) for before, name in self._parts)


def _parsed(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    parts = list(Formatter().parse(text))
    for _, name, form, conversion in parts:
        if name is not None and (not name.isidentifier() or form or conversion):
            raise ValueError(f"{{{name}}} is no plain name")
    return parts
