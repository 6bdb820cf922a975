"""One example: what it needs, whether it can be run here, and how it ends (standard library, Python >= 3.9)."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from typing import TYPE_CHECKING, Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING:
    from penstock.guest.penstock_children import End, run
    from penstock.guest.penstock_programs import Program, compiled, source_of
    from penstock.guest.penstock_unreached import UNREACHED
else:
    sys.path.insert(0, _FOLDER)
    from penstock_children import End, run
    from penstock_programs import Program, compiled, source_of
    from penstock_unreached import UNREACHED

    sys.path.remove(_FOLDER)

_SHOWN = 4_000  # characters of the output of what failed
_LATE_S = 15.0  # how much longer than its notebook the client may take
_GPU_S = 5.0
_REFUSED = r"|(?i:connection refused|connect(?:ion)? timed? ?out)"


class Shown:
    """What came of one example. `end`: "passed", "failed", "unverified" or "not_run"."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.end = "passed"
        self.why = ""
        self.findings: list[tuple[str, int, str, str]] = []
        self.seconds = 0.0
        self._output = ""

    def found(self, rule: str, message: str, *, line: int = 0, output: str = "") -> Shown:
        """It said no."""
        self.end, self.why = "failed", self.why or rule
        self.findings.append((self.path, line, rule, message))
        self._output = output[-_SHOWN:]
        return self

    def settle(self, end: str, why: str, output: str = "") -> Shown:
        """It was not run, or not to an end that tells anything."""
        self.end, self.why, self._output = end, why, output[-_SHOWN:]
        return self

    def line(self) -> str:
        """For the log."""
        words = (
            f"{self.end.replace('_', ' '):<10}  {self.path}  ({self.seconds:.1f} s{', ' if self.why else ''}{self.why})"
        )
        lines = [f"      {message}" for *_, message in self.findings]
        return "\n".join([words, *lines, *(f"      | {line}" for line in self._output.rstrip().splitlines())])


def attempt(file: dict[str, Any], options: dict[str, Any]) -> Shown | None:
    """Try one file; None if it is a page without an example."""
    shown = Shown(file["path"])
    program = _program(shown)
    if program is None:
        return shown
    if not program.parts and shown.path.endswith(".md"):
        return None
    lacking = _lacking(file["needs"])
    if file["not_run"] is not None or lacking or _foreign(program):
        _looked_at(shown, program, options)
        if shown.end == "failed":
            return shown
        if file["not_run"] is not None:
            return shown.settle("not_run", file["not_run"])
        return shown.settle("unverified", lacking or f"its kernel is {program.language}, and only Python's is run")
    return _run(shown, file["needs"], options)


def _program(shown: Shown) -> Program | None:
    """What stands in it, None if that is no program, which is then told."""
    program = None
    try:
        program = source_of(shown.path)
        if not _foreign(program):
            compiled(shown.path, program)
    except SyntaxError as error:
        _found_in(shown, program, "syntax", f"{type(error).__name__}: {error.msg}", error.lineno or 0)
    except (OSError, ValueError) as error:
        shown.found("syntax", f"it cannot be read: {error}")
    else:
        return program
    return None


def _foreign(program: Program) -> bool:
    return not program.language.startswith(("python", "ipython"))


def _lacking(needs: list[str]) -> str:
    """What it needs and this machine has not, in words; "" if nothing lacks. A network is seen when it is used."""
    for need in needs:
        if need == "gpu":
            if not has_gpu():
                return "needs a GPU"
        elif need != "network" and not os.environ.get(need):
            return f"needs {need}, which is not set"
    return ""


def has_gpu() -> bool:
    """Whether NVIDIA's own tool lists a device that this process may see."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all") in {"", "-1"}:
        return False
    end = run(["nvidia-smi", "-L"], limit_s=_GPU_S)
    return end.good and "GPU " in end.text


def _looked_at(shown: Shown, program: Program, options: dict[str, Any]) -> None:
    """What can be said of a program that is not run: that all it imports is there."""
    with tempfile.TemporaryDirectory() as folder:
        done = os.path.join(folder, "done")
        argv = [sys.executable, os.path.join(_FOLDER, "penstock_importing.py"), done, "imports", shown.path]
        end = run(argv, limit_s=options["timeout"])
        shown.seconds += end.seconds
        if not end.good or not os.path.exists(done):
            shown.found("import", f"what it imports {_ended(end, options)}", output=end.text)
            return
        with open(done, encoding="utf-8") as stream:
            for line, message in json.load(stream)["lacking"]:
                _found_in(shown, program, "import", message, line)


def _found_in(shown: Shown, program: Program | None, rule: str, message: str, line: int) -> None:
    """At a line of the program: in a notebook, by its cell."""
    place = program.place(line) if program is not None else ""
    shown.found(rule, f"{place}: {message}" if place else message, line=0 if place else line)


def _run(shown: Shown, needs: list[str], options: dict[str, Any]) -> Shown:
    if shown.path.endswith(".ipynb"):
        end, said = _notebook(shown, options)
        line = 0
    else:
        end = run(
            _argv(shown.path, options),
            limit_s=options["timeout"],
            folder=_place(shown.path, options),
            variables=_VARIABLES,
        )
        line = _line_in(shown.path, end.text)
        said = _ended(end, options)
    shown.seconds += end.seconds
    if end.good:
        return shown
    if "network" in needs and not end.late and re.search(UNREACHED + _REFUSED, end.text):
        return shown.settle("unverified", "needs the network, which it did not reach", end.text)
    return shown.found("run", said, line=line, output=end.text)


_VARIABLES = {"MPLBACKEND": os.environ.get("MPLBACKEND", "Agg")}  # a window would wait for somebody to close it


def _place(path: str, options: dict[str, Any]) -> str:
    return os.path.dirname(os.path.abspath(path)) if options["own"] else os.getcwd()


def _argv(path: str, options: dict[str, Any]) -> list[str]:
    seen = os.path.basename(path) if options["own"] else path
    programs = os.path.join(_FOLDER, "penstock_programs.py")
    return [sys.executable, programs, seen] if path.endswith(".md") else [sys.executable, seen]


def _notebook(shown: Shown, options: dict[str, Any]) -> tuple[End, str]:
    """Run by nbclient, in a process of its own that keeps the limit itself, so that its kernel is ended, too."""
    limit_s = options["timeout"]
    with tempfile.TemporaryDirectory() as folder:
        told = os.path.join(folder, "told")
        argv = [sys.executable, os.path.join(_FOLDER, "penstock_notebook.py"), shown.path, f"{limit_s:g}", folder, told]
        end = run(argv, limit_s=limit_s + _LATE_S, variables=_VARIABLES)
        if not os.path.exists(told):
            return end, _ended(end, options)
        with open(told, encoding="utf-8") as stream:
            said = json.load(stream)
    return end, "\n".join(filter(None, (said["message"], said["traceback"])))


def _ended(end: End, options: dict[str, Any]) -> str:
    if end.late:
        return f"did not end within {options['timeout']:g} s"
    how = f"ended with {end.code}" if end.code >= 0 else f"was ended by signal {-end.code}"
    return f"{how}: {end.last}" if end.last else how


def _line_in(path: str, text: str) -> int:
    """The last line of the file that a traceback names, 0 if it names none."""
    found = re.findall(rf'File "(?:[^"\n]*/)?{re.escape(os.path.basename(path))}", line (\d+)', text)
    return int(found[-1]) if found else 0
