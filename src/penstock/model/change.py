"""What a change is: the files and lines that differ from the base, and the pull request that proposes it."""

from __future__ import annotations

from enum import StrEnum

from penstock.model.tested import Tested
from penstock.value import Value


class FileStatus(StrEnum):
    """What became of a file."""

    ADDED = "added"
    EDITED = "edited"
    DELETED = "deleted"
    RENAMED = "renamed"  # with or without an edit


class FileChange(Value, frozen=True, kw_only=True):
    """One file that differs. `path`: as it is now, or was before it was deleted; `before`: its name in the base, where
    that is another one. `added`, `removed`: lines (0 for a binary file). `lines`: first and last number of each run of
    lines that are new or edited, in the file as it is now. `generated`: a lock file, or one that .gitattributes names
    as generated: nobody reads it.
    """

    path: str
    status: FileStatus = FileStatus.EDITED
    before: str = ""
    added: int = 0
    removed: int = 0
    lines: tuple[tuple[int, int], ...] = ()
    binary: bool = False
    generated: bool = False

    @property
    def size(self) -> int:
        """Lines that a reader has to look at."""
        return 0 if self.generated else self.added + self.removed

    def touches(self, line: int) -> bool:
        """Whether the line, as it is now, is new or edited."""
        return any(first <= line <= last for first, last in self.lines)


class Sides(Value, frozen=True, kw_only=True):
    """One changed file's text: in the base, where it was called `was`, and now. None where it is not there."""

    path: str
    was: str
    before: str | None
    now: str | None


class Commit(Value, frozen=True, kw_only=True):
    """One commit of the change."""

    id: str
    subject: str
    body: str = ""


class Change(Value, frozen=True, kw_only=True):
    """All that differs between the merge base and the tree at hand.

    `base`: the merge base's commit id; `branch`: the branch that it was sought on; `commits`: since then, the oldest
    first. `conflicts`: paths that do not merge with the branch's newest commit; None: nobody could tell, and `unknown`
    says why.
    """

    base: str
    branch: str = ""
    files: tuple[FileChange, ...] = ()
    commits: tuple[Commit, ...] = ()
    conflicts: tuple[str, ...] | None = None
    unknown: str = ""

    def file(self, path: str) -> FileChange | None:
        """What happened to a file; None if nothing did."""
        return next((each for each in self.files if each.path == path), None)


class PullRequest(Value, frozen=True, kw_only=True):
    """What its author says of it. All of it is foreign text. `source`: "event" (the host's event file) or "branch"
    (made up from the local branch: its last commit's subject and body). `bot`: opened by an account of a program.
    """

    title: str
    body: str = ""
    number: int = 0
    author: str = ""
    bot: bool = False
    draft: bool = False
    labels: tuple[str, ...] = ()
    base: str = ""
    head: str = ""
    source: str = "event"


class Facts(Value, frozen=True, kw_only=True):
    """What is judged beside what was run. It is kept with the run, so that `gate` judges by the same.

    `change`: None where it is not known, or nothing asked for it; `unknown` then says why. `unread`: why the pull
    request that the host speaks of is not known; "" where it speaks of none, or it is. `packages`: where the project's
    own code lies, relative to the root. `baseline`: the fingerprints that a ratchet forgives, sorted: those of the
    base, or of the tree at hand where the base has none; `standing`: those that the tree at hand still names, None
    where they are the same; `found_by`: (tool's package, version) that they were found by, as far as it says so;
    `noted`: the same, as the tree at hand says. `weakened`: what the tree's configuration asks less for than the
    base's, in words; `why`: what the change says of it. `idled`: where the change itself marks tests as skipped or
    expected to fail: the place (a test, a file, a folder with "/") and the reason that it gives, "" for any;
    `deselected`: where it gives them marks by which they may be taken out. `proposed`: the host says that this is a
    pull request's run. `released`: the newest version that a tag before this commit names, and the tag; "" where there
    is none. `tested`: what is known of tests; None: nobody asked.
    """

    change: Change | None = None
    unknown: str = ""
    pull_request: PullRequest | None = None
    unread: str = ""
    packages: tuple[str, ...] = ()
    baseline: tuple[str, ...] = ()
    standing: tuple[str, ...] | None = None
    found_by: tuple[tuple[str, str], ...] = ()
    noted: tuple[tuple[str, str], ...] = ()
    weakened: tuple[str, ...] = ()
    idled: tuple[tuple[str, str], ...] = ()
    deselected: tuple[str, ...] = ()
    proposed: bool = False
    released: tuple[str, str] = ("", "")
    why: str = ""
    tested: Tested | None = None
