"""Commands whose failure gets lost, results of another run, and jobs that are not what they are called."""

from __future__ import annotations

from typing import Any

from tests.sabotage.case import Files, Red, Sabotage, Scene, instead, plus
from tests.sabotage.projects import PYTHON, kiln

_RUN = 'check = { run = "true" }'
PLAIN = kiln("plain", _RUN, stock=("true",))
JOBS = kiln("jobs", f'{_RUN}\nextra = {{ run = "true" }}', stock=("true", "true"))


def shell(name: str, script: str, twin: str, says: str = "exit code 1|ended with 1", code: int = 1) -> Sabotage:
    """A script that fails somewhere. On a CI host without `pipefail` it is one line of its configuration."""
    change: Files = {"pyproject.toml": instead(_RUN, f"check = {{ shell = true, run = '''{script}''' }}")}
    honest: Files = {"pyproject.toml": instead(_RUN, f"check = {{ shell = true, run = '''{twin}''' }}")}
    return Sabotage(
        name=name,
        project=PLAIN,
        change=change,
        twin=honest,
        expects=Red("" if code == 2 else "jobs", says, code),
        rule="shell",
        stock=(script,),
        stock_twin=(twin,),
    )


SHELL = (
    shell("a pipe hides a failure", "false | cat", "true | cat"),
    shell("a command after the failing one", "false; true", "true && true", "C214", 2),
    shell("a failure that is turned to good", "false || true", "true && true", "C214", 2),
    shell("a failure that is turned to words", "false || echo no", "true && echo yes", "C214", 2),
    shell("a failing line before a good one", "\nfalse\ntrue\n", "\ntrue\ntrue\n"),
    shell("a pipe in the middle", "true | false | cat", "true | true | cat"),
    shell("a shell that is killed", "kill -9 $$", "kill -0 $$", "SIGKILL", 3),
)


def jobs(name: str, change: Files, twin: Files, expects: Red, **more: Any) -> Sabotage:
    """A case over plain jobs."""
    return Sabotage(name=name, project=JOBS, change=change, twin=twin, expects=expects, rule="jobs", **more)


def declared(old: str, new: str) -> Files:
    """Another declaration."""
    return {"pyproject.toml": instead(old, new)}


_EXTRA = 'extra = { run = "true" }'
OBLIGATIONS = (
    jobs(
        "a leg for a Python that is not here",
        declared(f'python = ["{PYTHON}"]', 'python = ["3.99"]'),
        declared(f'python = ["{PYTHON}"]', f'python = [ "{PYTHON}" ]'),
        Red("jobs", "3.99", 3),
    ),
    jobs(
        "a job that fails keeps another from running",
        declared(
            f"{_RUN}\n{_EXTRA}",
            'check = { run = "false", mode = "warn" }\nextra = { run = "false", needs = ["check"] }',
        ),
        declared(_EXTRA, 'extra = { run = "true", needs = ["check"] }'),
        Red("jobs", "needs check|extra", 3),
    ),
    jobs(
        "a permission to fail has run out",
        declared(_EXTRA, 'extra = { run = "false", allow_failure = { reason = "r", until = 2020-01-01 } }'),
        declared(_EXTRA, 'extra = { run = "false", allow_failure = { reason = "r", until = 2999-01-01 } }'),
        Red("jobs", "its tolerance ended on 2020-01-01"),
    ),
    jobs(
        "a permission to fail without an end",
        declared(_EXTRA, 'extra = { run = "false", allow_failure = { reason = "r" } }'),
        declared(_EXTRA, 'extra = { run = "false", allow_failure = { reason = "r", until = 2999-01-01 } }'),
        Red("", "until", 2),
    ),
    jobs(
        "a job runs into its time limit",
        declared(_EXTRA, 'extra = { run = ["sleep", "30"], timeout = "1s" }'),
        declared(_EXTRA, 'extra = { run = ["sleep", "0"], timeout = "20s" }'),
        Red("jobs", "ran longer than its limit"),
    ),
    jobs(
        "a program that is not there",
        declared(_EXTRA, 'extra = { run = "no-such-program" }'),
        declared(_EXTRA, 'extra = { run = "env" }'),
        Red("jobs", "no-such-program", 3),
    ),
    jobs(
        "every job only warns",
        {"pyproject.toml": lambda text: text.replace('"true" }', '"true", mode = "warn" }')},
        {"pyproject.toml": lambda text: text.replace('"true" }', '"true", mode = "error" }')},
        Red("nothing", "only advises", 3),
    ),
    jobs(
        "there are no jobs",
        declared(f"{_RUN}\n{_EXTRA}", ""),
        declared(_EXTRA, ""),
        Red("", "C210", 2),
    ),
    jobs(
        "an unknown key that looks like one",
        declared(_EXTRA, 'extra = { run = "true", continue-on-error = true }'),
        declared(_EXTRA, 'extra = { run = "true", cpus = 1 }'),
        Red("", "continue-on-error", 2),
    ),
)


