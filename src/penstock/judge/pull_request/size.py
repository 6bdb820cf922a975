"""How large a change is, for who has to read it: its lines, less those that nobody reads."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.change import Change
from penstock.value import Value

# Lines added and removed, up to which a change has the size; what is more is XL. A review finds the fewer defects a
# line, the more lines it has: up to 200 to 400 lines an hour hold (Cohen, Best Kept Secrets of Peer Code Review, 2006).
LIMITS: Mapping[str, int] = {"XS": 10, "S": 50, "M": 200, "L": 500}
LARGEST = "XL"
SIZES = (*LIMITS, LARGEST)
ADVISED = 500  # lines


class Size(Value, frozen=True, kw_only=True):
    """A change's size. `lines`: added and removed in `files` files; `left_out`: lines in generated and lock files."""

    label: str
    lines: int
    files: int
    left_out: int = 0
    largest: tuple[tuple[str, int], ...] = ()  # files with the most lines


def measure(change: Change, limits: Mapping[str, int] = LIMITS) -> Size:
    """The size of a change by `limits`: label -> lines up to which it holds, in ascending order."""
    read = [each for each in change.files if not each.generated]
    lines = sum(each.size for each in read)
    label = next((label for label, most in limits.items() if lines <= most), LARGEST)
    largest = sorted(((each.path, each.size) for each in read if each.size), key=lambda each: (-each[1], each[0]))
    return Size(
        label=label,
        lines=lines,
        files=len(read),
        left_out=sum(each.added + each.removed for each in change.files if each.generated),
        largest=tuple(largest[:5]),
    )


def labels(label: str, present: tuple[str, ...], prefix: str = "size/") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels to add and to take off, so that exactly one of ours stands on the pull request.

    GitHub takes `Size/s` and `size/S` for the same label.
    """
    wanted = f"{prefix}{label}"
    ours = {f"{prefix}{each}".casefold() for each in SIZES}
    there = any(each.casefold() == wanted.casefold() for each in present)
    others = [each for each in present if each.casefold() in ours - {wanted.casefold()}]
    return (() if there else (wanted,)), tuple(sorted(others))
