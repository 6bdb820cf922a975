"""Marks in the source that silence a tool, which a change brings in: floods of them, and those for whole files.

One mark on one line is the tools' own way of an exception, and stands in the diff beside what it excuses: a few pass
without a word. Many of them in few lines are another thing: what the tools ask for is switched off, line by line.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from penstock.model.change import Sides
from penstock.util.plural import plural

FREE = 3  # marks that any change may bring
SHARE = 2  # marks in a hundred new lines of Python, beyond these

LONG = 30  # lines of a block that one mark may take out of the coverage
_UNCHECKED = re.compile(r"^[ \t]*@(?:\w+\.)?no_type_check\b", re.MULTILINE)

_PYTHON = (".py", ".pyi")
# For one line, or one statement.
_LINE = {
    "noqa": r"noqa\b",
    "type: ignore": r"type:\s*ignore\b",
    "pragma: no cover": r"pragma:?\s*no\s*(?:cover|branch)\b",
    "nosec": r"nosec\b",
    "pylint: disable": r"pylint:\s*disable(?:-next)?\s*=",
    "pyright: ignore": r"(?:(?:pyright|ty|pyrefly|zuban):\s*ignore|pyre-(?:ignore|fixme))\b(?!-)",
    "ruff: ignore": r"ruff:\s*ignore\b",
    "fmt: off": r"(?:fmt|yapf):\s*(?:off|skip|disable)\b",
    "isort: skip": r"isort:\s*(?:skip|off)\b(?!_file)",
    "deptry: ignore": r"deptry:\s*ignore\b",
}
# For all that follows, or the whole file, or a secret: one is enough. The word that is shown is the mark's own.
_FILE = (
    r"(?:ruff|flake8):\s*noqa\b|ruff:\s*(?:disable|file-ignore|isort:\s*skip_file)\b|mypy:\s*[\w-]+|"
    r"pylint:\s*skip-file\b|isort:\s*skip_file\b|pyright:\s*(?!ignore\b|strict\b)[\w=]+|pyre-ignore-all-errors\b|"
    r"ty:\s*ignore-file\b|pragma:?\s*(?:allow|white)list\s+(?:nextline\s+)?secret"
)
_OF_FILES = re.compile(f"#\\s*({_FILE})", re.IGNORECASE)
_OF_LINES = {kind: re.compile(f"#\\s*{pattern}", re.IGNORECASE) for kind, pattern in _LINE.items()}
_ANY = re.compile(
    "|".join((_OF_FILES.pattern, *(each.pattern for each in _OF_LINES.values()), r"no_type_check")), re.IGNORECASE
)
_TIGHTER = re.compile(r"mypy:\s*(?:strict|disallow|warn|check|enable|no-implicit|local-partial)", re.IGNORECASE)
_COVER = "pragma: no cover"
_WHOLE = "type: ignore"  # at the top of a file it is for all of it
_QUIET = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING}


def told(sides: Iterable[Sides], added: int) -> Iterator[str]:
    """In words, what is too much. `added`: how many lines of Python the change adds or edits."""
    lines: Counter[str] = Counter()
    files: Counter[str] = Counter()
    first: dict[str, str] = {}
    for each in sides:
        if not each.path.endswith(_PYTHON) and not each.was.endswith(_PYTHON):
            continue
        was, now = marks(each.before or ""), marks(each.now or "")
        lines.update(now[0])
        lines.subtract(was[0])
        files.update(now[1])
        files.subtract(was[1])
        for mark in now[1] - was[1]:
            first.setdefault(mark, each.path)
    yield from (
        f"{path}: `# {mark}` silences a tool for {_span(mark)}" for mark, path in first.items() if files[mark] > 0
    )
    more = +lines
    number = more.total()
    if is_flood(number, added):
        kinds = ", ".join(f"{count} {kind}" for kind, count in more.most_common())
        yield (
            f"{plural(number, 'mark')} that silence a tool in {plural(added, 'new line')} of Python ({kinds}): "
            f"more than {FREE}, and than {SHARE} in 100"
        )


def _span(mark: str) -> str:
    if mark == _COVER:
        return f"a block of more than {plural(LONG, 'line')}"
    return "a secret" if mark.endswith("secret") else "a whole file"


def stubs(sides: Iterable[Sides], files: Collection[str]) -> Iterator[str]:
    """Stubs that came in beside the source: a type checker reads them in its place. `files`: those of the tree."""
    for each in sides:
        if each.before is None and each.now is not None and each.path.endswith(".pyi") and each.path[:-1] in files:
            yield f"{each.path} came in, and hides {each.path[:-1]} from type checkers"


def is_flood(number: int, added: int) -> bool:
    """Whether so many marks in so many new lines are more than exceptions."""
    return number > FREE and 100 * number > SHARE * added


def marks(text: str) -> tuple[Counter[str], Counter[str]]:
    """How many marks of each kind are for a line, and of each word for a whole file."""
    lines: Counter[str] = Counter()
    files: Counter[str] = Counter()
    if _ANY.search(text) is None:  # a quick look: the most of files have none
        return lines, files
    for comment, top in _comments(text):
        rest = comment
        for match in _OF_FILES.finditer(comment):
            if not _TIGHTER.match(match[1]):
                files[" ".join(match[1].lower().split())] += 1
            rest = rest.replace(match[0], "")
        for kind, pattern in _OF_LINES.items():
            number = len(pattern.findall(rest))
            whole = number and top and kind == _WHOLE
            (files if whole else lines)[kind] += number
    lines["no_type_check"] += len(_UNCHECKED.findall(text))
    if "cover" in text:
        files[_COVER] += sum(1 for _ in _hidden_blocks(text))
    return +lines, +files


def _hidden_blocks(text: str) -> Iterator[int]:
    """The first lines of long blocks that one mark takes out of the coverage."""
    import ast

    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError):
        return
    marked = {n for n, line in enumerate(text.splitlines(), start=1) if _OF_LINES[_COVER].search(line)}
    for node in nodes:
        body = getattr(node, "body", None)
        if isinstance(node, ast.stmt) and isinstance(body, list) and body:
            header = range(node.lineno, body[0].lineno)
            if marked.intersection(header) and (node.end_lineno or 0) - node.lineno >= LONG:
                yield node.lineno


def _comments(text: str) -> list[tuple[str, bool]]:
    """Each comment, and whether nothing but comments stands before it. Of no Python, all that looks like one."""
    top = True
    found: list[tuple[str, bool]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found.append((token.string, top))
            top = top and token.type in _QUIET
    except (tokenize.TokenError, SyntaxError, ValueError):
        return [(match[0], False) for match in re.finditer(r"#.*", text)]
    return found
