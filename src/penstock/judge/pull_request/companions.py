"""What should come with a change: tests with its code, documentation with its public interface."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.model.change import Change, FileChange, FileStatus
from penstock.value import Value

_CODE = (".py", ".pyx", ".pyi", ".rs", ".c", ".cc", ".cpp", ".h", ".hpp")
_NO_CODE = frozenset({"conftest.py", "noxfile.py", "setup.py", "tasks.py"})
_DOCS = (".md", ".rst", ".txt", ".ipynb", ".adoc")


class Sides(Value, frozen=True, kw_only=True):
    """The paths of a change by what they are."""

    source: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()


def sides(change: Change, packages: Iterable[str]) -> Sides:
    """Sort the files. `packages`: where the project's own code lies, relative to the root; a module is its file.

    A file that was only moved changes nothing; one that was deleted needs no test.
    """
    roots = tuple(packages)
    alive = [each for each in change.files if not each.generated and not _is_moved(each)]
    tests = tuple(each.path for each in alive if is_test(each.path))
    changed = [each for each in alive if each.status is not FileStatus.DELETED and not is_test(each.path)]
    return Sides(
        source=tuple(each.path for each in changed if _is_source(each.path, roots)),
        tests=tests,
        docs=tuple(each.path for each in alive if is_document(each.path)),
    )


def _is_moved(each: FileChange) -> bool:
    return each.status is FileStatus.RENAMED and not each.added and not each.removed


def is_test(path: str) -> bool:
    """Whether it is a test, or stands among tests."""
    *folders, name = path.split("/")
    among = any(folder in {"tests", "test", "testing"} for folder in folders)
    return among or (name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py")))


def is_document(path: str) -> bool:
    """Whether people read it: documentation, a change log, a fragment of one."""
    *folders, name = path.split("/")
    fragments = {"changes", "newsfragments", "changelog.d", "news", "docs", "doc"}
    return bool(fragments.intersection(folders)) or (name.lower().endswith(_DOCS) and not is_test(path))


def _is_source(path: str, roots: tuple[str, ...]) -> bool:
    if not path.endswith(_CODE) or path.rpartition("/")[2] in _NO_CODE:
        return False
    inside = any(path == root or path.startswith(f"{root.rstrip('/')}/") for root in roots)
    return inside or not roots or path.endswith((".rs", ".c", ".cc", ".cpp", ".h", ".hpp", ".pyx"))
