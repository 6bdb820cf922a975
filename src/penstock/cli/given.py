"""What jobs get from the surroundings by name: secrets and required variables, looked up before anything runs.

A value goes into the environment of the jobs that list it, and nowhere else: no plan, key, log or message holds one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from penstock.cli import host
from penstock.cli.surroundings import Surroundings
from penstock.guest.penstock_spellings import weakness
from penstock.model.pipeline import Deployment, JobSpec, Secret
from penstock.model.plan import Job, Plan
from penstock.run import canary
from penstock.run.secrets import Secrets

_MOST_BYTES = 64 << 10  # of a file; Linux takes no more than 128 KiB in one variable


class Lack(NamedTuple):
    """Why a variable is not there, or cannot be used, and what can be done about it. `unusable`: it is there."""

    why: str
    remedy: str
    unusable: bool = False


class Given(NamedTuple):
    """What was found. `lacking`: secrets, and names of required variables, without which a job is not verified."""

    secrets: Secrets
    lacking: Mapping[Secret | str, Lack]


def of(surroundings: Surroundings, jobs: Iterable[JobSpec | Job | Deployment], *, webhook: str = "") -> Given:
    """Look everything up that the jobs declare. From here on no secret reaches the screen.

    `webhook`: the variable of an address that is a secret and that no job gets. Raises LeakError if the redaction does
    not hold what it promises: then nothing is planned, kept or started.
    """
    wanted = tuple(jobs)
    secrets = {secret: None for job in wanted for secret in job.secrets}
    values: dict[Secret, str] = {}
    lacking: dict[Secret | str, Lack] = {}
    for secret in secrets:
        found = _value(surroundings, secret)
        if isinstance(found, str):
            values[secret] = found
        elif secret.required or found.unusable:
            lacking[secret] = found
    for name in {name: None for job in wanted for name in job.require}:
        if not surroundings.environ.get(name, "").strip():
            lacking[name] = Lack(f"the variable {name} is not set", _where(surroundings, name, "vars"))
    address = surroundings.environ.get(webhook, "").strip()
    more = [(webhook, address)] if address and not weakness(webhook, address) else []
    more += [canary.make()] if values or more else []
    made = Secrets(values, [*(secret.name for secret in secrets), webhook], more)
    surroundings.out.secrets = made
    if made:
        canary.prove(made)
    return Given(made, lacking)


def blocked(plan: Plan, given: Given) -> Plan:
    """The plan, in which a job that lacks something does not start, and says so; the others do."""
    if not given.lacking:
        return plan
    return replace(plan, jobs=tuple(_settled(job, given.lacking) for job in plan.jobs))


def _settled(job: Job, lacking: Mapping[Secret | str, Lack]) -> Job:
    needed: tuple[Secret | str, ...] = (*job.secrets, *job.require)
    lacks = [lacking[each] for each in needed if each in lacking]
    if not lacks or job.blocked_by is not None:
        return job
    remedies = dict.fromkeys(lack.remedy for lack in lacks)
    return replace(job, blocked_by="; ".join(lack.why for lack in lacks), remedy="; ".join(remedies))


def _value(surroundings: Surroundings, secret: Secret) -> str | Lack:
    found: str | Lack = surroundings.environ.get(secret.name, "")
    if isinstance(found, str) and not found.strip() and secret.file:
        found = _content(surroundings, secret)
    if isinstance(found, Lack):
        return found
    if not found.strip():
        return _missing(surroundings, secret, "is empty" if secret.name in surroundings.environ else "is not set")
    weak = weakness(secret.name, found)
    if weak:
        why = f"the secret {secret.name} cannot be kept out of the logs: {weak}"
        return Lack(why, "give it a longer value; what is no secret stands in `require` instead", unusable=True)
    return found


def _content(surroundings: Surroundings, secret: Secret) -> str | Lack:
    path = _path(surroundings, secret.file)
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        return _missing(surroundings, secret, f"is not set, and {secret.file} cannot be read ({error.strerror})")
    text = content.rstrip(b"\r\n")
    if len(content) > _MOST_BYTES:
        return _missing(surroundings, secret, f"cannot be taken from {secret.file}: it is larger than 64 KiB")
    if b"\0" in text:
        return _missing(surroundings, secret, f"cannot be taken from {secret.file}: a variable holds no NUL byte")
    return os.fsdecode(text) if text.strip() else _missing(surroundings, secret, f"is not set; {secret.file} is empty")


def _path(surroundings: Surroundings, name: str) -> Path:
    home = surroundings.environ.get("HOME", "")
    return Path(home, name[2:]) if name.startswith("~/") and home else surroundings.root / name


def _missing(surroundings: Surroundings, secret: Secret, what: str) -> Lack:
    context = host.context(surroundings.environ)
    if context.fork:
        why = f"the secret {secret.name} {what}: this is a pull request from a fork, which gets no secrets"
        return Lack(why, "run it from a branch of the repository, after a review: no other way is safe")
    return Lack(f"the secret {secret.name} {what}", _where(surroundings, secret.name, "secrets", secret.file))


def _where(surroundings: Surroundings, name: str, context: str, file: str = "") -> str:
    """Where a variable is set on this host."""
    provider = host.context(surroundings.environ).provider
    if provider == "github":
        place = f"add it in the repository's settings (Secrets and variables, Actions: {context})"
        return f"{place}, and hand it to the step: env: {{ {name}: ${{{{ {context}.{name} }}}} }}"
    if provider == "circleci":
        return f"add {name} in the project's settings (Environment Variables), or in a context that the job names"
    return f"export {name}=… before penstock starts" + (f", or write it to {file}" if file else "")
