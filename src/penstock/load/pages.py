"""The reference pages, made from the tables of keys, codes and exit codes; committed in docs/reference/."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.errors import EXIT_CODES
from penstock.load import ci, ci_github, ci_releasing, circleci, deploy, folders, notify, quarantine, services
from penstock.load.codes import CODES
from penstock.load.gate_keys import GATES
from penstock.load.keys import JOB, KINDS_LATER, TOLERANCE, TOP, TOP_TABLES
from penstock.load.kinds import SPECIALS
from penstock.load.table import Key
from penstock.model.pipeline import JobKind
from penstock.services import ALIASES, SERVICES

_MADE = "<!-- Made from the source by `pytest --update-golden`; do not edit. -->"
_KINDS = {
    JobKind.LINT: "the project's linters and formatters; the built-in job `lint`, or a job that names their `tool`",
    JobKind.TYPES: "the project's type checkers; the built-in job `types`, or a job that names their `tool`",
    JobKind.ANNOTATIONS: "how many functions are annotated, so that the type checkers check them; the built-in job "
    "`annotations`",
    JobKind.API: "what of the public interface is not as it was in the base, by griffe; the built-in job `api`",
    JobKind.AUDIT: "known vulnerabilities of the dependencies, by uv or pip-audit; the built-in job `audit`",
    JobKind.SECRETS: "passwords, keys and tokens in the tree, by detect-secrets; the built-in job `secrets`",
    JobKind.DEPENDENCIES: "what is imported against what is declared, by deptry; the built-in job `dependencies`",
    JobKind.FRESHNESS: "which direct dependencies have newer releases, by uv; the built-in job `freshness`; advice",
    JobKind.LICENSES: "the licences of what is installed; the built-in job `licenses`; advice without its gate",
    JobKind.COMPLEXITY: "how tangled each function is, by ruff or radon; the built-in job `complexity`, or a job "
    "that names radon as its `tool`",
    JobKind.SECURITY: "what bandit's rules find, by ruff or bandit; the built-in job `security`, or a job that names "
    "bandit as its `tool`",
    JobKind.TEST: "a test suite, recorded test by test; any job with `test`",
    JobKind.COVERAGE: "merges what the test jobs measured; the built-in job `coverage`",
    JobKind.BUILD: "sdist, wheel and a check of their metadata; the built-in job `build`",
    JobKind.RUN: "any command; any job with `run`",
    **{special.kind: f"{special.does}; any job with `{special.key.name}`" for special in SPECIALS},
}


_INTRODUCTION = (
    "`[tool.penstock]` in pyproject.toml, or the same tables at the top level of penstock.toml; both together are an "
    "error. Without either, penstock runs what it detects. An unknown key is an error. "
    "[penstock.schema.json](penstock.schema.json) says so to editors; [problems](problems.md) explains each code."
)
_JOBS = (
    "A job is a table by its name. The built-in jobs `lint`, `types`, `complexity`, `security`, `annotations`, `api`, "
    "`audit`, `secrets`, `dependencies`, `freshness`, `licenses`, `coverage` and `build` may be `true`, or "
    "`false` to leave them out. What a job is made of decides which keys it takes:"
)

_QUARANTINE = (
    "One table a test, or a group of tests: they run and are shown, and until their last day their failures do not "
    "block; from then on the entry itself is an error. See [flaky tests](../how-to/flaky-tests.md)."
)


_NOTIFY = (
    "A message to a webhook in the form of Slack's, when the whole pipeline has failed on a protected branch, and when "
    "it is green again. See [be told when main breaks](../how-to/notifications.md)."
)


_SERVICES = (
    "Servers that jobs use while they run, by name. A built-in one needs no table. See "
    "[databases and other services](../how-to/services.md)."
)


_DEPLOY = (
    "One table a place, by name: `penstock deploy NAME` runs the command, waits until it is healthy, and brings back "
    "what was there if it is not. See [deploy what was verified](../how-to/deploy.md)."
)


def reference() -> str:
    """docs/reference/configuration.md."""
    parts = [
        "# Configuration",
        _MADE,
        _INTRODUCTION,
        "## Top level",
        _table(TOP, with_kinds=False),
        *(f"`{name}`: {doc}" for name, doc in TOP_TABLES.items()),
        "## Jobs: `[tool.penstock.jobs]`",
        _JOBS,
        "\n".join(f"- `{kind.value}`: {doc}" for kind, doc in _KINDS.items()),
        _table((key for key in JOB if not key.later), with_kinds=True),
        *(
            part
            for special in SPECIALS
            for part in (
                f"### `{special.key.name}`",
                _table(special.keys, with_kinds=False),
                *(text for title, keys in special.parts for text in (f"#### {title}", _table(keys, with_kinds=False))),
            )
        ),
        "### `allow_failure`",
        _table(TOLERANCE, with_kinds=False),
        "### A folder of `caches`",
        _table(folders.KEYS, with_kinds=False),
        "## Gates: `[tool.penstock.gates]`",
        *(part for gate in GATES if not gate.later for part in _gate(gate.name, gate.doc, gate.keys)),
        "## Services: `[tool.penstock.services]`",
        _SERVICES,
        _table(services.KEYS, with_kinds=False),
        _built_in_services(),
        "## Quarantine: `[[tool.penstock.quarantine]]`",
        _QUARANTINE,
        _table(quarantine.KEYS, with_kinds=False),
        "## Notifications: `[tool.penstock.notify]`",
        _NOTIFY,
        _table(notify.KEYS, with_kinds=False),
        "## CI hosts: `[tool.penstock.ci]`",
        TOP_TABLES["ci"],
        "### `github`",
        _table(ci.GITHUB, with_kinds=False),
        *(text for title, keys in ci_github.PARTS for text in (f"#### {title}", _table(keys, with_kinds=False))),
        "#### `release`",
        _table(ci_releasing.RELEASE, with_kinds=False),
        "#### `codecov`",
        _table(ci_releasing.CODECOV, with_kinds=False),
        "### `circleci`",
        _table(circleci.CIRCLECI, with_kinds=False),
        "## Deployments: `[tool.penstock.deploy]`",
        _DEPLOY,
        _table(deploy.KEYS, with_kinds=False),
        "## Not supported by this version",
        _not_yet(),
    ]
    return "\n\n".join(parts) + "\n"


def _built_in_services() -> str:
    """What is built in, by name: the programs that can be it, and what its jobs get."""
    rows = ["| built in | also | server | variables of the job | to install | image |", "|" + " --- |" * 6]
    for name, recipe in SERVICES.items():
        also = ", ".join(f"`{alias}`" for alias, of in ALIASES.items() if of == name)
        programs = ", else ".join(f"`{server.programs[0]}`" for server in recipe.servers)
        variables = ", ".join(f"`{variable}`" for variable, _ in recipe.exports)
        rows.append(f"| `{name}` | {also} | {programs} | {variables} | `{recipe.install}` | `{recipe.image}` |")
    return "\n".join(rows)


def _not_yet() -> str:
    keys = ", ".join([f"`{key.name}`" for key in JOB if key.later])
    kinds = ", ".join(f"`{key}`" for key in KINDS_LATER)
    gates = ", ".join(f"`{gate.name}`" for gate in GATES if gate.later)
    parts = ", ".join(f"`{gate.name}.{key.name}`" for gate in GATES for key in gate.keys if key.later)
    known = "Known, and refused with `C104` until a version gives them meaning:"
    return f'{known} the job keys {keys}; jobs by {kinds}; the gates {gates}; {parts}; `mode = "ratchet"`.'


def _gate(name: str, doc: str, keys: tuple[Key, ...]) -> tuple[str, str, str]:
    return f"### `{name}`", doc, _table((key for key in keys if not key.later), with_kinds=False)


def _table(keys: Iterable[Key], *, with_kinds: bool) -> str:
    """One row a key."""
    titles = ["key", "value", "default", *(["jobs"] if with_kinds else []), "meaning"]
    rows = [titles, ["---"] * len(titles)]
    for key in keys:
        kinds = ", ".join(f"`{kind.value}`" for kind in key.kinds) or "all"
        default = "required" if key.required else key.default or "none"
        row = [f"`{key.name}`", key.shape.words, default, *([kinds] if with_kinds else []), key.doc]
        rows.append([cell.replace("|", "\\|") for cell in row])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def problems() -> str:
    """docs/reference/problems.md."""
    head = (
        "# Problems of the configuration\n\n"
        f"{_MADE}\n\n"
        "Each problem is told with its code, `file:line:column`, the line, and what to do; all at once, with exit code "
        "2, and nothing is run."
    )
    entries = [f"## {code.code}: {code.title}\n\n{code.cause}\n\n**Remedy:** {code.remedy}" for code in CODES]
    return "\n\n".join([head, *entries]) + "\n"


def exit_codes() -> str:
    """docs/reference/exit-codes.md."""
    rows = "\n".join(f"| {code.value} | {code.name} | {meaning} |" for code, meaning in EXIT_CODES.items())
    return (
        f"# Exit codes\n\n{_MADE}\n\nStable. Only 0 is green. If several apply, the first of this order is told: "
        "70, 2, 130/143, 1, 3, 4, 0. A hosting CI may run 3 again, never 1.\n\n"
        f"| code | name | meaning |\n| --- | --- | --- |\n{rows}\n"
    )
