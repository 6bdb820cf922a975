"""What the jobs of generated workflows have in common, and the two actions of the repository that hold most of it.

No text of a user stands in a script: what a matrix, an event or a name says comes as an environment variable.
"""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.hosts import GitHub
from penstock.providers import pins
from penstock.providers.github.written import text
from penstock.providers.yaml_text import Node, Noted, Script

Step = Mapping[str, Node]

PENSTOCK = '"$RUNNER_TEMP/penstock/bin/penstock"'  # the program, in scripts: no step may change what PATH finds
_SETUP, _RUN = ".github/actions/penstock-setup", ".github/actions/penstock-run"
OWN = "zizmor: ignore[self-repository] the newer form, $/, is known to github.com alone"
RUN = Noted(f"./{_RUN}", OWN)
ON_MAIN = "github.event_name == 'push' && github.ref_name == github.event.repository.default_branch"
HISTORY = ".penstock/history\n.penstock/timings.json"
_FROM_FILE = """\
uv venv --quiet "$RUNNER_TEMP/penstock"
uv pip install --quiet --python "$RUNNER_TEMP/penstock" --require-hashes --requirement "$REQUIREMENTS"
"""
_FROM_CHECKOUT = """\
uv pip install --quiet --python "$RUNNER_TEMP/penstock" --no-deps --no-build-isolation .
"""
_PYTHONS = """\
for version in $PYTHONS; do
  uv python find --quiet "$version" > /dev/null || uv python install --quiet "$version"
done
"""
_STATE = "~/.cache/uv\n.penstock/cache\n.penstock/tools\n.penstock/timings.json"
_FAMILY = "penstock-v1-${{ runner.os }}-${{ runner.arch }}-${{ inputs.name }}-"


def files(settings: GitHub) -> dict[str, str]:
    """The two actions, by path."""
    return {
        f"{_SETUP}/action.yml": text(_setup(settings), settings),
        f"{_RUN}/action.yml": text(_run(settings), settings),
    }


def expression(condition: str) -> str:
    """A condition as `if` has it, with its marks."""
    return condition if condition.startswith("${{") else f"${{{{ {condition} }}}}"


def checkout() -> Step:
    """With the whole history: what changed is asked of git."""
    return {
        "name": "Check out",
        "uses": pins.CHECKOUT.uses,
        "with": {"fetch-depth": 0, "persist-credentials": False},
    }


def setup() -> Step:
    """Uv and penstock."""
    return {"name": "Set up penstock", "uses": Noted(f"./{_SETUP}", OWN)}


def take(name: str, path: str, *, pattern: bool = False) -> Step:
    """What earlier jobs left."""
    which = "pattern" if pattern else "name"
    return {
        "name": f"Take the {name.partition('-')[0]}",
        "uses": pins.DOWNLOAD.uses,
        "with": {which: name, "path": path},
    }


def upload(name: str, path: str, settings: GitHub, *, label: str, condition: str = "") -> Step:
    """Files for the jobs that follow. That there are none is an error."""
    return {
        "name": label,
        **({"if": condition} if condition else {}),
        "uses": pins.UPLOAD.uses,
        "with": {
            "name": name,
            "path": paths(path),
            "include-hidden-files": True,
            "if-no-files-found": "error",
            "retention-days": settings.retention_days,
            "overwrite": True,
        },
    }


def paths(text: str) -> Node:
    """One path as it is, several as a block."""
    return Script(text) if "\n" in text else text


def _action(name: str, description: str, inputs: Mapping[str, Node], steps: tuple[Step, ...]) -> dict[str, Node]:
    return {
        "name": name,
        "description": description,
        **({"inputs": inputs} if inputs else {}),
        "runs": {"using": "composite", "steps": list(steps)},
    }


def _setup(settings: GitHub) -> dict[str, Node]:
    script = _FROM_FILE + (_FROM_CHECKOUT if settings.from_checkout else "")
    return _action(
        "penstock-setup",
        "uv, and penstock with its dependencies by their hashes",
        {},
        (
            {
                "name": "Set up uv",
                "uses": pins.SETUP_UV.uses,
                "with": {"version": pins.UV, "enable-cache": False},
            },
            {
                "name": "Install penstock",
                "shell": "bash",
                "env": {"REQUIREMENTS": settings.penstock},
                "run": Script(script),
            },
        ),
    )


def _run(settings: GitHub) -> dict[str, Node]:
    """Caches are written by the default branch alone, so that no pull request leaves something for others to find."""
    inputs: dict[str, Node] = {
        "name": {"description": "what tells this runner from the others", "required": True},
        "jobs": {"description": "the jobs to run, without what they need", "required": True},
        "pythons": {"description": "the Pythons that they run on", "required": True},
    }
    state = {"path": Script(_STATE), "key": f"{_FAMILY}${{{{ github.sha }}}}"}
    return _action(
        "penstock-run",
        "one runner's part of the plan, and its evidence",
        inputs,
        (
            setup(),
            {
                "name": "Install Python",
                "shell": "bash",
                "env": {"PYTHONS": "${{ inputs.pythons }}"},
                "run": Script(_PYTHONS),
            },
            take("plan", ".penstock"),
            {
                "name": "Restore what earlier runs cached",
                "id": "state",
                "uses": pins.RESTORE.uses,
                "with": {**state, "restore-keys": _FAMILY},
            },
            {
                "name": "Run",
                "shell": "bash",
                "env": {"JOBS": "${{ inputs.jobs }}"},
                "run": f"{PENSTOCK} run --alone $JOBS",
            },
            upload(
                "evidence-${{ inputs.name }}",
                ".penstock/runs",
                settings,
                label="Hand on the evidence",
                condition="${{ !cancelled() }}",
            ),
            {
                "name": "Save what this run cached",
                "if": f"${{{{ !cancelled() && {ON_MAIN} && steps.state.outputs.cache-hit != 'true' }}}}",
                "uses": pins.SAVE.uses,
                "with": state,
            },
        ),
    )
