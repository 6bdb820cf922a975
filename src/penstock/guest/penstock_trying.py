"""One script, tried: what it was asked, and what it answered (standard library, Python >= 3.9)."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING, Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING:
    from penstock.guest.penstock_children import End, run
    from penstock.guest.penstock_guarded import first_act, is_guarded, may_parse
    from penstock.guest.penstock_programs import compiled, source_of
else:
    sys.path.insert(0, _FOLDER)
    from penstock_children import End, run
    from penstock_guarded import first_act, is_guarded, may_parse
    from penstock_programs import compiled, source_of

    sys.path.remove(_FOLDER)

UNKNOWN = "--penstock-asks-for-an-unknown-option"
IMPORTING = os.path.join(_FOLDER, "penstock_importing.py")
_SHOWN = 2_000  # characters of the output of what failed
_REFUSED = 2  # how argparse, click, typer and optparse end on an option that they do not know


class Tried:
    """What one script was asked, and how it answered. `name`: its path, or the console script's name."""

    def __init__(self, name: str, path: str = "", line: int = 0) -> None:
        self.name = name
        self.path = path or name
        self._line = line
        self.asked: list[str] = []
        self.findings: list[tuple[str, int, str, str]] = []
        self.notes: list[tuple[str, int, str, str]] = []
        self.problems: list[str] = []
        self.remedy = ""
        self.calls = 0
        self._shown: list[str] = []
        self._seconds = 0.0

    def call(self, what: str, argv: list[str], limit_s: float) -> End:
        """Start a process for it."""
        end = run(argv, limit_s=limit_s)
        self.asked.append(what)
        self.calls += 1
        self._seconds += end.seconds
        return end

    def found(self, rule: str, message: str, *, line: int = 0, output: str = "") -> None:
        """It said no."""
        self.findings.append((self.path, line or self._line, rule, message))
        self._shown += [f"      {each}" for each in output[-_SHOWN:].rstrip().splitlines()]

    def note(self, rule: str, message: str, *, line: int = 0) -> None:
        """Something that a person should know, and that blocks nothing."""
        self.notes.append((self.path, line or self._line, rule, message))

    def unasked(self, why: str, remedy: str = "") -> None:
        """It could not be asked."""
        self.problems.append(why)
        self.remedy = self.remedy or remedy

    @property
    def why(self) -> str:
        """What is wrong, in a word or two."""
        return self.findings[0][2] if self.findings else "; ".join(self.problems[:1])

    def line(self) -> str:
        """For the log."""
        mark = "FAILED" if self.findings else "not asked" if self.problems else "good"
        told = [*(message for *_, message in self.findings), *self.problems, *(message for *_, message in self.notes)]
        words = f"{mark:<9}  {self.name}  ({', '.join(self.asked) or 'nothing'}, {self._seconds:.1f} s)"
        return "\n".join([words, *(f"      {message}" for message in told), *self._shown])


def try_file(file: dict[str, Any], options: dict[str, Any]) -> Tried:
    """A Python script."""
    tried = Tried(file["path"])
    source = syntax_of(tried)
    if source is None:
        return tried
    tree = ast.parse(source)
    guarded, act = is_guarded(tree), first_act(tree.body)
    is_module = not guarded and not act  # nothing would happen if it were started
    importable = guarded or is_module or file["unguarded"]
    parsers = imported(tried, ["file", tried.path], options["timeout"]) if importable else []
    if not importable:
        why = 'it was not imported: what it does is not below an `if __name__ == "__main__":`'
        tried.note("no-main-guard", why, line=act)
    if parsers is None or is_module:
        return tried
    if file["plain"] or not may_parse(source, parsers):
        _not_called(tried, file, options, importable=importable)
    else:
        called(tried, [sys.executable, tried.path], options)
    return tried


def syntax_of(tried: Tried) -> str | None:
    """Its program, None if it is none, which is then told."""
    tried.asked.append("syntax")
    try:
        program = source_of(tried.path)
        compiled(tried.path, program)
    except SyntaxError as error:
        tried.found("syntax", f"{type(error).__name__}: {error.msg}", line=error.lineno or 0)
    except (OSError, ValueError) as error:
        tried.found("syntax", f"it cannot be read: {error}")
    else:
        return program.text
    return None