def run_twice(scene: Scene) -> None:
    """A good run, whose result may be kept."""
    scene.penstock("run", "--offline")


def spoil_cache(scene: Scene) -> None:
    """A red run, whose results are rewritten wherever they are kept."""
    run_twice(scene)
    for path in (scene.root / ".penstock" / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b'"failed"', b'"passed"'))


def cached(name: str, change: Files, twin: Files, expects: Red, *, base: str, files: Files | None = None) -> Sabotage:
    """A case of a second run that may take cached results. `base`: the job."""
    project = kiln("cached", base, stock=("sh check.sh",))
    project = project._replace(
        name=f"cached {name}", files={**project.files, **{k: str(v) for k, v in (files or {}).items()}}
    )
    return Sabotage(
        name=name,
        project=project,
        change=change,
        twin=twin,
        expects=expects,
        rule="cache",
        before=run_twice,
        fresh=False,
    )


_SH = 'check = { run = "sh check.sh" }'
CACHE = (
    cached(
        "an input changes after a good run",
        {"check.sh": "exit 1\n"},
        {"README.md": "x\n"},
        Red("jobs", "."),
        base=_SH,
        files={"check.sh": "exit 0\n"},
    ),
    cached(
        "a file that the job reads goes",
        {"words.txt": None},
        {"words.txt": "more\n"},
        Red("jobs", "."),
        base=_SH,
        files={"check.sh": "cat words.txt\n", "words.txt": "some\n"},
    ),
    cached(
        "a declared variable changes after a good run",
        {"pyproject.toml": instead('DEGREES = "1"', 'DEGREES = "2"')},
        {"pyproject.toml": plus("\n")},
        Red("jobs", "."),
        base='check = { run = "sh check.sh", environment = { DEGREES = "1" } }',
        files={"check.sh": 'test "$DEGREES" = 1\n'},
    ),
    cached(
        "a job changes its own inputs while it runs",
        {"README.md": "x\n"},
        {"check.sh": "exit 0\n"},
        Red("jobs", "."),
        base=_SH,
        files={"check.sh": "test ! -e mark.txt && echo 1 > mark.txt\n"},
    ),
    cached(
        "a job is good every other time",
        {"README.md": "x\n"},
        {"check.sh": "exit 0\n"},
        Red("jobs", "."),
        base='check = { run = "sh check.sh", cache = false }',
        files={"check.sh": "test ! -e .penstock/mark && touch .penstock/mark\n"},
    ),
)

RED_BEFORE = kiln("red before", 'check = { run = "sh check.sh" }', stock=("sh check.sh",))
SPOILT = Sabotage(
    name="a kept failure is rewritten as passed",
    project=RED_BEFORE._replace(files={**RED_BEFORE.files, "check.sh": "exit 1\n"}),
    change={},
    twin={"check.sh": "exit 0\n"},
    expects=Red("jobs", "."),
    rule="cache",
    before=spoil_cache,
    fresh=False,
)

CASES = (*SHELL, *OBLIGATIONS, *CACHE, SPOILT)
