"""How often a build is green that should not be: the sabotage suite under penstock, and under the tools alone.

    python benchmarks/false_greens/run.py [--only RULE] [--place FOLDER] [--stock | --penstock] [--docs]

Each case of `tests/sabotage` is a change that hides something, beside an honest one. The tools alone are called as a CI
script calls them (`pytest`, `pytest --cov --cov-fail-under`, `ruff check`, `ruff format --check`, `mypy`), one line a
step, each in the shell that GitHub's runners use (`bash -e`); a step that fails is a red build. *Caught* is a red build
on the sabotage, for penstock by the right rule; a *false alarm* is a red build on the honest change. Results are kept
as they come, one line a case, so that a run that was cut goes on. `--docs` writes the page from them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.sabotage import wheelhouse  # noqa: E402 - found by the line above
from tests.sabotage.case import Sabotage  # noqa: E402
from tests.sabotage.stage import Stage, wrong  # noqa: E402
from tests.sabotage.table import CASES  # noqa: E402

TOOLS = ("pytest==9.2.0", "pytest-cov", "coverage==7.17.3", "ruff==0.17.6", "mypy==2.4.1")
PAGE = ROOT / "docs" / "explanation" / "false-greens.md"
# Their sabotage is of what penstock itself keeps, or is asked by tools that the usual CI script does not call.
WITHOUT_STOCK = ("evidence", "shards", "api", "audit", "secrets", "dependencies", "package")
ORDER = (
    "tests",
    "coverage",
    "lint",
    "types",
    "security",
    "complexity",
    "api",
    "audit",
    "secrets",
    "dependencies",
    "package",
    "shell",
    "jobs",
    "cache",
    "policy",
    "shards",
    "evidence",
)

Result = dict[str, str | bool | None]


def tools(place: Path) -> Path:
    """The folder of scripts of an environment that holds the tools, made where it is not there."""
    uv = Path(sys.executable).with_name("uv")
    environment = place / "stock"
    if not (environment / "bin" / "mypy").exists():
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", environment, *TOOLS], check=True)
    return environment / "bin"


def red(stage: Stage, steps: tuple[str, ...], scripts: Path) -> bool:
    """Whether a CI script of these steps fails on the project as it stands."""
    environ = {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(stage.place / "home"),
        "LANG": "C.UTF-8",
        "DEGREES": "1",
    }
    for step in steps:
        argv = ["timeout", "-k", "5", "120", "bash", "-e", "-c", step]
        done = subprocess.run(
            argv, cwd=stage.root, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode != 0:
            return True
    return False


def by_tools(stage: Stage, case: Sabotage, scripts: Path) -> tuple[bool | None, bool | None]:
    """Whether the tools alone are red on the sabotage, and on its twin; None where they cannot be tried."""
    if case.rule in WITHOUT_STOCK:
        return None, None
    steps = case.stock or case.project.stock
    stage.enter(case.project)
    stage.change(case.project, case.change, case.message)
    caught = red(stage, steps, scripts)
    stage.enter(case.project)
    stage.change(case.project, case.twin, case.twin_message)
    return caught, red(stage, case.stock_twin or steps, scripts)


def kept(file: Path) -> dict[str, Result]:
    """What is known of each case, by its name; the later line counts."""
    known: dict[str, Result] = {}
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            each = json.loads(line)
            known.setdefault(f"{each['rule']}: {each['name']}", {}).update(each)
    return known


def rows(known: dict[str, Result]) -> Iterator[tuple[str, ...]]:
    """The table: a row a rule, and their sum."""

    def cell(cases: list[Result], field: str) -> str:
        asked = [each[field] for each in cases if each.get(field) is not None]
        return f"{sum(map(bool, asked))} / {len(asked)}" if asked else "-"

    there = [known[name] for case in CASES if (name := f"{case.rule}: {case.name}") in known]
    for rule in (*ORDER, ""):
        cases = [each for each in there if rule in ("", each["rule"])]
        if cases:
            fields = ("penstock", "stock", "penstock_alarm", "stock_alarm")
            yield rule or "**all**", str(len(cases)), *(cell(cases, field) for field in fields)


def table(known: dict[str, Result]) -> str:
    """In Markdown."""
    head = ("about", "sabotages", "caught by penstock", "by the tools alone", "false alarms: penstock", "the tools")
    lines = [head, tuple("---" for _ in head), *rows(known)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(known: dict[str, Result]) -> str:
    """The page of the documentation."""
    missed = [
        f"- {each['rule']}: {each['name']}"
        for case in CASES
        if (each := known.get(f"{case.rule}: {case.name}", {})).get("stock") is False
    ]
    open_ones = [f"- {case.rule}: {case.name} ({case.open})" for case in CASES if case.open]
    gaps = "\n".join(("What penstock does not catch, either:\n", *open_ones, "")) if open_ones else ""
    return f"""# Green builds that should not be

