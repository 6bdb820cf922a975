"""Starts a unittest suite, or a project's own test runner, so that every test is recorded as it runs.

    python penstock_unittest.py discover ARGS    what `python -m unittest discover ARGS` does
    python penstock_unittest.py run ARGS         what `python -m unittest ARGS` does
    python penstock_unittest.py own ARGS         what `python ARGS` does (-m pkg.test …, -c code …, file.py …)

The program that is started sees the sys.argv, sys.path and __main__ that it would see without us. unittest's results
are watched whatever class they have; pytest, called by an own runner, is recorded by penstock_pytest instead. Standard
library only, Python >= 3.9.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import types
from typing import TYPE_CHECKING, Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING:
    from penstock.guest.penstock_coverage import Measuring
    from penstock.guest.penstock_events import EventWriter, claim, leave_path
    from penstock.guest.penstock_only import Only
    from penstock.guest.penstock_results import Watch
else:
    sys.path.insert(0, _FOLDER)
    from penstock_coverage import Measuring
    from penstock_events import EventWriter, claim, leave_path
    from penstock_only import Only
    from penstock_results import Watch

    sys.path.remove(_FOLDER)

_LENDS = "PENSTOCK_EVENTS", "PENSTOCK_PACKAGES", "PENSTOCK_COVERAGE", "PENSTOCK_LAYER"


class PytestLoan:
    """Makes penstock_pytest known to pytest sessions that an own runner starts, here or in a child.

    Withdrawn when the first unittest test starts: pytest sessions inside tests are none of ours.
    """

    def __init__(self, lent: dict[str, str]) -> None:
        self._before = {name: os.environ.get(name) for name in (*_LENDS, "PYTHONPATH", "PYTEST_PLUGINS")}
        os.environ.update(lent)
        os.environ["PYTHONPATH"] = _joined(os.pathsep, _FOLDER, self._before["PYTHONPATH"])
        os.environ["PYTEST_PLUGINS"] = _joined(",", "penstock_pytest", self._before["PYTEST_PLUGINS"])
        sys.meta_path.append(self)

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        """Where the guests lie, for imports in this process: their folder is not on sys.path."""
        del path, target
        file = os.path.join(_FOLDER, f"{name}.py")
        if not name.startswith("penstock_") or not os.path.isfile(file):
            return None
        return importlib.util.spec_from_file_location(name, file)

    def withdraw(self) -> None:
        """Leave the environment as it was."""
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if self in sys.meta_path:
            sys.meta_path.remove(self)


def _joined(separator: str, first: str, rest: str | None) -> str:
    return f"{first}{separator}{rest}" if rest else first


def _safe_path() -> bool:
    return bool(getattr(sys.flags, "safe_path", False))


def _load(argv: list[str]) -> tuple[Any, types.ModuleType]:
    """The code that `python ARGV` would run and its __main__, with sys.argv and sys.path set as for it."""
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    if argv[0].startswith("-m"):
        name, rest = (argv[0][2:], argv[1:]) if len(argv[0]) > 2 else (argv[1], argv[2:])
        _put_first(os.getcwd())
        return _module_code(name, main, rest)
    if argv[0].startswith("-c"):
        code, rest = (argv[0][2:], argv[1:]) if len(argv[0]) > 2 else (argv[1], argv[2:])
        sys.argv[:] = ["-c", *rest]
        _put_first("")
        return compile(code, "<string>", "exec", dont_inherit=True), main
    return _script_code(argv[0], main, argv[1:])


def _put_first(entry: str) -> None:
    if not _safe_path():
        sys.path.insert(0, entry)


def _module_code(name: str, main: types.ModuleType, rest: list[str]) -> tuple[Any, types.ModuleType]:
    sys.argv[:] = ["-m", *rest]  # as Python has it while it looks for the module
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = importlib.util.find_spec(f"{name}.__main__")
    if spec is None or spec.loader is None:
        sys.exit(f"{sys.executable}: No module named {name}")
    code = spec.loader.get_code(spec.name)  # type: ignore[attr-defined]  # every source loader has it
    sys.argv[0] = str(spec.origin)
    main.__dict__.update(
        __spec__=spec, __file__=spec.origin, __cached__=spec.cached, __loader__=spec.loader, __package__=spec.parent
    )
    return code, main


def _script_code(path: str, main: types.ModuleType, rest: list[str]) -> tuple[Any, types.ModuleType]:
    sys.argv[:] = [path, *rest]
    folder = path if os.path.isdir(path) else os.path.dirname(os.path.realpath(path))
    _put_first(folder)
    path = os.path.join(path, "__main__.py") if os.path.isdir(path) else path
    with open(path, "rb") as stream:
        code = compile(stream.read(), path, "exec", dont_inherit=True)
    main.__dict__.update(__file__=path, __cached__=None, __package__=None)
    return code, main


def _exit_code(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    return stop.code & 0xFF if isinstance(stop.code, int) else 1


def main() -> None:
    """Run the program and write the finish record when it is over, whichever way it ends."""
    mode, *argv = sys.argv[1:]
    if sys.path and sys.path[0] == _FOLDER:
        del sys.path[0]
    lent = {name: text for name in _LENDS if (text := claim(name))}
    only = claim("PENSTOCK_ONLY")
    leave_path()
    measuring = Measuring(lent.get("PENSTOCK_COVERAGE", ""), lent.get("PENSTOCK_LAYER", ""))
    writer = EventWriter(lent["PENSTOCK_EVENTS"])
    loan = PytestLoan(lent) if mode == "own" else None
    watch = Watch(
        writer,
        packages=lent.get("PENSTOCK_PACKAGES", ""),
        argv=["python", *argv] if mode == "own" else ["python", "-m", "unittest", *sys.argv[1:]],
        whole=mode != "own",
        first_test=loan.withdraw if loan is not None else None,
        only=Only(only) if only else None,
    )
    watch.begin()
    words = {"discover": ["-m", "unittest", "discover", *argv], "run": ["-m", "unittest", *argv]}.get(mode, argv)
    ends_with = 1
    try:
        code, module = _load(words)
        sys.modules["penstock_unittest"] = sys.modules["__main__"]  # stays alive, and tells the plugin that we are here
        sys.modules["__main__"] = module
        exec(code, module.__dict__)  # noqa: S102 - starting the program is what this file is for
        ends_with = 0
    except SystemExit as stop:
        ends_with = _exit_code(stop)
        raise
    except KeyboardInterrupt:
        ends_with = 130
        raise
    finally:
        watch.end(ends_with, measuring)


if __name__ == "__main__":
    main()
