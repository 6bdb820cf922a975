"""The example projects run here, each as a repository of its own; what this machine cannot verify, their pages say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.examples import FOLDER, HOSTS, not_verified
from tests.fakes.program import penstock
from tests.fakes.repository import call as git
from tests.fakes.repository import save

pytestmark = pytest.mark.slow  # a registry, servers, and up to some minutes each


@pytest.mark.parametrize("name", [*HOSTS, "ml-service"])
def test_an_example_is_green_but_for_what_its_page_says(name: str, tmp_path: Path) -> None:
    root = repository(name, tmp_path)
    done = penstock(root, "run", "--quiet", "--json", str(tmp_path / "run.json"))
    told = json.loads((tmp_path / "run.json").read_text())
    missing = {job.partition("@")[0] for job in told["unfinished_jobs"]}
    assert told["failed_jobs"] == [], done.out
    assert missing <= not_verified(name), done.out
    assert told["conclusion"] == ("incomplete" if missing else "passed"), done.out
    assert done.code == (3 if missing else 0)


def repository(name: str, folder: Path) -> Path:
    """The example alone, on its branch `main`."""
    root = folder / name
    shutil.copytree(FOLDER / name, root, ignore=shutil.ignore_patterns(".penstock", "__pycache__"))
    git(root, "init", "-q", "-b", "main")
    save(root)
    return root
