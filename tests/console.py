"""Documentation that is run: the ```console blocks of a page, one shell a page, and what they were said to print.

`$ command` lines are run, `> ` continues one; what follows is what it prints, in order, `…` standing for anything that
was left out. Durations, run ids and ages differ from run to run and compare equal. A block such as ```toml file=NAME is
written to that file first, and a failure's token means the last run's. A page that says `<!-- project: PATH -->` is run
in a copy of that folder of the repository.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_PROJECT = re.compile(r"<!-- project: (\S+) -->")
_MARK = "\x1e"
_TOKEN = re.compile(r"\b[0-9a-f]{6}\.(\d+)\b")  # a page shows whole tokens; the number alone means the last run's
_VARIES = (
    (re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}"), "RUN"),
    (re.compile(r"\brun [0-9a-f]{6}\b"), "run RUN"),
    (re.compile(r"\b[0-9a-f]{6}\.(\d+)\b"), r"RUN.\1"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "DIGEST"),
    (re.compile(r"\b\d+h\d\dm\b|\b\d+m\d\ds\b|\b\d+\.\d+s\b"), "TIME"),
    (re.compile(r"\b\d+[smhd] ago\b|\bjust now\b"), "AGE"),
    (re.compile(r"\b\d+ processors\b"), "N processors"),
    (re.compile(r" {2,}"), "  "),  # columns move with the widths of the others
    (re.compile(r"  TIME of work beside other jobs$"), ""),  # whether a processor was free
)


_LEGS = re.compile(
    r"\S+@\S+(?:, \S+@[^\s,]+)+"
)  # what several legs share is told of them in the order in which they ended


class Step(NamedTuple):
    """A command and the lines that the page says it prints."""

    command: str
    printed: tuple[str, ...]


class Page(NamedTuple):
    """A page's steps, in order; a `Path` step is a file to write, with its content."""

    project: str | None
    steps: tuple[Step | tuple[Path, str], ...]


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The info string and the body of each fenced block."""
    for match in _FENCE.finditer(text):
        yield match["info"].strip(), match["body"]


def read(text: str) -> Page:
    """What of a page is to be run."""
    steps: list[Step | tuple[Path, str]] = []
    for info, body in blocks(text):
        language, _, name = info.partition(" file=")
        if name:
            steps.append((Path(name), body))
        elif language == "console":
            steps.extend(_steps(body))
    project = _PROJECT.search(text)
    return Page(project[1] if project else None, tuple(steps))


def _steps(body: str) -> Iterator[Step]:
    command: list[str] = []
    printed: list[str] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            if command:
                yield Step("\n".join(command), tuple(printed))
            command, printed = [line[2:]], []
        elif line.startswith("> ") and not printed:
            command.append(line[2:])
        else:
            printed.append(line)
    if command:
        yield Step("\n".join(command), tuple(printed))


def play(page: Page, folder: Path) -> list[str]:
    """What each command of the page really prints, run one after another in one shell that starts in `folder`."""
    if page.project:
        shutil.copytree(
            ROOT / page.project, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*_cache", ".penstock")
        )
    script = [f"__code=0; __mark() {{ __code=$?; printf '\\n{_MARK}\\n'; return $__code; }}"]
    for step in page.steps:
        if isinstance(step, Step):
            script += ["__mark", _TOKEN.sub(r"\1", step.command)]
        else:
            path, content = step
            script.append(
                f"__code=$?; mkdir -p '{path.parent}'; cat > '{path}' <<'__END'\n{content}__END\n(exit $__code)"
            )
    environment = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment |= {"LC_ALL": "C.UTF-8", "GIT_AUTHOR_NAME": "you", "GIT_AUTHOR_EMAIL": "you@example.org"}
    environment |= {"GIT_COMMITTER_NAME": "you", "GIT_COMMITTER_EMAIL": "you@example.org"}
    ended = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=900,
        check=False,
    )
    return ended.stdout.decode("utf-8", "replace").split(f"\n{_MARK}\n")[1:]


def missing(step: Step, output: str) -> str | None:
    """The first line that the page shows and that the command did not print, or None. Jobs end in any order."""
    real = [alike(line) for line in output.splitlines()]
    for line in step.printed:
        if line.strip() in ("", "…"):
            continue
        wanted = re.compile(".*".join(map(re.escape, alike(line).split("…"))))
        found = next((number for number, text in enumerate(real) if wanted.fullmatch(text)), None)
        if found is None:
            return line
        del real[found]
    return None


def alike(line: str) -> str:
    """The line without what differs from run to run."""
    for pattern, word in _VARIES:
        line = pattern.sub(word, line)
    return _LEGS.sub(lambda found: ", ".join(sorted(found[0].split(", "))), line).rstrip()
