"""The configuration that `penstock init` writes: what runs without it, each job below what was seen.

What is only advice (more jobs, gates, the Pythons) stands below in comments that can be taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from penstock.load.render import job_pairs, pythons_value
from penstock.model.pipeline import JobKind, JobSpec
from penstock.model.snapshot import Decision, Project

_WIDTH = 110  # of a comment's line
_HEAD = (
    "What `penstock run` does here, as it was detected: each job below what was seen. The same runs without it, until "
    "you change it. Every key: `penstock schema`, or docs/reference/configuration.md."
)
_PYTHONS = "The Pythons that the project supports. Declared, one that is missing makes a run not verified."
_UNDECLARED = "Left out, those that are on the machine are taken:"
# What a decision is about -> the kind of the jobs that it is told above.
_ABOUT = {
    "tests": JobKind.TEST,
    "tests elsewhere": JobKind.TEST,
    "dependencies": JobKind.TEST,
    "lint": JobKind.LINT,
    "types": JobKind.TYPES,
    "coverage": JobKind.COVERAGE,
}
# What else could stand there. Each piece between backticks is a key or value of such a job (a test parses them).
_OTHERWISE = {
    JobKind.LINT: 'Or: `{ mode = "warn" }` only tells, `{ mode = "ratchet" }` blocks what is new, `false` leaves it '
    "out.",
    JobKind.TYPES: 'Or: `{ mode = "ratchet" }` blocks what is new, `{ tool = "mypy" }` takes that one.',
    JobKind.TEST: 'Also: `python = ["3.12"]`, `extras = ["test"]`, `groups = ["test"]`, `marker = "not slow"`, '
    '`timeout = "10m"`, `stage = "fast"`, `on = ["nightly"]`.',
    JobKind.COVERAGE: "Its limits are a gate, see below.",
    JobKind.BUILD: "The source distribution and the wheel, and a check of their metadata.",
}
# Jobs that nothing here asks for: one word each.
_MORE = (
    (JobKind.LINT, "ruff"),
    (JobKind.TYPES, "mypy"),
    (JobKind.SECURITY, "what bandit's rules find"),
    (JobKind.DEPENDENCIES, "what is imported against what is declared, by deptry"),
    (JobKind.SECRETS, "passwords, keys and tokens in the tree"),
    (JobKind.AUDIT, "known vulnerabilities of the dependencies; asks a database"),
    (JobKind.COVERAGE, "measures the test jobs, and merges what they measured"),
)
_GATES = (
    ("coverage", "{ total = 80 }", "in percent; also file, diff and branch"),
    ("tests", '{ min = "auto" }', "no fewer tests than main had"),
)


def starter(
    project: Project, pythons: tuple[str, ...], jobs: Iterable[JobSpec], *, table: str = "tool.penstock"
) -> str:
    """The tables as TOML: `jobs` (those that run without configuration), each decision as a comment.

    `table`: where they stand; "" for a penstock.toml. `pythons`: () leaves them undeclared. Parsing the text gives the
    same jobs again. Raises nothing: what cannot stand in a comment is escaped.
    """
    specs = tuple(jobs)
    lines = [*([f"[{table}]"] if table else []), *_comment(_HEAD), "", *_about_pythons(project, pythons)]
    lines += ["", f"[{table}.jobs]" if table else "[jobs]"]
    lines += _jobs(specs, project)
    lines += ["", *_advice({spec.kind for spec in specs}, {spec.name for spec in specs}, table)]
    return "\n".join(lines) + "\n"


def _about_pythons(project: Project, pythons: tuple[str, ...]) -> Iterator[str]:
    if pythons:
        yield from _comment(_PYTHONS)
        yield f"python = {pythons_value(pythons)}"
    elif project.declared_pythons:
        yield from _comment(f"{_PYTHONS} {_UNDECLARED}")
        yield f"# python = {pythons_value(project.declared_pythons)}"


def _jobs(specs: tuple[JobSpec, ...], project: Project) -> Iterator[str]:
    """Each job below the decisions about it; those about none stand first."""
    kinds = {spec.kind for spec in specs}
    left = [one for one in project.decisions if _ABOUT.get(one.subject) not in kinds]
    for decision in left:
        yield from _comment(_told(decision, placed=False))
    told: set[JobKind] = set()
    for spec in specs:
        if spec.kind not in told:
            told.add(spec.kind)
            yield ""
            for decision in project.decisions:
                if _ABOUT.get(decision.subject) is spec.kind:
                    yield from _comment(_told(decision, placed=True))
            yield from _comment(_OTHERWISE.get(spec.kind, ""))
        yield from (f"{name} = {text}" for name, text in job_pairs(spec, project))


def _told(decision: Decision, *, placed: bool) -> str:
    """`lint: ruff==0.14.10 blocks: a pre-commit hook (.pre-commit-config.yaml:12)`. `placed`: its job stands below."""
    place = f" ({decision.place})" if decision.place else ""
    otherwise = f"; else {decision.runner_up}" if decision.runner_up else ""
    setting = f"; to change it: {decision.setting}" if decision.setting and not placed else ""
    return f"{decision.subject}: {decision.choice}: {decision.why}{place}{otherwise}{setting}"


def _advice(kinds: set[JobKind], names: set[str], table: str) -> Iterator[str]:
    """More jobs and gates, each a line to take the `#` away from; at the end, in the order that TOML wants."""
    more = [(kind, why) for kind, why in _MORE if kind not in kinds and kind.value not in names]
    if more:
        yield from _comment("More jobs, if you take away the `#`:")
        width = max(len(kind.value) for kind, _ in more)
        yield from (f"# {kind.value:<{width}} = true  # {why}" for kind, why in more)
        yield ""
    yield from _comment("And limits that have to be held:")
    yield f"# [{table}.gates]" if table else "# [gates]"
    yield from (f"# {name} = {value}  # {why}" for name, value, why in _GATES)


def _comment(text: str) -> list[str]:
    """Lines of a comment, without the control characters that TOML forbids in them; () for no text."""
    lines: list[str] = []
    for word in "".join(letter if letter.isprintable() else " " for letter in text).split():
        if lines and len(lines[-1]) + 1 + len(word) <= _WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(f"#   {word}" if lines else f"# {word}")
    return lines
