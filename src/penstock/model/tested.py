"""What tests were before this change, and what looks like a test and was not collected."""

from __future__ import annotations

from penstock.value import Value


class JobBefore(Value, frozen=True, kw_only=True):
    """One test job in the run that counts. `job`: its id, without the shard.

    `skipped`, `xfailed`: ids of tests. `hidden`: tests that ran then, have no end now, and are still in the tree.
    `gone`: how many others ran then and have no end now.
    """

    job: str
    skipped: tuple[str, ...] = ()
    xfailed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    gone: int = 0


class Before(Value, frozen=True, kw_only=True):
    """The run that this one's tests are held against: of the base's commit, or the last protected one.

    `ran`: how many tests ran, each once however many legs it ran on.
    """

    run: str
    commit: str
    of_base: bool
    ran: int
    jobs: tuple[JobBefore, ...] = ()

    def __str__(self) -> str:
        """`the base, 1a2b3c4`."""
        return f"the {'base' if self.of_base else 'last protected run'}, {self.commit[:7]}"


class Lookalike(Value, frozen=True, kw_only=True):
    """Something in the tree that looks like a test. `name`: `TestA::test_b` in its file; "" = the whole file.

    `why`: why it cannot be collected, in words; "" where it looks as if it should be. `doubt`: it may well be right
    (a condition that only the machine decides, a sample for other tests): told, and no more. `lost`: it is not the one
    that is collected under its name. `new`: the change at hand adds or edits it.
    """

    path: str
    line: int
    name: str = ""
    why: str = ""
    doubt: bool = False
    lost: bool = False
    new: bool = False

    @property
    def id(self) -> str:
        """As pytest would name it."""
        return f"{self.path}::{self.name}" if self.name else self.path


class Tested(Value, frozen=True, kw_only=True):
    """What is known of tests beside what was run.

    `before`: None where nothing is known; `unread`: there is a record, and why it cannot be read. `lookalikes`: what
    looks like a test and has no end here; None: nobody looked, and `unseen` says why.
    """

    before: Before | None = None
    unread: str = ""
    lookalikes: tuple[Lookalike, ...] | None = None
    unseen: str = ""
