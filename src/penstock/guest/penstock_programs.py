"""The program in a file: of Python, of the code blocks of a Markdown page, of a notebook's cells (stdlib, >= 3.9).

    python penstock_programs.py PATH     run the code blocks of a Markdown page, one after another, as one program

The text has the lines of the page where they stand, so that every error names its own line there.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import tokenize
import types
from typing import Any, NamedTuple

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*)$")
_PYTHON = frozenset({"python", "python3", "py", "py3"})
_NOT_RUN = "no-run"  # in a block's first line, behind the language: it is compiled, and not run
_MAGIC = ("%", "!", "?")
_ASYNC = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


class Program(NamedTuple):
    """`text`: what is run; `aside`: what is compiled only; `cells`: first line -> number, of a notebook's code cells;
    `parts`: how many blocks or cells there are; `language`: of a notebook's kernel.
    """

    text: str
    aside: tuple[str, ...] = ()
    cells: tuple[tuple[int, int], ...] = ()
    parts: int = 1
    language: str = "python"

    def place(self, line: int) -> str:
        """`In [3], line 2` for a line of a notebook, "" elsewhere."""
        known = [(first, number) for first, number in self.cells if first <= line]
        return f"In [{known[-1][1]}], line {line - known[-1][0] + 1}" if known else ""


def source_of(path: str) -> Program:
    """The program. Raises OSError, SyntaxError (an encoding), ValueError for what is no notebook."""
    if path.endswith(".md"):
        with open(path, encoding="utf-8", errors="replace") as stream:
            return of_markdown(stream.read())
    if path.endswith(".ipynb"):
        with open(path, encoding="utf-8") as stream:
            return of_notebook(stream.read())
    with tokenize.open(path) as stream:
        return Program(stream.read())


def compiled(path: str, program: Program) -> Any:
    """The code. Raises SyntaxError, ValueError."""
    flags = _ASYNC if path.endswith(".ipynb") else 0
    for text in program.aside:
        compile(text, path, "exec", dont_inherit=True)
    return compile(program.text, path, "exec", flags=flags, dont_inherit=True)


def of_markdown(text: str) -> Program:
    """All Python blocks in their lines; a block of a `>>>` session without what it prints."""
    lines = text.splitlines()
    kept = [""] * len(lines)
    aside: list[str] = []
    parts = 0
    at = 0
    while at < len(lines):
        opened = _FENCE.match(lines[at])
        if opened is None:
            at += 1
            continue
        end = _closing(lines, at, opened["fence"])
        words = opened["info"].lower().split()
        if words and words[0].strip("{}.") in _PYTHON:
            parts += 1
            block = _block(lines[at + 1 : end], len(opened["indent"]))
            if _NOT_RUN in words:
                aside.append("\n" * (at + 1) + "\n".join(block))
            else:
                kept[at + 1 : end] = block
        at = end + 1
    return Program("\n".join(kept) + "\n", aside=tuple(aside), parts=parts)


def _closing(lines: list[str], opened: int, fence: str) -> int:
    """The line of the closing fence, or behind the last line."""
    for at in range(opened + 1, len(lines)):
        stripped = lines[at].strip()
        if len(stripped) >= len(fence) and stripped == fence[0] * len(stripped):
            return at
    return len(lines)


def _block(lines: list[str], indent: int) -> list[str]:
    """The lines of a block without the fence's own indentation; of a session, its statements."""
    block = [line[min(indent, len(line) - len(line.lstrip())) :] for line in lines]
    if next((line for line in block if line.strip()), "").lstrip().startswith(">>>"):
        import doctest

        bare: list[str] = [""] * len(block)
        for example in doctest.DocTestParser().get_examples("\n".join(block) + "\n"):
            for offset, line in enumerate(example.source.splitlines()):
                bare[example.lineno + offset] = line
        return bare
    return block


def of_notebook(text: str) -> Program:
    """All code cells, one behind the other, without IPython's own commands. Raises ValueError."""
    notebook = json.loads(text)
    found = notebook.get("cells") if isinstance(notebook, dict) else None
    if found is None:
        raise ValueError("it is no notebook of version 4: it has no cells")
    lines: list[str] = []
    cells: list[tuple[int, int]] = []
    for cell in found if isinstance(found, list) else ():
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            cells.append((len(lines) + 1, len(cells) + 1))
            lines += _without_magic("".join(source) if isinstance(source, list) else str(source)).split("\n")
    return Program("\n".join(lines) + "\n", cells=tuple(cells), parts=len(cells), language=_language(notebook))


def _language(notebook: dict[str, Any]) -> str:
    about = notebook.get("metadata")
    for part in ("kernelspec", "language_info"):
        known = about.get(part) if isinstance(about, dict) else None
        if isinstance(known, dict):
            return str(known.get("language") or known.get("name") or "python").lower()
    return "python"


def _without_magic(source: str) -> str:
    try:
        compile(source, "cell", "exec", flags=_ASYNC, dont_inherit=True)
    except (SyntaxError, ValueError):
        pass
    else:
        return source
    if source.lstrip().startswith("%%"):  # the whole cell is another language's, or has arguments of its own
        return "\n" * source.count("\n")
    plain = re.sub(r"(?m)(=[ \t]*)[!%].*$", r"\1None", source)  # `files = !ls`
    return "\n".join(
        f"{line[: len(line) - len(line.lstrip())]}pass" if _is_magic(line) else line for line in plain.split("\n")
    )


def _is_magic(line: str) -> bool:
    bare = line.strip()
    return bare.startswith(_MAGIC) or (bare.endswith("?") and "#" not in bare)


def main(path: str) -> int:
    """Run a page's blocks as `__main__`, with the folder that they run in first on the path."""
    code = compiled(path, source_of(path))
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [os.getcwd(), *(place for place in sys.path if place != own)]
    sys.argv = [path]
    page = types.ModuleType("__main__")
    page.__dict__["__file__"] = path
    sys.modules["__main__"] = page
    exec(code, page.__dict__)  # noqa: S102 - to run the page is what was asked for
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