def _not_called(tried: Tried, file: dict[str, Any], options: dict[str, Any], *, importable: bool) -> None:
    """A script without options: to ask for its help would be to run it."""
    if not importable:
        remedy = "put what it does below a main guard, or name it in `unguarded`"
        tried.unasked("nothing but its syntax could be asked", remedy)
    elif options["help"] and not file["plain"]:
        why = f"nothing in it parses arguments, so that `{options['help']}` would run it"
        tried.unasked(why, "name it in `plain`: it is then imported only; or let it parse its arguments")


def imported(tried: Tried, what: list[str], limit_s: float) -> list[str] | None:
    """The parsers that came with it; None if it cannot be imported, which is then told."""
    with tempfile.TemporaryDirectory() as folder:
        done = os.path.join(folder, "done")
        end = tried.call("import", [sys.executable, IMPORTING, done, *what], limit_s)
        if os.path.exists(done) and end.good:
            with open(done, encoding="utf-8") as stream:
                return list(json.load(stream)["parsers"])
    if end.late:
        message = f"its import did not end within {limit_s:g} s"
    elif end.code == 0:
        message = "it ended the process while it was imported"
    else:
        message = end.last or f"its import ended with {end.code}"
    tried.found("import", message, line=line_in(tried.path, end.text), output=end.text)
    return None


def called(tried: Tried, argv: list[str], options: dict[str, Any]) -> None:
    """Its help, an option that it cannot know, and what is declared."""
    limit_s = options["timeout"]
    if options["help"] and not _helps(tried, [*argv, *shlex.split(options["help"])], options["help"], limit_s):
        return
    if options["unknown"]:
        _refuses(tried, [*argv, UNKNOWN], limit_s)
    for line in options["arguments"]:
        end = tried.call(f"`{line}`", [*argv, *shlex.split(line)], limit_s)
        if not end.good:
            tried.found(
                "arguments", f"`{line}` {_ended(end, limit_s)}", line=line_in(tried.path, end.text), output=end.text
            )


def _helps(tried: Tried, argv: list[str], what: str, limit_s: float) -> bool:
    end = tried.call(f"`{what}`", argv, limit_s)
    if not end.good:
        tried.found("help", f"`{what}` {_ended(end, limit_s)}", line=line_in(tried.path, end.text), output=end.text)
    elif not end.text.strip():
        tried.found("help", f"`{what}` put out nothing")
    return end.good and bool(end.text.strip())


def _refuses(tried: Tried, argv: list[str], limit_s: float) -> None:
    end = tried.call("an unknown option", argv, limit_s)
    if end.late:
        tried.found("arguments", f"with an unknown option it went on for {limit_s:g} s", output=end.text)
    elif end.code == 0:
        tried.found("arguments", "it takes an unknown option: it ended with 0", output=end.text)
    elif end.code < 0:
        tried.found("arguments", f"an unknown option ended it by signal {-end.code}", output=end.text)
    elif end.code != _REFUSED:
        tried.note("arguments", f"it refuses an unknown option with exit code {end.code}; 2 is usual")


def _ended(end: End, limit_s: float) -> str:
    if end.late:
        return f"did not end within {limit_s:g} s"
    how = f"ended with {end.code}" if end.code >= 0 else f"was ended by signal {-end.code}"
    return f"{how}: {end.last}" if end.last else how


def line_in(path: str, text: str) -> int:
    """The last line of the file that a traceback names, 0 if it names none."""
    name = re.escape(os.path.basename(path))
    found = re.findall(rf'File "[^"\n]*{name}", line (\d+)', text)
    return int(found[-1]) if found else 0


def shell(path: str, options: dict[str, Any]) -> Tried:
    """A shell script: its syntax, by `bash -n`."""
    tried = Tried(path)
    program = shutil.which("bash")
    if program is None:
        tried.unasked("there is no bash to read it", "install bash")
        return tried
    end = tried.call("syntax", [program, "-n", path], options["timeout"])
    if not end.good:
        at = re.search(r": (?:line )?(\d+): ", end.text)
        message = (
            re.sub(r"^.*?: (?:line )?\d+: ", "", end.text.splitlines()[0] if end.text else "")
            or f"bash -n ended with {end.code}"
        )
        tried.found("syntax", message, line=int(at[1]) if at else 0, output=end.text)
    return tried
