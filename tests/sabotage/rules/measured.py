"""Numbers that get worse behind a green build: annotations, time, licences, permissions that ended, tests left out."""

from __future__ import annotations

from tests.sabotage.case import PLAIN, Files, Red, Sabotage, Scene, instead, plus
from tests.sabotage.projects import UNIT, kiln

_LOOSE = "[tool.mypy]\nfiles = ['kiln']\n"
ANNOTATED = kiln(
    "annotated",
    "types = true",
    more=f"[tool.penstock.gates]\nannotations = {{ min = 90 }}\n\n{_LOOSE}",
    stock=("mypy",),
)
TIMED = kiln(
    "timed",
    'check = { run = "sleep 0", stage = "fast" }',
    more='[tool.penstock.stages]\nfast = "2s"\n\n[tool.penstock.gates]\nbudget = {}\n',
    stock=("sleep 0",),
)
LICENSED = kiln(
    "licensed",
    UNIT,
    more='[tool.penstock.gates]\nlicenses = { scope = "all", allow = ["MIT", "BSD-*", "Apache-2.0"] }\n',
    stock=("pytest -q",),
)
PROPOSED = kiln("proposed", UNIT, more="[tool.penstock.gates]\npull_request = {}\n", stock=("pytest -q",))
TRUSTED = kiln("trusted", UNIT, stock=("pytest -q",))
RATCHETED = kiln(
    "ratcheted",
    'lint = { mode = "ratchet" }',
    more='[tool.penstock.gates]\nbaseline = { strict = true }\n\n[tool.ruff.lint]\nselect = ["F"]\n',
    stock=("ruff check .",),
)
RATCHETED = RATCHETED._replace(
    files={**RATCHETED.files, "kiln/glaze.py": f"import os\n\n{RATCHETED.files['kiln/glaze.py']}"}
)

SCORED = kiln(
    "scored",
    'score = { run = "python score.py", outputs = ["score.json"] }\n'
    'quality = { metric = { file = "score.json", value = "rate", min = 40 }, needs = ["score"] }',
    stock=("python score.py",),
)
SCORED = SCORED._replace(
    files={
        **SCORED.files,
        "score.py": 'import json\n\nwith open("score.json", "w") as stream:\n    json.dump({"rate": 42}, stream)\n',
    }
)

_LOOSE_FUNCTIONS = "".join(f"\n\ndef stack_{number}(bricks):\n    return bricks\n" for number in range(4))
_FIRM_FUNCTIONS = _LOOSE_FUNCTIONS.replace("(bricks)", "(bricks: int) -> int")


def quarantined(until: str) -> Files:
    """A failing test, and a permission for it that ends on a day."""
    entry = (
        '\n[[tool.penstock.quarantine]]\ntest = "tests/test_kiln.py::test_hot"\nowner = "a"\nreason = "r"\n'
        f"until = {until}\n"
    )
    return {
        "pyproject.toml": plus(entry),
        "tests/test_kiln.py": instead('fire(1200) == "hot"', 'fire(1200) == "cold"'),
    }


def remembered(scene: Scene) -> None:
    """The project has run once on its main branch."""
    scene.penstock("run", "--offline")


def accepted(scene: Scene) -> None:
    """What the linter finds today stands in the base's baseline."""
    scene.penstock("init", "--baseline")
    scene.git("add", "-A")
    scene.git("commit", "-q", "-m", "What is there today")
    scene.git("update-ref", "refs/remotes/origin/main", "HEAD")


CASES = (
    Sabotage(
        name="functions that no type checker checks",
        project=ANNOTATED,
        change={"kiln/glaze.py": plus(_LOOSE_FUNCTIONS)},
        twin={"kiln/glaze.py": plus(_FIRM_FUNCTIONS)},
        expects=Red("annotations", "of 90 %|90"),
        rule="types",
    ),
    Sabotage(
        name="a number gets worse than its limit",
        project=SCORED,
        change={"score.py": instead("42", "39")},
        twin={"score.py": instead("42", "41")},
        expects=Red("metric.min", "39, at least 40"),
        rule="jobs",
    ),
    Sabotage(
        name="a number that has a limit is not there",
        project=SCORED,
        change={"score.py": instead('"rate"', '"ratio"')},
        twin={"score.py": instead('{"rate"', '{"runs": 3, "rate"')},
        expects=Red("metric.min", "not measured", 3),
        rule="jobs",
    ),
    Sabotage(
        name="a stage takes longer than its budget",
        project=TIMED,
        change={"pyproject.toml": instead("sleep 0", "sleep 3")},
        twin={"pyproject.toml": instead("sleep 0", "sleep 0.1")},
        expects=Red("budget.fast", "2"),
        rule="jobs",
        stock=("sleep 3",),
        stock_twin=("sleep 0.1",),
    ),
    Sabotage(
        name="a dependency under a licence that is not allowed",
        project=LICENSED,
        change={"pyproject.toml": instead('test = ["pytest"]', 'test = ["pytest", "pathspec"]')},
        twin={"pyproject.toml": instead('test = ["pytest"]', 'test = ["pytest", "mypy-extensions"]')},
        expects=Red("licenses", "pathspec|MPL"),
        rule="security",
    ),
    Sabotage(
        name="a quarantine that has ended",
        project=TRUSTED,
        change=quarantined("2020-01-01"),
        twin=quarantined("2999-01-01"),
        message="A change\n\nPolicy: the shelf is slow",
        twin_message="A change\n\nPolicy: the shelf is slow",
        expects=Red("quarantine", "ended on 2020-01-01", also=("tests",)),
        rule="tests",
    ),
    Sabotage(
        name="a test is skipped that ran before",
        project=TRUSTED,
        change={
            "tests/test_kiln.py": lambda text: text.replace(
                "def test_hot", '@pytest.mark.skip(reason="later")\ndef test_hot'
            ).replace("from kiln", "import pytest\n\nfrom kiln")
        },
        twin={"tests/test_kiln.py": plus("\n\ndef test_hotter() -> None:\n    assert fire(2000) == 'hot'\n")},
        before=remembered,
        message=PLAIN,
        twin_message=PLAIN,
        proposed=True,
        expects=Red("tests.left_out", "test_hot"),
        rule="tests",
    ),
    Sabotage(
        name="a change that says nothing of itself",
        project=PROPOSED,
        change={"kiln/glaze.py": plus("\n\nSHELVES = 3\n")},
        twin={"kiln/glaze.py": plus("\n\nSHELVES = 3\n")},
        message="stuff",
        twin_message="feat: three shelves",
        proposed=True,
        expects=Red("pull_request.title", "type"),
        rule="policy",
    ),
    Sabotage(
        name="what was mended stays in the baseline",
        project=RATCHETED,
        change={"kiln/glaze.py": lambda text: text.replace("import os\n\n", "")},
        twin={"README.md": "A kiln.\n"},
        before=accepted,
        expects=Red("baseline", "1"),
        rule="lint",
    ),
)
