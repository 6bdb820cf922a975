"""The steps that the jobs of CircleCI's configuration have in common, and the two commands that hold most of them.

No text of a user stands in a script: what a matrix or a parameter says comes as an environment variable. What is pasted
into the configuration by CircleCI itself (`<< … >>`) stands in values alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.model.circleci import CircleCI
from penstock.model.hosts import WHOLE_PLAN
from penstock.providers.yaml_text import Above, Flow, Node, Script

Step = Node

PENSTOCK = '"$HOME/penstock/bin/penstock"'  # the program, in scripts: no step may change what PATH finds
STATE = ".penstock"
HANDED = f"{STATE}/handed"  # what a runner leaves for the ones that follow: they find it in their own `.penstock`
SETUP, RUN = "penstock-setup", "penstock-run"
_OCCASION = {"OCCASION": "<< pipeline.parameters.occasion >>"}
_HISTORY = (f"{STATE}/history", f"{STATE}/timings.json")
_KEPT = ("cache", "tools", "pytest")  # of the state folder
_HISTORY_FAMILY = "penstock-history-v1-"
# A key is looked for as the beginning of others, and the newest of them is taken: no family is another's beginning.
_WHERE = "{{ arch }}-<< parameters.name >>-{{ .Environment.CIRCLE_NODE_INDEX }}-at-"
_DOWNLOADED, _RESULTS = f"penstock-uv-v1-{_WHERE}", f"penstock-v1-{_WHERE}"
_VERSIONS = f"{STATE}/versions"  # what the cache of downloads hangs on: until that changes, it is not written anew
# Images of virtual machines have several Pythons, and the first is not always one that penstock runs on.
_FROM_FILE = """\
export PIP_DISABLE_PIP_VERSION_CHECK=1
for python in python3 python3.14 python3.13 python3.12 python3.11; do
  if "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then break; fi
done
"$python" -m venv "$HOME/penstock"
"$HOME/penstock/bin/python" -m pip install --quiet --require-hashes --requirement "$REQUIREMENTS"
"""
_FROM_CHECKOUT = """\
"$HOME/penstock/bin/python" -m pip install --quiet --no-deps --no-build-isolation .
"""
_ASK = f"""\
{PENSTOCK} ci jobs --plan {STATE}/{WHOLE_PLAN} --of "$JOBS" > {STATE}/jobs
if [ ! -s {STATE}/jobs ]; then
  echo "the plan leaves this out"
  circleci-agent step halt
fi
"""
_PIN = f"""\
: > {_VERSIONS}
if [ -d {STATE}/resolutions ]; then
  find {STATE}/resolutions -type f -exec sha256sum {{}} + | sort > {_VERSIONS}
fi
"""
_PYTHONS = """\
uv="$HOME/penstock/bin/uv"
for version in $PYTHONS; do
  "$uv" python find --quiet "$version" > /dev/null || "$uv" python install --quiet "$version"
done
"""
_WORK = f"""\
mapfile -t jobs < {STATE}/jobs
{PENSTOCK} run --event "$OCCASION" --junit {STATE}/junit/tests.xml --alone "${{jobs[@]}}"
"""
_GATHER = f"""\
mkdir -p {HANDED}/evidence {STATE}/junit
if [ -d {STATE}/runs ]; then
  cp -R {STATE}/runs "{HANDED}/evidence/$NAME-$CIRCLE_NODE_INDEX"
fi
"""
_PLAN = f"""\
{PENSTOCK} ci plan --event "$OCCASION"
mkdir -p {HANDED}
for each in pins resolutions timings.json {WHOLE_PLAN}; do
  if [ -e "{STATE}/$each" ]; then
    cp -R "{STATE}/$each" {HANDED}/
  fi
done
"""
_JUDGE = f"""\
mkdir -p {STATE}/evidence {HANDED}
{PENSTOCK} gate --from {STATE}/evidence --plan {STATE}/{WHOLE_PLAN} \\
  --json {HANDED}/verdict.json
"""
_DEPLOY = f"""\
mkdir -p {HANDED}/deployments
{PENSTOCK} deploy "$DEPLOYMENT" --verdict {STATE}/verdict.json \\
  --json "{HANDED}/deployments/$DEPLOYMENT.json"
