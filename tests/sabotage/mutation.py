"""Each check switched off, one at a time: at least one case of the suite has to fail then.

    python -m tests.sabotage.mutation [--only NAME] [--sites] [--place FOLDER [--again]]

All sabotages are run once; what they left is judged again with a check taken out of the table, and with
each single refusal in the judge's own files turned into a pass (`--sites`). A check that can be off unnoticed is a
finding: the command then ends with 1. Refusals that no case notices are listed.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, TypeGuard

import msgspec

from penstock.cli import evidence as kept_evidence
from penstock.cli import facts
from penstock.judge import decide as deciding
from penstock.judge.checks import CHECKS
from penstock.model.verdict import Evidence, Status, Verdict
from penstock.ports import Check
from penstock.record.merge import merge, whole_of
from tests.sabotage import wheelhouse
from tests.sabotage.case import Sabotage
from tests.sabotage.stage import Stage, wrong
from tests.sabotage.table import CASES

_ADVICE = frozenset({"FreshnessCheck"})  # never more: no build is red for it
_JUDGE = Path(deciding.__file__).parent


class Kept(NamedTuple):
    """A case with the evidence that its run left."""

    case: Sabotage
    evidence: Evidence


def gathered(stage: Stage, cases: Iterable[Sabotage]) -> list[Kept]:
    """Run each case, and keep what it was judged by. Those that are refused before anything runs leave nothing."""
    kept: list[Kept] = []
    for case in cases:
        if lack := stage.lacks(case):
            print(f"{lack}: {case.rule}: {case.name}")
            continue
        ended = stage.sabotaged(case)
        if wrong(ended, case.expects):
            print(f"not caught at all: {case.rule}: {case.name}: {wrong(ended, case.expects)}")
        elif ended.told:
            found = Kept(case, _evidence(stage.root, case))
            (stage.place / f"{len(kept):03}.json").write_bytes(
                msgspec.json.encode((case.rule, case.name, found.evidence))
            )
            kept.append(found)
        print(".", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)
    return kept


def found_again(place: Path) -> list[Kept]:
    """What an earlier run of this command has kept in its folder."""
    cases = {(case.rule, case.name): case for case in CASES}
    told = (
        msgspec.json.decode(path.read_bytes(), type=tuple[str, str, Evidence])
        for path in sorted(place.glob("[0-9][0-9][0-9].json"))
    )
    return [Kept(cases[rule, name], evidence) for rule, name, evidence in told if (rule, name) in cases]


def _evidence(root: Path, case: Sabotage) -> Evidence:
    """Of the newest run, or of all where the case is judged by several."""
    runs = sorted((root / ".penstock" / "runs").glob("*-*"), key=lambda each: each.stat().st_mtime_ns)
    sources = tuple(runs if case.after is not None and case.rule == "shards" else runs[-1:])
    parts = [kept_evidence.read(each) for each in sources]
    whole = whole_of(parts)
    return Evidence(
        plan=whole,
        records=merge(whole, parts).records,
        today=date.today().isoformat(),  # noqa: DTZ011 - a day is all that an expiry asks for
        facts=facts.kept(sources),
    )


def _name(kept: Kept) -> str:
    return f"{kept.case.rule}: {kept.case.name}"


def noticed(kept: Iterable[Kept], checks: tuple[Check, ...], whole: Mapping[str, Verdict]) -> list[str]:
    """The cases that fail with these checks: green, or without the right rule's refusal."""
    found = []
    for each in kept:
        verdict = deciding.decide(each.evidence, checks)
        if _refuses(each, verdict) < _refuses(each, whole[_name(each)]):
            found.append(_name(each))
    return found


def _refuses(kept: Kept, verdict: Verdict) -> tuple[bool, bool]:
    """Whether it is red, and whether it says what the case expects, with the exit code that it expects."""
    expects = kept.case.expects
    reasons = {record.job: record.reason for record in kept.evidence.records.jobs}
    words = (
        " ".join((each.summary, *each.details, reasons.get(each.job or "", "")))
        for each in verdict.checks
        if each.name == expects.check and each.status in (Status.FAILED, Status.MISSING)
    )
    named = any(re.search(expects.says, each) for each in words)
    return int(verdict.exit_code) != 0, named and int(verdict.exit_code) == expects.code


def switched_off(kept: list[Kept]) -> dict[str, list[str]]:
    """Check -> the cases that notice that it is off."""
    whole = {_name(each): deciding.decide(each.evidence, CHECKS) for each in kept}
    return {
        type(off).__name__: noticed(kept, tuple(check for check in CHECKS if check is not off), whole) for off in CHECKS
    }