<!-- Made by `python benchmarks/false_greens/run.py --docs`; do not edit. -->

A build can be green because nobody looked. `tests/sabotage` holds ways to get there, for each rule of
[what green means](green.md): a small project, one change that hides something, and beside it an honest change that
looks like it. penstock has to refuse the first *by the rule that it breaks*, and to pass the second.

The same changes under the tools alone, called as a CI script calls them (one line a step, in `bash -e` as on GitHub's
runners: `pytest`, `pytest --cov --cov-fail-under`, `ruff check`, `ruff format --check`, `mypy`):

{table(known)}

*Caught* is a red build on the sabotage; *false alarms* are red builds on the honest twin. Of shards and of penstock's
own evidence there is nothing that the tools could be tried on; what the usual script does not ask (the public
interface, known vulnerabilities, secrets, dependencies, the package) was not tried on it either. Most of *policy* runs
as the default `penstock run` on a branch, some of it as a pull request. That the tools pass a change of *policy* is no
fault of theirs: they are asked whether the tree fits its settings, and nobody asks what the settings were before.

{gaps}
What [a job can forge](not-a-sandbox.md) is in no row: against intent, no program in the same process helps.

## What the tools alone let pass

{chr(10).join(missed)}

`python -m tests.sabotage.mutation --sites` switches penstock's checks off, one at a time, and shows which cases notice.
"""


def main() -> None:
    """Try what is asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="one rule alone")
    parser.add_argument("--place", type=Path, help="work in this folder, and keep it")
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results.jsonl"))
    parser.add_argument("--stock", action="store_true", help="the tools alone")
    parser.add_argument("--penstock", action="store_true", help="penstock alone")
    parser.add_argument("--docs", action="store_true", help="write the page from what is known, and try nothing")
    options = parser.parse_args()
    if options.docs:
        PAGE.write_text(page(kept(options.results)), encoding="utf-8")
        return
    both = options.stock == options.penstock
    with tempfile.TemporaryDirectory() as temporary:
        place = options.place or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        wheels = place / "wheels"
        stage = Stage(place, wheels if wheels.exists() else wheelhouse.build(wheels))
        scripts = tools(place) if both or options.stock else place
        for case in CASES:
            if options.only not in (None, case.rule) or stage.lacks(case):
                continue
            known = kept(options.results).get(f"{case.rule}: {case.name}", {})
            told: Result = {"rule": case.rule, "name": case.name}
            if (both or options.stock) and "stock" not in known:
                told["stock"], told["stock_alarm"] = by_tools(stage, case, scripts)
            if (both or options.penstock) and "penstock" not in known:
                why = wrong(stage.sabotaged(case), case.expects)
                told |= {"penstock": not why, "why": why, "penstock_alarm": not stage.honest(case).green}
            if len(told) > 2:
                with options.results.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(told) + "\n")
    print(table(kept(options.results)))


if __name__ == "__main__":
    main()
