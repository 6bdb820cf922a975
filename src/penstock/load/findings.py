"""The collector of problems: a reader goes on after each, so that all are told at once."""

from __future__ import annotations

from penstock.errors import ConfigurationError, Problem
from penstock.load.locate import KeyPath, Locator
from penstock.load.suggest import nearest

MOST = 1000  # problems that are told; a file with more is not one that somebody wrote
LONGEST = 400  # characters of a message: names in it are the user's own, and may be long
MOST_SUGGESTIONS = 100  # difflib costs a millisecond a word


class Findings:
    """All that is wrong with one configuration file."""

    def __init__(self, locator: Locator) -> None:
        self.locator = locator
        self._problems: list[Problem] = []
        self._suggestions = 0
        self._untold = 0

    def __len__(self) -> int:
        return len(self._problems)

    def add(
        self,
        code: str,
        message: str,
        path: KeyPath,
        *,
        value: bool = True,
        remedy: str | None = None,
        quoted: bool = True,
    ) -> None:
        """Note one problem at a key of the configuration (`value=False`) or at its value. Not `quoted`: its line holds
        what nobody is to see.

        Without a `remedy` of its own, it gets the one that its code has in the table of codes.
        """
        if len(self._problems) >= MOST:
            self._untold += 1
            return
        place = self.locator.place(path, value=value)
        excerpt = self.locator.excerpt(place) if quoted else None
        if remedy is None:
            from penstock.load.codes import REMEDIES

            remedy = REMEDIES[code]
        if len(message) > LONGEST:
            message = f"{message[:LONGEST]}…"
        self._problems.append(Problem(code=code, message=message, place=place, excerpt=excerpt, remedy=remedy))

    def suggestion(self, word: str, known: tuple[str, ...]) -> str | None:
        """A remedy: "did you mean `x`?", or None if nothing is near (or a hundred were suggested already)."""
        self._suggestions += 1
        near = nearest(word, known) if self._suggestions <= MOST_SUGGESTIONS else None
        return f"did you mean `{near}`?" if near else None

    def stop_if_any(self) -> None:
        """Raise ConfigurationError with every problem, in the order of the file."""
        if not self._problems:
            return
        ordered = sorted(self._problems, key=_position)
        if self._untold:
            ordered.append(Problem(code="C009", message=f"{self._untold} more problems of this file are not listed"))
        raise ConfigurationError(tuple(ordered))


def _position(problem: Problem) -> tuple[int, int]:
    place = problem.place
    return (place.line or 0, place.column or 0) if place else (0, 0)
