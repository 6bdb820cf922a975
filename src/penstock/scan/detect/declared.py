"""A declared environment: what a tox env, nox session, hatch env, Makefile target, task or CI job installs and runs."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Sequence

from penstock.errors import Place
from penstock.scan.detect.requirement import canonical, is_url
from penstock.value import Value

POSARGS = "{posargs}"  # stands where the caller's own arguments go; removed when a command is recognised


class Needs(Value, frozen=True, kw_only=True):
    """What goes into an environment. `project`: the project itself; `local`: other folders of the tree."""

    requirements: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    project: bool = False

    def plus(self, other: Needs) -> Needs:
        """Both, without repetition, in order."""
        return Needs(
            requirements=unique(self.requirements, other.requirements),
            files=unique(self.files, other.files),
            constraints=unique(self.constraints, other.constraints),
            extras=unique(self.extras, other.extras),
            groups=unique(self.groups, other.groups),
            project=self.project or other.project,
        )


class Declared(Value, frozen=True, kw_only=True):
    """One declared environment. `default`: its source runs it when asked for nothing in particular.

    `directory`: where its commands run, relative to the root. `isolated`: its needs are its own (tox, nox, hatch);
    otherwise the commands run in whatever environment the caller has (make, tasks).
    """

    source: str  # "tox" | "nox" | "hatch" | "pixi" | "task" | "make" | "script" | "cibuildwheel" | "ci" | "text"
    name: str
    place: Place
    needs: Needs = Needs()
    commands: tuple[tuple[str, ...], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    default: bool = True
    isolated: bool = True
    directory: str = ""
    lines: tuple[int, ...] = ()  # of each command, where known

    def at(self, command: int) -> Place:
        """Where a command stands."""
        return Place(path=self.place.path, line=self.lines[command]) if self.lines else self.place

    @property
    def title(self) -> str:
        """For people: `tox env py313`."""
        kinds = {"tox": "tox env ", "nox": "nox session ", "hatch": "hatch env ", "ci": "CI ", "text": "", "script": ""}
        return f"{kinds.get(self.source, self.source + ' ')}{self.name}"

    @property
    def label(self) -> str:
        """With its place: `tox env py313 (tox.ini:12)`."""
        return f"{self.title} ({self.place})"


def unique(*groups: Iterable[str]) -> tuple[str, ...]:
    """All items in order, each once."""
    return tuple(dict.fromkeys(item for group in groups for item in group))


_QUOTING = re.compile(r"['\"\\#]")  # without these `shlex` does nothing that `split` does not, at 20 times the cost


def words(line: str) -> tuple[str, ...]:
    """A command line as argv. A line with an unclosed quote is split at blanks."""
    if not _QUOTING.search(line):
        return tuple(line.split())
    try:
        return tuple(shlex.split(line, comments=True))
    except ValueError:
        return tuple(line.split())


def script_lines(text: str) -> list[tuple[str, ...]]:
    """The commands of a shell fragment: continuations joined, cut at `&&`, `||`, `;` and `|`.

    What follows `cd FOLDER` becomes `env --chdir=FOLDER …`.
    """
    joined = re.sub(r"\\\n\s*", " ", text)
    found = []
    folder = ""
    for line in joined.splitlines():
        for argv in _parts(line):
            if argv[:1] == ("cd",):
                folder = _entered(folder, argv[1] if len(argv) > 1 else "")
            elif argv:
                found.append(("env", f"--chdir={folder}", *argv) if folder else argv)
    return found


def _parts(line: str) -> list[tuple[str, ...]]:
    """The commands of one line, in which quoted separators separate nothing."""
    if "'" in line or '"' in line:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        try:
            return _cut(list(lexer))
        except ValueError:  # a quote that another line closes
            return [words(re.split(r"\s(?:\$\(|[12&]?>)", line)[0])]
    return [words(re.split(r"\s(?:\$\(|[12&]?>)", part)[0]) for part in re.split(r"\s*(?:&&|\|\||;|\|)\s*", line)]


def _cut(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    """Tokens cut at separators; of each command what stands before a redirection."""
    found: list[list[str]] = [[]]
    redirected = False
    for token in tokens:
        if token and not token.strip(";&|"):
            found.append([])
            redirected = False
        elif re.match(r"^[12&]?>|^\$\(", token):
            redirected = True
        elif not redirected:
            found[-1].append(token)
    return [tuple(argv) for argv in found]


def _entered(folder: str, said: str) -> str:
    """The folder after `cd SAID`, relative to where the fragment began; "" where that cannot be told."""
    if not re.match(r"^[\w./-]+$", said) or said.startswith("/"):
        return ""
    joined = posixpath.normpath(posixpath.join(folder, said))
    return "" if joined.startswith(".") else joined


def installed(arguments: Sequence[str]) -> Needs:
    """The needs that the arguments of a `pip install` name: `-r f`, `-c f`, `-e .[x]`, `--group g`, requirements."""
    needs = Needs()
    for option, value in _options_joined(arguments):
        needs = needs.plus(_of_option(option, value))
    return needs


def _of_option(option: str, value: str) -> Needs:
    if option in {"-r", "--requirement", "--requirements"}:
        return Needs(files=(_path(value),))
    if option in {"-c", "--constraint", "--constraints"}:
        return Needs(constraints=(_path(value),))
    if option in {"--group", "--only-group"}:
        return Needs(groups=(value.rpartition(":")[2],))
    if option == "--extra":
        return Needs(extras=(canonical(value),))
    extras = own(value) if option in {"-e", "--editable", ""} else None
    if extras is not None:
        return Needs(project=True, extras=extras)
    plain = option == "" and (_is_requirement(value) or is_url(value))
    return Needs(requirements=(value,)) if plain else Needs()


def own(value: str) -> tuple[str, ...] | None:
    """The extras of `.[test]`, `.`, `./`, `{toxinidir}[x]`; None if `value` is not the project itself."""
    found = re.match(r"^(?:file:)?(?:\.|\./|\{tox_?(?:ini_?dir|_?root)\}/?|\$PWD|\$\{PWD\})(?:\[([^\]]*)\])?$", value)
    if not found:
        return None
    return tuple(canonical(extra.strip()) for extra in (found[1] or "").split(",") if extra.strip())


_TAKES_VALUE = re.compile(
    r"^(?:-r|-c|-e|-i|-f|-t|--(?:requirements?|constraints?|editable|group|only-group|extra|index-url|extra-index-url|find-links"
    r"|index|python|prefer-binary-for|only-binary|no-binary|target|upgrade-package|resolution|config-settings?|index-strategy|with))$"
)


def _options_joined(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """(option or "", value) pairs: `-rfile`, `--group=x` and `-r file` alike."""
    found: list[tuple[str, str]] = []
    pending = ""
    for word in arguments:
        if pending:
            found.append((pending, word))
            pending = ""
        elif _TAKES_VALUE.match(word):
            pending = word
        elif word.startswith("--") and "=" in word:
            option, _, value = word.partition("=")
            found.append((option, value))
        elif re.match(r"^-[rce][^-]", word):
            found.append((word[:2], word[2:]))
        elif not word.startswith("-"):
            found.append(("", word))
    return found


def _is_requirement(value: str) -> bool:
    """A distribution by its name, not a path, a variable or a placeholder."""
    return bool(re.match(r"^[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?\s*(?:[<>=!~;@ ].*)?$", value)) and not re.search(
        r"\.(?:whl|txt|tar\.gz|zip)$|\$", value
    )


def _path(value: str) -> str:
    """A path as the tree names it."""
    return re.sub(r"^\{tox_?(?:ini_?dir|_?root)\}/", "", value.strip()).removeprefix("./")
