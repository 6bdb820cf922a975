"""Run as a script: one test, once, in the tree of the base; what became of it, line by line, in a file.

PYTEST_DONT_REWRITE

PENSTOCK_WITNESS is the JSON that `penstock_at_base` writes. The file gets {"broken": why}, {"found": bool},
{"begun": true}, {"outcome": "passed" | "failed" | "other", "elsewhere": [module, path] | null}: a process that dies
leaves what it knew.
*Elsewhere* is a module that was not imported from the base, although the project holds it.
Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

    from penstock.guest.penstock_events import clean
    from penstock.guest.penstock_only import Numbering
else:
    from penstock_events import clean
    from penstock_only import Numbering

_SHOWN = 200  # characters of what went wrong
_ORDERS = json.loads(os.environ.pop("PENSTOCK_WITNESS", "null"))


class Witness:
    """What is noted of the run. `orders`: see `penstock_at_base`."""

    def __init__(self, orders: dict[str, Any]) -> None:
        self._orders = orders
        self._failed = self._passed = False

    def _say(self, **told: object) -> None:
        with open(self._orders["witness"], "a", encoding="utf-8") as stream:
            stream.write(f"{json.dumps(told)}\n")

    def alone(self, early_config: Any, args: list[str]) -> None:
        """Switch off what would measure or distribute, as the change's own run has it."""
        known = early_config.known_args_namespace
        for option, argument in (("no_cov", "--no-cov"), ("numprocesses", "-n0")):
            if hasattr(known, option):
                setattr(known, option, True if option == "no_cov" else 0)
                args.insert(args.index("--") if "--" in args else len(args), argument)

    def pytest_collectreport(self, report: Any) -> None:
        """What keeps the test from being there."""
        if report.failed:
            lines = [line.strip() for line in str(report.longrepr).splitlines() if line.strip()]
            self._say(broken=lines[-1][:_SHOWN] if lines else "it could not be collected")

    def pytest_runtest_logstart(self) -> None:
        """From here on, a death is the test's."""
        self._say(begun=True)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """One phase."""
        expected = hasattr(report, "wasxfail")
        self._failed = self._failed or (report.outcome == "failed" and not expected)
        self._passed = self._passed or (report.when == "call" and report.outcome == "passed" and not expected)

    def pytest_sessionfinish(self) -> None:
        """All is over."""
        outcome = "failed" if self._failed else "passed" if self._passed else "other"
        self._say(outcome=outcome, elsewhere=elsewhere(self._orders))

    def choose(self, items: list[Any]) -> None:
        """Keep the one test."""
        numbering = Numbering()
        items[:] = [item for item in items if numbering.name(clean(item.nodeid)) == self._orders["test"]]
        self._say(found=bool(items))


def elsewhere(orders: dict[str, Any]) -> tuple[str, str] | None:
    """A module of the project that was not imported from the base: one of its packages, or one of the change's tree."""
    base, root, guest = (os.path.realpath(orders[name]) + os.sep for name in ("tree", "root", "guest"))
    for name, module in list(sys.modules.items()):
        place = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", None) or ()), "")
        if not isinstance(place, str) or not place:
            continue
        path = os.path.realpath(place)
        if path.startswith((base, guest)):
            continue
        installed = f"{os.sep}site-packages{os.sep}" in path or f"{os.sep}.penstock{os.sep}" in path
        if name in orders["packages"] or (path.startswith(root) and not installed):
            return name, place
    return None


def main() -> int:
    """Run pytest over the test's file."""
    sys.path[:] = [_ORDERS["guest"], *_ORDERS["path"]]  # penstock_pytest takes the first off again
    sys.argv = ["pytest", *_ORDERS["arguments"]]
    import pytest

    class Plugin(Witness):
        """The hooks that come before, or after, those of all others."""

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_load_initial_conftests(self, early_config: Any, args: list[str]) -> Generator[None, None, None]:
            self.alone(early_config, args)
            yield

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_collection_modifyitems(self, items: list[Any]) -> Generator[None, None, None]:
            yield
            self.choose(items)

    return int(pytest.main(_ORDERS["arguments"], plugins=[Plugin(_ORDERS)]))


if __name__ == "__main__":
    sys.exit(main())
