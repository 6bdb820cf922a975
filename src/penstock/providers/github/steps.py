"""What the jobs of generated workflows have in common, and the two actions of the repository that hold most of it.

No text of a user stands in a script: what a matrix, an event or a name says comes as an environment variable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.model.hosts import WHOLE_PLAN, GitHub
from penstock.providers import pins
from penstock.providers.github.written import text
from penstock.providers.yaml_text import Node, Noted, Script
from penstock.value import Value

Step = Mapping[str, Node]

PENSTOCK = '"$RUNNER_TEMP/penstock/bin/penstock"'  # the program, in scripts: no step may change what PATH finds
_SETUP, _RUN = ".github/actions/penstock-setup", ".github/actions/penstock-run"
OWN = "zizmor: ignore[self-repository] the newer form, $/, is known to github.com alone"
RUN = Noted(f"./{_RUN}", OWN)
READS: Mapping[str, Node] = {"contents": Noted("read", "check out")}
GIVEN = f"--from evidence --plan plan/{WHOLE_PLAN}"  # for commands that judge what the runners left
# A schedule runs on the default branch, and its event does not always name it.
ON_MAIN = (
    "(github.event_name == 'schedule'"
    " || github.event_name == 'push' && github.ref_name == github.event.repository.default_branch)"
)
HISTORY = ".penstock/history\n.penstock/timings.json"
_HISTORY_KEY = "history-v1-${{ github.run_id }}"
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
_UV_FOLDER = """\
echo "folder=$(uv cache dir)" >> "$GITHUB_OUTPUT"
"""
_UV_CACHE = "${{ steps.uv.outputs.folder }}"
_STATE = ".penstock/cache\n.penstock/tools\n.penstock/pytest"
# No name has a `#`: what one runner's keys begin with, no other's do.
_FAMILY = "-v2-${{ runner.os }}-${{ runner.arch }}-${{ inputs.name }}#"


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


def evidence() -> list[Step]:
    """What the runners left, for those who judge."""
    return [take("plan", "plan"), take("evidence-*", "evidence", pattern=True)]


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


class Work(Value, frozen=True, kw_only=True):
    """One runner's part, as its steps say it: literals or expressions. `jobs`: what `--alone` is given."""

    name: str
    jobs: str
    pythons: str
    event: str


def work(one: Work, settings: GitHub, given: Mapping[str, Node], between: Sequence[Step] = ()) -> list[Step]:
    """The steps of a runner from its plan to its evidence. `given`: variables of the jobs; `between`: ahead of them."""
    return [
        setup(),
        {
            "name": "Install Python",
            "shell": "bash",
            "env": {"PYTHONS": one.pythons},
            "run": Script(_PYTHONS),
        },
        take("plan", ".penstock"),
        *between,
        {
            "name": "Run",
            "shell": "bash",
            "env": {**given, "JOBS": one.jobs, "OCCASION": one.event},
            "run": f'{PENSTOCK} run --alone $JOBS --event "$OCCASION"',
        },
        upload(
            f"evidence-{one.name}",
            ".penstock/runs",
            settings,
            label="Hand on the evidence",
            condition="${{ !cancelled() }}",
        ),
    ]


def history() -> Step:
    """What earlier runs of the default branch took, and how they ended."""
    with_ = {"path": Script(HISTORY), "key": _HISTORY_KEY, "restore-keys": "history-v1-"}
    return {"name": "Restore the history of runs", "uses": pins.RESTORE.uses, "with": with_}


def keep_history() -> Step:
    """For the runs to come. Each run has a key of its own: the newest is found by what all keys begin with."""
    return {
        "name": "Keep the history for the runs to come",
        "if": f"${{{{ !cancelled() && {ON_MAIN} }}}}",
        "uses": pins.SAVE.uses,
        "with": {"path": Script(HISTORY), "key": _HISTORY_KEY},
    }


class _Family(Value, frozen=True, kw_only=True):
    """A row of caches. `key`: what it hangs on: until that changes, it is not written anew."""

    id: str
    words: str
    path: str
    key: str

    @property
    def _with(self) -> dict[str, Node]:
        return {"path": paths(self.path), "key": f"{self.id}{_FAMILY}{self.key}"}

    def restore(self) -> Step:
        """The newest of the family, if not the very one."""
        return {
            "name": f"Restore {self.words}",
            "id": self.id,
            "uses": pins.RESTORE.uses,
            "with": {**self._with, "restore-keys": f"{self.id}{_FAMILY}"},
        }

    def save(self) -> Step:
        """By the default branch alone, so that no pull request leaves something for others to find."""
        return {
            "name": f"Save {self.words}",
            "if": f"${{{{ !cancelled() && {ON_MAIN} && steps.{self.id}.outputs.cache-hit != 'true' }}}}",
            "uses": pins.SAVE.uses,
            "with": self._with,
        }


# What is installed changes with the versions, and what the tools and the jobs keep with every commit.
_FAMILIES = (
    _Family(
        id="packages",
        words="what uv fetched and built",
        path=_UV_CACHE,
        key="${{ hashFiles('.penstock/resolutions/**') }}",
    ),
    _Family(
        id="state",
        words="what the tools and the jobs keep",
        path=f"{_STATE}\n${{{{ inputs.caches }}}}",
        key="${{ github.sha }}",
    ),
)


def _run(settings: GitHub) -> dict[str, Node]:
    inputs: dict[str, Node] = {
        "name": {"description": "what tells this runner from the others", "required": True},
        "jobs": {"description": "the jobs to run, without what they need", "required": True},
        "pythons": {"description": "the Pythons that they run on", "required": True},
        "event": {"description": "the occasion that was planned for", "required": True},
        "caches": {"description": "folders that the jobs keep from run to run, one a line", "required": False},
    }
    one = Work(
        name="${{ inputs.name }}",
        jobs="${{ inputs.jobs }}",
        pythons="${{ inputs.pythons }}",
        event="${{ inputs.event }}",
    )
    where: Step = {"name": "Find uv's cache", "id": "uv", "shell": "bash", "run": Script(_UV_FOLDER)}
    steps = [
        *work(one, settings, {}, (where, *(family.restore() for family in _FAMILIES))),
        *(family.save() for family in _FAMILIES),
    ]
    return _action("penstock-run", "one runner's part of the plan, and its evidence", inputs, tuple(steps))
