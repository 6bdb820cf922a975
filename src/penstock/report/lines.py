"""Coverage line by line, for other programs: Cobertura's XML and LCOV's tracefile.

Lines are told as run or not run: how often is not measured, so that a hit is 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import quoteattr

from penstock import __version__
from penstock.model.records import CoverageRecord
from penstock.report import sanitize

_DOCTYPE = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'


def hits(record: CoverageRecord) -> dict[int, int]:
    """Line -> 1 if it was run, 0 if not; in order."""
    found = {line: 1 for first, last in record.ran for line in range(first, last + 1)}
    found.update(dict.fromkeys(record.missing, 0))
    return dict(sorted(found.items()))


def cobertura(files: Iterable[CoverageRecord], *, timestamp_s: float) -> str:
    """Cobertura's XML, version 4. `timestamp_s`: of the run, epoch seconds."""
    every = sorted(files, key=lambda record: record.path)
    packages: dict[str, list[CoverageRecord]] = {}
    for record in every:
        packages.setdefault(record.path.rpartition("/")[0].replace("/", ".") or ".", []).append(record)
    head = f'<coverage {_counts(every)} version="penstock {__version__}" timestamp="{round(timestamp_s * 1000)}">'
    lines = ['<?xml version="1.0" encoding="utf-8"?>', _DOCTYPE, head, "  <sources><source>.</source></sources>"]
    lines.append("  <packages>")
    for name, records in packages.items():
        lines.append(f'    <package name={_quoted(name)} {_rates(records)} complexity="0">')
        lines.append("      <classes>")
        for record in records:
            lines += _class(record)
        lines += ["      </classes>", "    </package>"]
    return "\n".join([*lines, "  </packages>", "</coverage>", ""])


def _class(record: CoverageRecord) -> Iterator[str]:
    name = record.path.rpartition("/")[2]
    rates = f'{_rates([record])} complexity="0"'
    yield f"        <class name={_quoted(name)} filename={_quoted(record.path)} {rates}>"
    yield "          <methods/>"
    yield "          <lines>"
    forks = {line: (exits, taken) for line, exits, taken in record.forks}
    for line, hit in hits(record).items():
        yield f'            <line number="{line}" hits="{hit}"{_condition(forks.get(line))}/>'
    yield "          </lines>"
    yield "        </class>"


def _condition(fork: tuple[int, int] | None) -> str:
    if fork is None:
        return ""
    exits, taken = fork
    return f' branch="true" condition-coverage="{100 * taken // exits}% ({taken}/{exits})"'


def _counts(records: Iterable[CoverageRecord]) -> str:
    every = list(records)
    numbers = {
        "lines-valid": sum(each.statements for each in every),
        "lines-covered": sum(each.covered for each in every),
        "branches-valid": sum(each.branches for each in every),
        "branches-covered": sum(each.covered_branches for each in every),
    }
    told = " ".join(f'{name}="{number}"' for name, number in numbers.items())
    return f'{told} {_rates(every)} complexity="0"'


def _rates(records: Iterable[CoverageRecord]) -> str:
    every = list(records)
    lines = _rate(sum(each.covered for each in every), sum(each.statements for each in every))
    branches = _rate(sum(each.covered_branches for each in every), sum(each.branches for each in every))
    return f'line-rate="{lines}" branch-rate="{branches}"'


def _rate(covered: int, total: int) -> str:
    """Four decimals, rounded down: a rate of 1 is all of it."""
    return f"{covered * 10_000 // total / 10_000:.4g}" if total else "1"


def _quoted(text: str) -> str:
    """An attribute. What XML cannot hold is shown as an escape."""
    return quoteattr(sanitize.line(text).encode("utf-8", "replace").decode())


def lcov(files: Iterable[CoverageRecord], name: str = "penstock") -> str:
    """LCOV's tracefile, as `geninfo` describes it. A branch's number is its place among the exits of its line; which of
    them were taken is not known, so the first ones are said to be.
    """
    lines: list[str] = [f"TN:{name}"]
    for record in sorted(files, key=lambda record: record.path):
        lines += [f"SF:{sanitize.line(record.path)}", *_branches(record)]
        told: Mapping[int, int] = hits(record)
        lines += [f"DA:{line},{hit}" for line, hit in told.items()]
        lines += [f"LF:{len(told)}", f"LH:{sum(told.values())}", "end_of_record"]
    return "\n".join([*lines, ""])


def _branches(record: CoverageRecord) -> Iterator[str]:
    reached = {line for line, hit in hits(record).items() if hit}
    for line, exits, taken in record.forks:
        for number in range(exits):
            was = ("1" if number < taken else "0") if line in reached else "-"
            yield f"BRDA:{line},0,{number},{was}"
    if record.forks:
        yield f"BRF:{record.branches}"
        yield f"BRH:{record.covered_branches}"
