"""Scripts, examples and images in a whole run: by argparse, click and typer, notebooks, and an engine that is none."""

from __future__ import annotations

import json
import os
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.engine import FakeEngine
from tests.fakes.guest_runs import write
from tests.fakes.program import Done, penstock

pytestmark = pytest.mark.slow  # a registry, and several whole runs

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "tools-of-mine"
version = "1"
requires-python = ">=3.9"
dependencies = ["click>=8", "typer>=0.12"]

[project.scripts]
mine = "mine:main"

[tool.hatch.build.targets.wheel]
packages = ["src/mine"]

[tool.penstock.jobs]
"""
CLICK = """
import click

@click.command()
@click.option("--name", default="you")
def hello(name):
    click.echo(f"hello {name}")
    open("written.txt", "w").close()

if __name__ == "__main__":
    hello()
"""
TYPER = """
import typer

def main(times: int = 1):
    print("hi " * times)

if __name__ == "__main__":
    typer.run(main)
"""
SLACK = """
import argparse
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.parse_known_args()
"""
PACKAGE = """
import argparse

def main():
    argparse.ArgumentParser().parse_args()
"""


def project(root: Path, jobs: str, **files: str) -> Path:
    write(root, {"pyproject.toml": PROJECT + textwrap.dedent(jobs), "src/mine/__init__.py": PACKAGE, **files})
    return root


def tree(root: Path) -> set[str]:
    """What lies in the tree, but for our own folder, and for what Python keeps beside a module that is imported."""
    kept = {".penstock", "__pycache__"}
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if not kept & {*path.parts}}


def cell(*lines: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": [f"{line}\n" for line in lines],
    }


def notebook(*cells: dict[str, Any]) -> str:
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "some-kernel-of-mine"}}
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5})


def test_scripts_by_argparse_click_and_typer_and_a_console_script_are_tried(tmp_path: Path) -> None:
    jobs = """
    tools = { scripts = true }
    listed = { scripts = { paths = "scripts/*.py", arguments = ["--help"] } }
    """
    scripts = {"scripts/by_click.py": CLICK, "scripts/by_typer.py": TYPER}
    root = project(tmp_path / "p", jobs, **scripts)
    known = tree(root)
    done = penstock(root, "run", "-q")
    assert done.code == 0, done.out + done.err
    assert "3 of 3 scripts good" in done.out
    assert "2 of 2 scripts good" in done.out
    assert tree(root) == known, "they were started in a copy"

    write(root, {"scripts/slack.py": SLACK, "scripts/no_module.py": "import argparse, no_such_module_of_mine\n"})
    red = penstock(root, "run", "-q", "tools")
    assert red.code == 1, red.out
    assert "scripts/slack.py  arguments  it takes an unknown option: it ended with 0" in red.out
    assert "scripts/no_module.py:1  import  ModuleNotFoundError" in red.out


def test_examples_pages_and_notebooks_run_and_each_break_is_named(tmp_path: Path) -> None:
    jobs = """
    shown = { examples = ["examples/*.py", "examples/*.ipynb", "README.md"], cpus = 2 }
    """
    page = "# Mine\n\n```python\nimport mine\n\nassert callable(mine.main)\n```\n"
    good = notebook(cell("import mine, pathlib", "x = 1"), cell("%time x += 1"), cell("pathlib.Path('made').touch()"))
    root = project(
        tmp_path / "p",
        jobs,
        **{"README.md": page, "examples/a.py": "import mine\nopen('out', 'w')\n", "examples/n.ipynb": good},
    )
    known = tree(root)
    done = penstock(root, "run", "-q")
    assert done.code == 0, done.out + done.err
    assert "3 of 3 examples passed" in done.out
    assert tree(root) == known, "they ran in a copy"

    bad = notebook(cell("x = 1"), cell("def f():", "    return 1 / 0", "", "f()"))
    write(root, {"examples/n.ipynb": bad, "README.md": page.replace("callable", "not callable")})
    red = penstock(root, "run", "-q")
    assert red.code == 1, red.out
    assert "In [2], line 4: ZeroDivisionError: division by zero" in red.out
    assert "README.md:6  run" in red.out


def test_a_notebook_that_hangs_is_ended_with_its_kernel(tmp_path: Path) -> None:
    jobs = 'shown = { examples = { paths = "n.ipynb", timeout = "4s" } }'
    root = project(tmp_path / "p", jobs, **{"n.ipynb": notebook(cell("import time", "time.sleep(600)"))})
    red = penstock(root, "run", "-q")
    assert red.code == 1, red.out
    assert "In [1]: the notebook did not end within 4 s" in red.out
    assert "it left" not in red.out, "no process of it was left to be ended"


def test_what_cannot_run_here_is_not_verified_and_what_matches_nothing_neither(tmp_path: Path) -> None:
    jobs = """
    shown = { examples = { paths = "e/*.py", needs = { "e/b.py" = "NO_SUCH_VARIABLE_OF_MINE" } } }
    none = { scripts = "bin/*" }
    """
    root = project(tmp_path / "p", jobs, **{"e/a.py": "import mine\n", "e/b.py": "import mine\n"})
    done = penstock(root, "run", "-q")
    assert done.code == 3, done.out
    assert "1 of 2 examples not verified: e/b.py (needs NO_SUCH_VARIABLE_OF_MINE, which is not set)" in done.out
    assert "`bin/*` matches no script" in done.out


IMAGE = 'box = { image = { health = "/health", within = "5s", max_size = "200MiB" } }'


def boxed(root: Path, folder: Path | None, jobs: str = IMAGE) -> Done:
    """A run of an image job alone; `folder`: where the engine's program is."""
    write(root, {"penstock.toml": f"[jobs]\n{jobs}\n", "Dockerfile": "FROM scratch\n", "README.md": "x\n"})
    path = os.pathsep.join([*([str(folder)] if folder else []), "/usr/bin", "/bin"])
    return penstock(root, "run", "-q", environ={"PATH": path})


def test_an_image_job_is_green_red_and_not_verified_by_what_the_engine_says(tmp_path: Path) -> None:
    root = tmp_path / "p"
    docker = FakeEngine(tmp_path / "bin")
    green = boxed(root, tmp_path / "bin")
    assert green.code == 0, green.out + green.err
    assert "190 MiB, built in" in green.out
    docker.wish(size=300 << 20)
    large = boxed(root, tmp_path / "bin")
    assert large.code == 1, large.out
    assert "size 300 MiB, at most 200 MiB" in large.out
    docker.wish(dies=3)
    dead = boxed(root, tmp_path / "bin")
    assert dead.code == 1, dead.out
    assert "the container ended by itself with exit code 3" in dead.out
    docker.wish(deaf=True)
    deaf = boxed(root, tmp_path / "bin")
    assert deaf.code == 3, deaf.out
    assert "no container engine answers here (docker is installed, and does not answer: " in deaf.out
    assert docker.containers == []


def test_without_an_engine_an_image_is_not_verified_with_what_to_install(tmp_path: Path) -> None:
    done = boxed(tmp_path / "p", None)
    assert done.code == 3, done.out
    assert "no container engine answers here" in done.out
    assert "install Docker or Podman and start it" in done.out
