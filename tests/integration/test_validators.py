"""What is generated for six different projects, as linters see it that know nothing of penstock: nothing is found.

Pure, with C, with services, with a GPU, several packages in one repository, and with everything that can be generated.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fakes import validators
from tests.fakes.guest_runs import write
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

pytestmark = pytest.mark.slow  # a registry, and node

PURE = """\
python = ["3.10", "3.11", "3.12", "3.13"]

[jobs]
lint = true
types = true
unit = { test = "tests", python = "*" }
coverage = true
build = true

[ci.github]
nightly = "04:00"
"""
NATIVE = """\
python = ["3.11", "3.13"]

[jobs]
unit = { test = "test_native.py", python = "*", extras = ["test"], workspace = "copy" }
build = true

[ci.github]
release = true
"""
MONOREPO = """\
python = ["3.12", "3.13"]
stages = { fast = "5m", full = "20m" }

[jobs]
lint = { tool = "ruff", paths = ["bill", "mail"] }
bill = { test = "bill/tests", python = "*", shards = "auto", when = ["bill/**"] }
mail = { test = "mail/tests", matrix = { size = ["small", "large"] }, when = ["mail/**"], needs = ["bill"] }
notes = { run = "python -c 'print(1)'", on = ["nightly"], branches = ["main"], stage = "full" }
"""
# Name -> the folder that it is copied from, and what is added to it.
PROJECTS = {
    "pure": ("examples/demo", {"penstock.toml": PURE}),
    "native": ("tests/projects/env_native", {"penstock.toml": NATIVE}),
    "services": ("examples/ml-service", {}),
    "gpu": ("examples/dl-service", {}),
    "monorepo": (
        "",
        {
            "penstock.toml": MONOREPO,
            "pyproject.toml": '[project]\nname = "both"\nversion = "1"\nrequires-python = ">=3.12"\n',
            "bill/tests/test_bill.py": "def test_it() -> None:\n    assert 1 + 1 == 2\n",
            "mail/tests/test_mail.py": "def test_it() -> None:\n    assert 2 + 2 == 4\n",
        },
    ),
    "everything": ("examples/llm-framework", {}),
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What npm installs, once for all."""
    return tmp_path_factory.mktemp("npm")


@pytest.mark.parametrize("name", PROJECTS)
def test_nothing_is_found_in_what_is_generated(name: str, tmp_path: Path, cache: Path) -> None:
    folder, files = PROJECTS[name]
    root = tmp_path / "project"
    if folder:
        shutil.copytree(ROOT / folder, root, ignore=shutil.ignore_patterns(".penstock", ".github", ".circleci"))
    write(root, files)
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    save(root)
    for host in ("github", "circleci"):
        done = penstock(root, "ci", "generate", host)
        assert done.code == 0, done.err
        again = penstock(root, "ci", "generate", host)
        assert again.lines == ["nothing to do: all files are as they would be written"]
    assert validators.of_github(root, cache) == []
    assert validators.of_circleci(root) == []


def test_the_validators_find_what_is_wrong(tmp_path: Path, cache: Path) -> None:
    """Or none of them would have to be there: each of these is seen by one of them."""
    root = tmp_path / "project"
    workflow = """\
name: CI
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    needs: other
    steps:
      - uses: actions/checkout@v4
      - run: |
          for each in $(ls *.txt); do echo $unknown; done
      - run: echo ${{ github.event.pull_request.title }}
    colour: red
"""
    config = "version: 2.1  \njobs:\n  one:\n    steps:\n      - run: cd x; [ $a == 1 ]\n"
    write(root, {".github/workflows/ci.yml": workflow, ".circleci/config.yml": config})
    told = "\n".join(validators.of_github(root, cache))
    for tool in ("check-jsonschema", "actionlint", "act", "zizmor", "shellcheck"):
        assert f"{tool}: " in told
    told = "\n".join(validators.of_circleci(root))
    for tool in ("check-jsonschema", "yamllint", "shellcheck"):
        assert f"{tool}: " in told
