"""One kind of trouble: a stable code with its cause, its remedy and an example of the message."""

from __future__ import annotations

from penstock.value import Value


class Trouble(Value, frozen=True, kw_only=True):
    """`words`: any of them tells it, in a job's reason or remedy; () = it is told otherwise.

    They are the source's own words, and a test holds that they still stand there.
    """

    code: str
    title: str
    cause: str
    remedy: str
    example: str
    words: tuple[str, ...] = ()


def trouble(code: str, title: str, cause: str, remedy: str, example: str, *words: str) -> Trouble:
    """A row of the tables."""
    return Trouble(code=code, title=title, cause=cause, remedy=remedy, example=example, words=words)