"""
_FETCHED = "What is deployed comes out of no cache: those are written by whoever may push to the default branch."


def literal(text: str) -> str:
    """A text as CircleCI leaves it: `<<` would begin what it fills in."""
    return text.replace("<<", "\\<<")


def parameter(name: str) -> str:
    """The value of a parameter."""
    return f"<< parameters.{name} >>"


def text(default: str | None = None) -> Node:
    """A parameter that is a text."""
    return {"type": "string"} if default is None else {"type": "string", "default": default}


CHECKOUT: Step = {"checkout": {"method": "full"}}  # with the whole history: what changed is asked of git
ATTACH: Step = {"attach_workspace": {"at": STATE}}


def run(name: str, command: str, environment: Mapping[str, str] | None = None, **more: Node) -> Step:
    """One script. `environment`: what it is given."""
    lines = Script(command) if command.count("\n") > 1 else command.strip()
    given = {"environment": dict(environment)} if environment else {}
    return {"run": {"name": name, **given, "command": lines, **more}}


def persist(*, always: bool = False, paths: Sequence[str] = (".",)) -> Step:
    """Hand on what lies in the folder for it."""
    return {"persist_to_workspace": {"root": HANDED, "paths": list(paths), **({"when": "always"} if always else {})}}


def store(path: str, destination: str) -> Step:
    """Keep it with the job, for people."""
    return {"store_artifacts": {"path": path, "destination": destination}}


def on_branch(settings: CircleCI, *steps: Step) -> Step:
    """Only on the default branch: branches of one repository share its caches, so that no other may write them."""
    return {
        "when": {
            "condition": {"equal": Flow([settings.branch, "<< pipeline.git.branch >>"])},
            "steps": list(steps),
        }
    }


def restore(name: str, family: str) -> Step:
    """The newest of a family, if there is one."""
    return {"restore_cache": {"name": name, "keys": [family]}}


def save(name: str, key: str, paths: Sequence[str]) -> Step:
    """Under a key that is written once."""
    return {"save_cache": {"name": name, "key": key, "paths": list(paths)}}


def restore_history() -> Step:
    """What the runs so far took."""
    return restore("Restore the history of runs", _HISTORY_FAMILY)


def save_history(settings: CircleCI) -> Step:
    """The newest is found again by the beginning of its key."""
    return on_branch(settings, save("Keep the history of runs", f"{_HISTORY_FAMILY}{{{{ epoch }}}}", _HISTORY))


def plan() -> Step:
    """Settle what all runners share."""
    return run("Plan what runs, with which versions, split how", _PLAN, _OCCASION)


def judge() -> Step:
    """The verdict over what all runners left."""
    return run("Judge", _JUDGE)


def deploy(patience: str) -> Step:
    """Deploy, wait until it is healthy, roll back if it is not."""
    return Above(_FETCHED, run("Deploy", _DEPLOY, {"DEPLOYMENT": parameter("deployment")}, no_output_timeout=patience))


def commands(settings: CircleCI) -> dict[str, Node]:
    """The two commands, by name."""
    script = _FROM_FILE + (_FROM_CHECKOUT if settings.from_checkout else "")
    return {
        SETUP: {
            "description": "penstock and uv, with all that they depend on, by their hashes",
            "steps": [run("Install penstock", script, {"REQUIREMENTS": settings.penstock})],
        },
        RUN: {
            "description": "one runner's part of the plan, and its evidence",
            "parameters": {name: text() for name in ("name", "jobs", "pythons", "patience")},
            "steps": _run(settings),
        },
    }


def _run(settings: CircleCI) -> list[Step]:
    return [
        SETUP,
        ATTACH,
        run("Ask the plan what is to be done here", _ASK, {"JOBS": parameter("jobs")}),
        run("Note the versions that are downloaded", _PIN),
        restore("Restore what was downloaded", _DOWNLOADED),
        restore("Restore the results of earlier runs", _RESULTS),
        run("Install Python", _PYTHONS, {"PYTHONS": parameter("pythons")}),
        run("Run", _WORK, _OCCASION, no_output_timeout=parameter("patience")),
        run("Gather the evidence", _GATHER, {"NAME": parameter("name")}, when="always"),
        persist(always=True),
        {"store_test_results": {"path": f"{STATE}/junit"}},
        store(f"{HANDED}/evidence", "evidence"),
        on_branch(
            settings,
            save("Keep what was downloaded", f'{_DOWNLOADED}{{{{ checksum "{_VERSIONS}" }}}}', ["~/.cache/uv"]),
            save("Keep the results", f"{_RESULTS}{{{{ .Revision }}}}", [f"{STATE}/{name}" for name in _KEPT]),
        ),
    ]
