"""Titles by Conventional Commits 1.0.0, and what one that is not would be.

https://www.conventionalcommits.org/en/v1.0.0/: `type(scope)!: description`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from penstock.model.change import Change, FileStatus
from penstock.value import Value

# Those of @commitlint/config-conventional.
TYPES = ("build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test")
LONGEST = 100  # characters, as @commitlint/config-conventional; GitHub cuts a list of commits at 72
_SHORTEST = 3  # letters of a description that says anything
_HEAD = re.compile(r"(?P<type>[A-Za-z]+)(?:\((?P<scope>[^()\r\n]*)\))?(?P<breaking>!)?(?P<colon>:?)(?P<space>\s*)")
_GITHUBS = re.compile(r"^(?:\[(?:wip|draft)\]|wip:?|draft:)\s*", re.IGNORECASE)
_REVERT = re.compile(r'^Revert "(?P<title>.+)"$')
_SPELLINGS = {
    "bug": "fix", "bugfix": "fix", "hotfix": "fix", "fixes": "fix", "fixed": "fix",
    "feature": "feat", "features": "feat", "feats": "feat",
    "doc": "docs", "documentation": "docs",
    "tests": "test", "testing": "test",
    "refactoring": "refactor", "refact": "refactor", "performance": "perf", "optimization": "perf",
    "chores": "chore", "deps": "build", "dependencies": "build", "formatting": "style", "styles": "style",
}  # fmt: skip
_VERBS = {
    "add": "feat", "adds": "feat", "added": "feat", "implement": "feat", "introduce": "feat", "support": "feat",
    "allow": "feat", "enable": "feat",
    "correct": "fix", "repair": "fix", "resolve": "fix", "prevent": "fix", "handle": "fix", "avoid": "fix",
    "document": "docs", "explain": "docs",
    "cover": "test",
    "rename": "refactor", "move": "refactor", "extract": "refactor", "simplify": "refactor", "split": "refactor",
    "speed": "perf", "optimize": "perf", "optimise": "perf",
    "bump": "build", "upgrade": "build", "pin": "build",
    "format": "style", "reformat": "style",
}  # fmt: skip


class Title(Value, frozen=True, kw_only=True):
    """A title that follows the convention, in its parts."""

    type: str
    description: str
    scope: str = ""
    breaking: bool = False

    def __str__(self) -> str:
        """As it is written."""
        scope = f"({self.scope})" if self.scope else ""
        return f"{self.type}{scope}{'!' if self.breaking else ''}: {self.description}"


class Fault(Value, frozen=True, kw_only=True):
    """What is wrong with a title, and a title that would be right; "" if none can be guessed."""

    message: str
    suggestion: str = ""


def parse(text: str, types: Sequence[str] = TYPES) -> Title | Fault:
    """The title's parts, or the first thing that is wrong with it. `types`: those that are allowed."""
    match = _HEAD.match(text)
    if match is None or not match["colon"]:
        return Fault(message=f"no `type: description`: the type is one of {', '.join(types)}")
    kind, description = match["type"], text[match.end() :]
    if kind not in types:
        near = f" (meant: {_type(kind, types)})" if _type(kind, types) else ""
        return Fault(message=f"`{kind}` is not one of the types {', '.join(types)}{near}")
    if match["scope"] is not None and not match["scope"].strip():
        return Fault(message="the scope in the brackets is empty")
    if match["space"] != " ":
        return Fault(message="one space belongs between the colon and the description")
    fault = _of_description(text, description)
    if fault:
        return Fault(message=fault)
    return Title(type=kind, scope=match["scope"] or "", breaking=bool(match["breaking"]), description=description)


def _of_description(text: str, description: str) -> str:
    if sum(map(str.isalnum, description)) < _SHORTEST:
        return "the description says nothing"
    if description.rstrip() != description or "\n" in description:
        return "the title is one line, with nothing behind it"
    if description.endswith("."):
        return "a title does not end with a full stop"
    return f"it has {len(text)} characters, and {LONGEST} are enough" if len(text) > LONGEST else ""


