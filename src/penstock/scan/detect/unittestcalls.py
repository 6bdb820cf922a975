"""The words of a unittest command, and of runners that run unittest classes of whole packages."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.scan.detect.invocation import Invocation
from penstock.scan.detect.tree import Tree


def read(words: Sequence[str]) -> Invocation:
    """Unittest's words: `discover` options stay options (-s, -t, -p), names and files are paths."""
    argv: list[str] = []
    paths: list[str] = []
    queue = [word for word in words if "{" not in word and "$" not in word]
    discover = queue[:1] == ["discover"]
    queue = queue[1:] if discover else queue
    positional = ["-s", "-p", "-t"]
    while queue:
        word = queue.pop(0)
        if word in {"-s", "--start-directory", "-t", "--top-level-directory", "-p", "--pattern", "-k"} and queue:
            short = {"--start-directory": "-s", "--top-level-directory": "-t", "--pattern": "-p"}.get(word, word)
            argv += [short, queue.pop(0).rstrip("/")]
        elif word.startswith(("--start-directory=", "--top-level-directory=", "--pattern=")):
            argv += [{"s": "-s", "t": "-t", "p": "-p"}[word[2]], word.partition("=")[2].rstrip("/")]
        elif word.startswith("-"):
            argv += [] if word in {"-v", "-q", "-vv", "--verbose", "--quiet", "-f", "--failfast"} else [word]
        elif discover and positional:
            argv += [positional.pop(0), word.rstrip("/")]
        else:
            paths.append(word)
    return Invocation(runner="unittest", argv=tuple(argv), paths=tuple(paths))


def of_packages(words: Sequence[str], tree: Tree, names: set[str]) -> Invocation | None:
    """trial, virtue, green …: run whole packages by dotted name; unittest's discovery finds the same tests."""
    targets = [word for word in words if not word.startswith("-") and "{" not in word]
    for target in targets:
        path = target.replace(".", "/").removesuffix("/py")
        folder = next((f"{base}{path}" for base in ("src/", "", "lib/") if f"{base}{path}" in tree.folders), None)
        if folder is not None and (target.partition(".")[0].partition("/")[0] in names or "test" in target):
            top = "src" if folder.startswith("src/") else ("lib" if folder.startswith("lib/") else ".")
            return Invocation(runner="unittest", argv=("-s", folder, "-t", top))
    return None
