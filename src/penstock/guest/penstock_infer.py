"""Loads a model, asks it, and tells how long each step took (stdlib only, Python >= 3.9, run as a script).

    python penstock_infer.py OPTIONS LINES

OPTIONS is JSON, by the keys of the job's `model` table. LINES gets one JSON object a step: {"import" | "load" |
"first": [seconds, bytes held at its end]}, {"times": [seconds, …], "notes": {}} at the end; or {"failed": why},
{"problem": why, "remedy": how}.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
import os
import sys
import time
import traceback
from typing import Any, Callable

SPOKEN = {"import": "import", "load": "load", "first": "first inference"}
_RUNS = 20
_DEEPEST = 100  # lists in lists of an output


class StopError(Exception):
    """The end of the job, as one line says it."""

    def __init__(self, **line: Any) -> None:
        super().__init__(str(line))
        self.line = line


class Lines:
    """Where the steps are told."""

    def __init__(self, path: str) -> None:
        self._path = path

    def tell(self, **line: Any) -> None:
        """One line, written at once."""
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def step(self, name: str, work: Callable[[], Any]) -> Any:
        """Do a step and tell how long it took. Raises StopError if it raises anything."""
        begun = time.perf_counter()
        result = guarded(f"the {SPOKEN[name]}", work)
        seconds = time.perf_counter() - begun
        self.tell(**{name: [seconds, float(memory())]})
        return result


def guarded(what: str, work: Callable[[], Any]) -> Any:
    """The result of foreign code. Raises StopError with the place for whatever it raises, an exit too."""
    try:
        return work()
    except BaseException as error:  # noqa: BLE001 - a model that calls sys.exit(0) has not answered
        traceback.print_exc()
        raise StopError(failed=f"{what} raised {_words(error)}") from None


def _words(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    own = [frame for frame in frames if "importlib" not in frame.filename]
    text = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1]
    if not own:
        return text
    return f"{text} ({os.path.relpath(own[-1].filename)}:{own[-1].lineno} in {own[-1].name})"


def memory() -> int:
    """Bytes that this process holds now; 0 where nobody tells."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, ValueError):
        return 0


def found(place: str) -> Any:
    """What stands at `module:name` or `path/to/file.py:name`."""
    where, _, name = place.rpartition(":")
    thing: Any = of_file(where) if where.endswith(".py") else importlib.import_module(where)
    for part in name.split("."):
        thing = getattr(thing, part)
    return thing


def of_file(path: str) -> Any:
    """The module in a file, imported once, with its folder on the path as for a script."""
    name = "penstock_model_" + "".join(character if character.isalnum() else "_" for character in path)
    if name in sys.modules:
        return sys.modules[name]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def question(place: str) -> list[Any]:
    """The input, as the arguments that it makes. Raises StopError if there is none."""
    if not place:
        return []
    if ":" in place:
        return [guarded("the input", found(place))]
    try:
        with open(place, "rb") as stream:
            content = stream.read()
        if place.endswith(".json"):
            return [json.loads(content)]
        return [content.decode() if place.endswith(".txt") else content]
    except (OSError, ValueError) as error:
        raise StopError(
            problem=f"the input {place} cannot be read: {error}", remedy="mend it, or name another"
        ) from None


def asking(model: Any, infer: Any) -> Callable[..., Any]:
    """What is called for an inference, with the input alone."""
    if infer is not None:
        return infer if model is None else (lambda *arguments: infer(model, *arguments))
    predict = getattr(model, "predict", model)
    if not callable(predict):
        kind = type(model).__name__
        raise StopError(
            failed=f"nothing can be asked: a {kind} has no `predict`, and is no function; name one in `infer`"
        )
    called: Callable[..., Any] = predict
    return called


def infinite(value: Any, depth: int = 0) -> bool:
    """Whether there is a number in it that is NaN or infinite."""
    if isinstance(value, complex):
        return not (math.isfinite(value.real) and math.isfinite(value.imag))
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, (list, tuple)) and callable(getattr(value, "tolist", None)):
        value = value.tolist()  # an array's, of whatever library
        return infinite(value, depth + 1)
    return isinstance(value, (list, tuple)) and depth < _DEEPEST and any(infinite(each, depth + 1) for each in value)


def lacks(output: Any, asked: dict[str, Any]) -> str:
    """What an output that must be a value, or finite, lacks; "" if nothing."""
    wanted = asked.get("output", "")
    if wanted and output is None:
        return "an inference returned None"
    return "an inference returned a number that is NaN or infinite" if wanted == "finite" and infinite(output) else ""


def checked(output: Any, check: Any, asked: dict[str, Any]) -> None:
    """Hold the first output against what is asked of it. Raises StopError."""
    fault = lacks(output, asked)
    if fault:
        raise StopError(failed=fault)
    if check is not None and guarded("the check", lambda: check(output)) is False:
        raise StopError(failed=f"{asked['check']} says no to {repr(output)[:200]}")


def timed(ask: Callable[..., Any], arguments: list[Any], asked: dict[str, Any]) -> list[float]:
    """Seconds of each inference after the first. Raises StopError."""
    times = []
    for _ in range(int(asked.get("runs", _RUNS))):
        begun = time.perf_counter()
        output = guarded("an inference", lambda: ask(*arguments))
        times.append(time.perf_counter() - begun)
        fault = lacks(output, asked)
        if fault:
            raise StopError(failed=fault)
    return times


def work(asked: dict[str, Any], lines: Lines) -> None:
    """All steps. Raises StopError."""
    places = [asked["load"], asked.get("infer", ""), asked.get("check", "")]
    load, infer, check = lines.step("import", lambda: [found(place) if place else None for place in places])
    model = lines.step("load", load if callable(load) and not hasattr(load, "predict") else lambda: load)
    arguments = question(asked.get("input", ""))
    ask = asking(model, infer)
    output = lines.step("first", lambda: ask(*arguments))
    checked(output, check, asked)
    notes = {} if output is not None else {"output": "it returned None: nothing to look at"}
    lines.tell(times=timed(ask, arguments, asked), notes=notes)


def main(options: str, path: str) -> int:
    """Tell every step."""
    sys.path[0] = os.getcwd()  # as for `python -m`: what stands beside this script is not the project's
    lines = Lines(path)
    try:
        work(json.loads(options), lines)
    except StopError as stop:
        lines.tell(**stop.line)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