def judge(text: str, change: Change | None, types: Sequence[str] = TYPES) -> Title | Fault:
    """As `parse`; what is wrong comes with a title that would be right. `change`: for a guess at the type."""
    found = parse(text, types)
    if isinstance(found, Title):
        return found
    corrected = suggest(text, change, types)
    right = corrected if isinstance(parse(corrected, types), Title) else ""
    return Fault(message=found.message, suggestion=right)


def suggest(text: str, change: Change | None, types: Sequence[str] = TYPES) -> str:
    """The title as it was probably meant; it may still be too long, which only its author can mend."""
    line = _GITHUBS.sub("", text.strip().partition("\n")[0].strip())
    reverted = _REVERT.match(line)
    if reverted and "revert" in types:
        return f"revert: {reverted['title']}"
    match = _HEAD.match(line)
    kind = _type(match["type"], types) if match else ""
    # Without a colon, `fix keep tabs` lacks one, and `Fix the crash` is a sentence.
    if match and kind and (match["colon"] or match["scope"] is not None or match["type"] in types):
        scope = f"({match['scope'].strip()})" if (match["scope"] or "").strip() else ""
        return f"{kind}{scope}{match['breaking'] or ''}: {_cleaned(line[match.end() :])}"
    rest = line[match.end() :] if match and match["colon"] else line
    return f"{_guess(rest, change, types)}: {_cleaned(rest)}"


def _type(word: str, types: Sequence[str]) -> str:
    """The allowed type that a word means; "" if none."""
    lower = word.lower()
    meant = lower if lower in types else _SPELLINGS.get(lower, "")
    return meant if meant in types else ""


def _cleaned(description: str) -> str:
    """Without what the convention does not want: blanks, a dash or colon in front, a full stop behind."""
    text = " ".join(description.split()).lstrip("-\N{EN DASH}\N{EM DASH}: ").rstrip(". ")
    first, _, rest = text.partition(" ")
    plain = first[:1].isupper() and first[1:].islower()  # a name or an abbreviation keeps its capitals
    return f"{first.lower()} {rest}".rstrip() if plain else text


def _guess(text: str, change: Change | None, types: Sequence[str]) -> str:
    """The type that the first word or the files speak for; else the first of fix, feat, chore that is allowed."""
    word = re.split(r"\W+", text.strip().lower(), maxsplit=1)[0]
    wanted = (_VERBS.get(word, ""), _type(word, types), _of_files(change), "chore", "fix", "feat", *types)
    return next(each for each in wanted if each in types)


def _of_files(change: Change | None) -> str:
    """What all files of the change have in common."""
    if change is None or not change.files:
        return ""
    kinds = {_kind(each.path) for each in change.files}
    if "" not in kinds:
        return kinds.pop() if len(kinds) == 1 else ""
    added = any(each.status is FileStatus.ADDED and _kind(each.path) == "" for each in change.files)
    return "feat" if added else ""


def _kind(path: str) -> str:
    """docs, test, ci or build; "" for all else."""
    folders, _, name = path.rpartition("/")
    parts = set(folders.split("/"))
    if path.startswith((".github/", ".circleci/", ".gitlab")) or name == ".gitlab-ci.yml":
        return "ci"
    if parts & {"tests", "test"} or name.startswith("test_") or name == "conftest.py":
        return "test"
    if "docs" in parts or name.endswith((".md", ".rst")):
        return "docs"
    return "build" if name in _BUILD else ""


_BUILD = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "uv.lock", "poetry.lock", "pdm.lock", "Cargo.toml"})


def is_breaking(title: Title | Fault, bodies: Iterable[str]) -> bool:
    """Whether it says that it breaks something: by `!`, or by a `BREAKING CHANGE:` footer (or `BREAKING-CHANGE:`)."""
    told = isinstance(title, Title) and title.breaking
    return told or any(re.search(r"(?m)^BREAKING[ -]CHANGE: \S", body) for body in bodies)
