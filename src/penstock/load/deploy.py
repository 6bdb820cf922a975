"""`[tool.penstock.deploy]`: each table becomes a Deployment."""

from __future__ import annotations

from penstock.load import commands, secrets
from penstock.load.findings import Findings
from penstock.load.health import Health
from penstock.load.links import cycles
from penstock.load.locate import KeyPath
from penstock.load.secrets import REQUIRE, SECRETS
from penstock.load.shapes import NAME, VARIABLE, Argv, List, Scalars
from penstock.load.table import Key, read_table
from penstock.load.types import Duration, Flag, Text, matches, spoken
from penstock.model.pipeline import Deployment

_ADDRESS = r"^https?://[^\s/@?#]+(?:/[^\s#@]*)?$"
_ARGV = Argv()
_HEALTH = Health(
    words='an address such as "https://example.org/health" that has to answer with 2xx, or a command as a list of '
    "arguments that has to end with 0",
    address=_ADDRESS,
    hint="it holds no password: a command can send one",
)


KEYS = (
    Key(name="run", shape=_ARGV, required=True, doc="The command that deploys."),
    Key(
        name="shell",
        shape=Flag(),
        default="false",
        doc="`run` and `rollback` are scripts for `bash -eo pipefail`.",
    ),
    Key(
        name="health",
        shape=_HEALTH,
        required=True,
        doc="How it is asked whether the new version works: again and again, until it does or the time is over.",
    ),
    Key(
        name="health_timeout",
        shape=Duration(),
        field="health_timeout_s",
        default='"2m"',
        doc="Time until it has to be healthy.",
    ),
    Key(
        name="rollback",
        shape=_ARGV,
        default="none",
        doc="The command that brings back what was there, run when `run` fails or the new version is not healthy.",
    ),
    Key(
        name="timeout",
        shape=Duration(),
        field="timeout_s",
        default='"30m"',
        doc="Time for `run`, and for `rollback`.",
    ),
    Key(
        name="after",
        shape=List(item=NAME, single=True, words="a deployment or a list of deployments"),
        default="[]",
        doc="Deployments of the same commit that have to be there, and healthy, before this one.",
    ),
    Key(
        name="approval",
        shape=Flag(),
        default="false",
        doc="Somebody has to agree on the CI host before it begins.",
    ),
    Key(
        name="branches",
        shape=List(
            item=Text(words="a branch or a pattern", pattern=r"^[A-Za-z0-9*][A-Za-z0-9._/*+-]*$"),
            single=True,
            least=1,
            words="a branch or a list of branches",
        ),
        default='["main"]',
        doc="Branches that are deployed from; `*` stands for anything but a slash, `**` for all.",
    ),
    Key(
        name="environment",
        shape=Scalars(words="a table of variables", keys=VARIABLE, key_words="the name of a variable"),
        default="{}",
        doc="Variables for the commands. Others are withheld, but for a short list.",
    ),
    Key(
        name="secrets",
        shape=SECRETS,
        default="[]",
        doc="Variables of the surroundings that the commands get, and that nobody sees.",
    ),
    Key(
        name="require",
        shape=REQUIRE,
        default="[]",
        doc="Variables of the surroundings that are no secrets and that the commands need.",
    ),
)


def read_deploy(raw: object, path: KeyPath, findings: Findings) -> tuple[Deployment, ...]:
    """The deployments that are right, in the order of the file."""
    if not isinstance(raw, dict):
        remedy = 'such as [tool.penstock.deploy.staging] with run = "…" and health = "https://…"'
        findings.add("C102", f"`deploy` must be a table of deployments, not {spoken(raw)}", path, remedy=remedy)
        return ()
    read = tuple(_deployment(name, value, (*path, name), findings) for name, value in raw.items())
    made = tuple(one for one in read if one is not None)
    known = tuple(str(name) for name in raw)
    for one in made:
        for index, name in enumerate(one.after):
            if name not in known:
                near = findings.suggestion(name, known)
                findings.add("C224", f"there is no deployment `{name}`", (*path, one.name, "after", index), remedy=near)
    for cycle in cycles({one.name: one.after for one in made}):
        message = f"these deployments come after each other in a circle: {' → '.join(cycle)}"
        findings.add("C203", message, (*path, cycle[0], "after"), remedy="remove one of them")
    return made


def _deployment(name: str, raw: object, path: KeyPath, findings: Findings) -> Deployment | None:
    before = len(findings)
    if not matches(NAME.pattern, name):
        findings.add("C103", f'"{name}" is not a name for a deployment: {NAME.words}', path, value=False)
    if not isinstance(raw, dict):
        remedy = 'such as { run = "./deploy.sh", health = "https://example.org/health" }'
        findings.add("C102", f"the deployment `{name}` must be a table, not {spoken(raw)}", path, remedy=remedy)
        return None
    values = read_table(raw, KEYS, f"the deployment `{name}`", path, findings)
    shell = values.pop("shell", False)
    for key in ("run", "rollback"):
        if key in values:
            argv = commands.of_job(values[key], (*path, key), findings, shell=shell)
            values[key] = ("bash", "-eo", "pipefail", "-c", *(argv or ()), "bash") if shell else argv
    secrets.check(values, path, findings)
    return Deployment(name=name, **values) if len(findings) == before else None
