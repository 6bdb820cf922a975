"""A small package whose public interface breaks in every way that griffe knows, and what was recorded of it."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.guest_runs import write
from tests.fakes.repository import call, save

BEFORE = {
    "src/pkg/__init__.py": (
        "from pkg._impl import run\nfrom pkg._core import fast\nfrom pkg._stubbed import quick\n"
        "from pkg.sub import *\nimport json\n"
    ),
    "src/pkg/_impl.py": "def run(a, b=1, *, c=2) -> int:\n    return 1\n",
    "src/pkg/_stubbed.pyi": "def quick(a: int, b: int = ...) -> int: ...\n",
    "src/pkg/sub/__init__.py": (
        "class K(dict):\n    def m(self, x): ...\n    def gone(self): ...\nLIMIT = 3\ndef mv(a, b): ...\n"
    ),
    "src/pkg/other.py": "def o(): ...\n",
}
AFTER = {
    "src/pkg/_impl.py": "def run(a, d, b=2) -> int:\n    return 1\n",
    "src/pkg/_stubbed.pyi": "def quick(a: int) -> int: ...\n",
    "src/pkg/sub/__init__.py": ("\n\nclass K:\n    def m(self, x, y): ...\ndef LIMIT(): ...\ndef mv(b, a): ...\n"),
}


def branched(root: Path, before: dict[str, str], after: dict[str, str], *, gone: tuple[str, ...] = ()) -> Path:
    """A repository with `before` on main, and on a branch the working tree of `after`."""
    write(root, before)
    call(root, "init", "-q", "-b", "main")
    save(root, "feat: begin")
    call(root, "checkout", "-q", "-b", "mine")
    write(root, after)
    for name in gone:
        (root / name).unlink()
    return root
