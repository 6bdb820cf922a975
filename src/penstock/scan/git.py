"""The checkout's state. git is never needed: without it the tree is read as it lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from penstock.model.snapshot import Git
from penstock.ports import Processes
from penstock.util.process import Completed
from penstock.value import Value

# A hook's git sets these for itself; what is tested is the tree on the disk.
_FOREIGN = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX"}
)
# Not how far the upstream branch is: in a large repository that is a walk through its history.
_STATUS = ("status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--", ".")
_FIELDS = {"1": 8, "2": 9, "u": 10}  # what stands before the name in an entry of each kind


class _Status(Value, frozen=True, kw_only=True):
    """What `git status --porcelain=v2 --branch -z` says."""

    oid: str = "(initial)"
    head: str = "(detached)"
    dirty: bool = False
    touched: tuple[str, ...] = ()  # relative to the repository's top, a folder that is new as a whole with "/"


def ask(
    root: Path, arguments: tuple[str, ...], processes: Processes, environ: Mapping[str, str], *, timeout_s: float = 60.0
) -> Completed | str:
    """Run git in `root`. Returns how it ended, or in words why it could not be asked.

    No index lock is taken (it would collide with the user's own git), and the repository's own fsmonitor program is
    not started: it would run code of the checkout and leave a daemon behind.
    """
    argv = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", *arguments)
    kept = {name: value for name, value in environ.items() if name not in _FOREIGN}
    kept |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        return processes.run(argv, directory=str(root), environment=kept, timeout_s=timeout_s)
    except FileNotFoundError:
        return "git is not installed"
    except (TimeoutError, OSError) as error:
        return f"git could not be asked: {error}"


def said(root: Path, arguments: tuple[str, ...], processes: Processes, environ: Mapping[str, str]) -> str | None:
    """What git put out; None where it refused, or could not be asked."""
    done = ask(root, arguments, processes, environ)
    return None if isinstance(done, str) or done.exit_code != 0 else done.stdout.decode("utf-8", "replace")


def read(root: Path, processes: Processes, environ: Mapping[str, str], *, certain: bool = True) -> Git:
    """The state of the checkout that `root` belongs to; where there is none, `note` says why, if that is not plain.

    `root` may be a subfolder of the repository: `dirty`, `touched` and the submodules are then those below it. A folder
    of which the repository tracks no file (a source distribution unpacked inside another checkout) does not belong to
    it; that is not asked, and is a process less, unless it has to be `certain`.
    """
    top = top_of(root)
    if top is None:
        bare = all((root / name).exists() for name in ("HEAD", "objects", "refs"))
        return Git(state="none", note="a bare repository: it has no files to test" if bare else "")
    done = ask(root, _STATUS, processes, environ)
    if isinstance(done, str) or done.exit_code != 0:
        return Git(state="none", note=_refusal(done))
    if certain and top != root and not _tracks(root, processes, environ):
        return Git(state="none", note=f"the repository in {top} tracks no file of this folder")
    return _state(_status(done.stdout), root, top)


def commit_time_s(root: Path, processes: Processes, environ: Mapping[str, str]) -> int | None:
    """When the checked out commit was made, in epoch seconds, UTC; None where there is none.

    Not a part of `read`: few want it, and a process is a tenth of a start.
    """
    done = ask(root, ("log", "-1", "--no-show-signature", "--format=%ct"), processes, environ)
    if isinstance(done, str) or not done.stdout.strip().isdigit():
        return None
    return int(done.stdout)


def _state(status: _Status, root: Path, top: Path) -> Git:
    unborn = status.oid == "(initial)"
    detached = status.head == "(detached)"
    return Git(
        state="unborn" if unborn else "detached" if detached else "branch",
        commit=None if unborn else status.oid,
        branch=None if detached else status.head,
        shallow=(common(top) / "shallow").is_file(),
        dirty=status.dirty,
        touched=tuple(_below(status.touched, root, top)),
        empty_submodules=tuple(_empty_submodules(root, top)),
    )


def top_of(root: Path) -> Path | None:
    """The nearest folder from `root` upwards that holds a `.git`; a file in a worktree or a submodule."""
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            return folder
    return None


def common(top: Path) -> Path:
    """The repository's folder, which worktrees share."""
    found = top / ".git"
    try:
        if found.is_file():
            found = top / found.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        return found / (found / "commondir").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return found


def _refusal(done: Completed | str) -> str:
    """Why git did not answer, in a sentence with the remedy where one is known."""
    if isinstance(done, str):
        return done
    said = done.stderr.decode("utf-8", "replace").strip()
    if "dubious ownership" in said:
        return "the checkout belongs to another user: `git config --global --add safe.directory FOLDER` trusts it"
    return f"git refused: {said.splitlines()[0] if said else f'exit code {done.exit_code}'}"


def _status(output: bytes) -> _Status:
    headers: dict[str, str] = {}
    touched: list[str] = []
    lines = iter(output.decode("utf-8", "surrogateescape").split("\0"))
    for line in lines:
        if line.startswith("# "):
            name, _, value = line[2:].partition(" ")
            headers[name] = value
        elif line:
            touched.append(line.split(" ", _FIELDS.get(line[0], 1))[-1])
            if line.startswith("2"):
                next(lines, "")  # its name of before
    return _Status(
        oid=headers.get("branch.oid", "(initial)"),
        head=headers.get("branch.head", "(detached)"),
        dirty=bool(touched),
        touched=tuple(touched),
    )


def _below(paths: tuple[str, ...], root: Path, top: Path) -> Iterator[str]:
    """What may be a Python file or hold one, relative to `root`."""
    prefix = "" if root == top else f"{root.relative_to(top).as_posix()}/"
    for path in paths:
        name = path.removeprefix(prefix)
        if name and path.startswith(prefix) and name.endswith((".py", "/")):
            yield name


def _tracks(root: Path, processes: Processes, environ: Mapping[str, str]) -> bool:
    done = ask(root, ("ls-files", "-z", "--", "."), processes, environ)
    return not isinstance(done, str) and bool(done.stdout)


def _empty_submodules(root: Path, top: Path) -> Iterator[str]:
    """Declared submodules below `root` whose files are not there, relative to `root`."""
    try:
        text = (top / ".gitmodules").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    for line in text.splitlines():
        name, _, value = line.partition("=")
        folder = top / value.strip().strip('"')
        if name.strip() == "path" and folder.is_relative_to(root) and not _holds_something(folder):
            yield folder.relative_to(root).as_posix()


def _holds_something(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False
