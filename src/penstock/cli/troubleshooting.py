"""docs/reference/troubleshooting.md, made from the tables of codes, and what `penstock explain CODE` prints."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MADE = "<!-- Made from the source by `pytest --update-golden`; do not edit. -->"
_INTRODUCTION = (
    "Where the cause of a failure is known, what is told of it ends with its remedy and the code of an entry here: "
    "`penstock explain E202` prints it. What a test *looks like* it failed for is told as a `hint`: it is taken from "
    "the exception that ended the test, and never changes a verdict. Problems of the configuration have "
    "[a page of their own](problems.md); what the numbers at the end mean is told by the [exit codes](exit-codes.md)."
)
_PARTS = (
    ("E1", "Before a job can run"),
    ("E2", "How a job ended"),
    ("E3", "Tests"),
    ("E4", "The machine and the CI host"),
    ("P", "penstock stopped"),
)


def of_code(subject: str) -> tuple[str, ...]:
    """The lines of a code's entry; () for what is no code."""
    if not re.fullmatch(r"[A-Z]\d{3}", subject):
        return ()
    from penstock.load.codes import CODES
    from penstock.report.troubles import known

    trouble = known.of_code(subject)
    if trouble is not None:
        return known.lines(trouble)
    found = next((code for code in CODES if code.code == subject), None)
    if found is None:
        return ()
    return (f"{found.code}: {found.title}", f"  {found.cause}", f"  remedy  {found.remedy}")


def page() -> str:
    """The page."""
    from penstock.report.troubles import TROUBLES

    parts = ["# Troubleshooting", _MADE, _INTRODUCTION]
    parts += [
        "\n".join(f"- [{each.code}: {each.title}](#{_anchor(f'{each.code}: {each.title}')})" for each in TROUBLES)
    ]
    for prefix, title in _PARTS:
        parts.append(f"## {title}")
        for each in TROUBLES:
            if each.code.startswith(prefix):
                parts += _entry(f"{each.code}: {each.title}", each.cause, each.remedy, each.example)
    return "\n\n".join(parts) + "\n"


def _entry(title: str, cause: str, remedy: str, example: str) -> Iterable[str]:
    return (f"### {title}", f"```text\n{example}\n```", cause, f"**Remedy:** {remedy}")


def _anchor(heading: str) -> str:
    """What a host makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
