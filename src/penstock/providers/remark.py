"""Something about a line of a file, in words."""

from __future__ import annotations

from penstock.value import Value


class Remark(Value, frozen=True, kw_only=True):
    """`path`: of the file, in the project; `line`: from 1."""

    path: str
    line: int
    words: str