# --- single refusals --------------------------------------------------------------------------------------------------


class Site(NamedTuple):
    """One place in the judge's files that says no."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        """`checks/tests.py:120 text`."""
        return f"{self.path.relative_to(_JUDGE)}:{self.line} {self.text}"


class _Passing(ast.NodeTransformer):
    """Turns the refusals of one line into passes."""

    def __init__(self, line: int) -> None:
        self._line = line

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.lineno == self._line and _says_no(node):
            node.attr = "PASSED"
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if node.lineno == self._line and isinstance(node.value, ast.Yield) and _objects(node.value):
            return ast.copy_location(ast.Pass(), node)
        self.generic_visit(node)
        return node


def _says_no(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Status"
        and node.attr in ("FAILED", "MISSING")
    )


def _objects(node: ast.Yield) -> bool:
    called = node.value
    return (
        isinstance(called, ast.Call)
        and isinstance(called.func, ast.Name)
        and called.func.id in (*("_missing", "_Objection", "Lack", "_other_tests"),)
    )


def sites() -> Iterator[Site]:
    """Every refusal of the checks, from their source."""
    for path in sorted((_JUDGE / "checks").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        tree = ast.parse(text)
        compared = {id(child) for node in ast.walk(tree) if isinstance(node, ast.Compare) for child in ast.walk(node)}
        found = {
            node.lineno
            for node in ast.walk(tree)
            if (_says_no(node) and id(node) not in compared)
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield) and _objects(node.value))
        }
        yield from (Site(path, line, lines[line - 1].strip()) for line in sorted(found))


@contextmanager
def turned(site: Site) -> Iterator[tuple[Check, ...]]:
    """The checks, with this refusal turned into a pass."""
    name = f"penstock.judge.checks.{site.path.stem}"
    module = sys.modules[name]
    before = dict(vars(module))
    tree = _Passing(site.line).visit(ast.parse(site.path.read_text(encoding="utf-8")))
    code = compile(ast.fix_missing_locations(tree), str(site.path), "exec")
    try:
        exec(code, vars(module))  # the module's own source, with one line changed
        yield tuple(_anew(module, check) for check in CHECKS)
    finally:
        vars(module).clear()
        vars(module).update(before)


def _anew(module: ModuleType, check: Check) -> Check:
    """The check as its module makes it now."""
    if type(check).__module__ != module.__name__:
        return check
    made: Check = getattr(module, type(check).__name__)()
    return made


def unnoticed(kept: list[Kept]) -> tuple[int, list[Site]]:
    """How many single refusals there are, and those that can go without any case's failing."""
    whole = {_name(each): deciding.decide(each.evidence, CHECKS) for each in kept}
    every = list(sites())
    silent = []
    for site in every:
        with turned(site) as checks:
            try:
                found = noticed(kept, checks, whole)
            except Exception as error:  # noqa: BLE001 - a mutant that breaks is one that is noticed
                found = [f"broke: {error}"]
        if not found:
            silent.append(site)
    return len(every), silent


def main() -> int:
    """Run the cases, switch off, print. Ends with 1 where a check can be off unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="cases of this rule alone")
    parser.add_argument("--sites", action="store_true", help="single refusals, too")
    parser.add_argument("--again", action="store_true", help="judge what lies in --place already")
    parser.add_argument("--place", type=Path, help="work in this folder, and keep it")
    options = parser.parse_args()
    cases = [case for case in CASES if not case.open and options.only in (None, case.rule)]
    with tempfile.TemporaryDirectory() as temporary:
        place = options.place or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        wheels = place / "wheels"
        kept = (
            found_again(place)
            if options.again
            else gathered(Stage(place, wheels if wheels.exists() else wheelhouse.build(wheels)), cases)
        )
    print(f"{len(cases)} sabotages, {len(kept)} of them with evidence")
    table = switched_off(kept)
    for name, found in table.items():
        words = f"noticed by {len(found)}" if found else "advice" if name in _ADVICE else "NOT NOTICED"
        print(f"{name:20} off: {words}  {'; '.join(found[:2])}")
    if options.sites:
        number, silent = unnoticed(kept)
        print(f"{number - len(silent)} of {number} single refusals are noticed; not by any case:")
        print("\n".join(f"  {site}" for site in silent))
    return int(not all(found for name, found in table.items() if name not in _ADVICE))


if __name__ == "__main__":
    raise SystemExit(main())
