"""Read per-test outcomes from what pytest -v, unittest -v and virtue print: the witness that is not penstock's own."""

from __future__ import annotations

import re

_PYTEST = re.compile(r"^(?P<id>\S.*?) (?P<what>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)(?: \(.*\))?(?: +\[ *\d+%\])?$")
_UNITTEST = re.compile(
    r"^(?P<name>\w+) \((?P<owner>[\w.]+)\)(?:\n[^\n]*?)? \.\.\. "
    r"(?P<what>ok|FAIL|ERROR|skipped .*|expected failure|unexpected success)$",
    re.MULTILINE,
)
_WORDS = {
    "PASSED": "passed",
    "FAILED": "failed",
    "ERROR": "errored",
    "SKIPPED": "skipped",
    "XFAIL": "xfailed",
    "XPASS": "xpassed",
    "ok": "passed",
    "FAIL": "failed",
    "expected failure": "xfailed",
    "unexpected success": "xpassed",
}


def of_pytest(text: str) -> dict[str, str]:
    """Node id -> outcome, from `pytest -v`. A test that fails and then errors in teardown is errored."""
    outcomes: dict[str, str] = {}
    for line in text.splitlines():
        if found := _PYTEST.match(line):
            outcomes[found["id"]] = _WORDS[found["what"]]
    return outcomes


def of_unittest(text: str) -> dict[str, str]:
    """Dotted id -> outcome, from `unittest -v`."""
    outcomes = {}
    for found in _UNITTEST.finditer(text):
        owner, name = found["owner"], found["name"]
        dotted = owner if owner.endswith(f".{name}") else f"{owner}.{name}"
        outcomes[dotted] = _WORDS.get(found["what"], "skipped")
    return outcomes


_SGR = re.compile(r"\x1b\[[\d;]*m")
_VIRTUE = re.compile(r"^(?P<module>[\w.]+)$|^  (?P<owner>\w+)$|^    (?P<test>\w+) \.\.\. *\[(?P<what>\w+)\]$")
_VIRTUE_WORDS = {"OK": "passed", "FAIL": "failed", "ERROR": "errored", "SKIPPED": "skipped", "XFAIL": "xfailed"}


def of_virtue(text: str) -> dict[str, str]:
    """Dotted id -> outcome, from virtue's tree of module, class and test."""
    outcomes: dict[str, str] = {}
    module = owner = ""
    for line in _SGR.sub("", text).splitlines():
        found = _VIRTUE.match(line.rstrip())
        if found is None:
            continue
        module, owner = found["module"] or module, found["owner"] or owner
        if found["test"]:
            outcomes[f"{module}.{owner}.{found['test']}"] = _VIRTUE_WORDS.get(found["what"], found["what"])
    return outcomes
