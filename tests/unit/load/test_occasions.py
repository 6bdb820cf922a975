"""For which runs a job says that it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import ConfigurationError
from penstock.load import file
from penstock.model.pipeline import JobSpec


def jobs(tmp_path: Path, text: str) -> dict[str, JobSpec]:
    (tmp_path / "penstock.toml").write_text(f"[jobs]\n{text}\n")
    return {job.name: job for job in file.read(tmp_path).jobs or ()}


def test_a_word_or_a_list(tmp_path: Path) -> None:
    found = jobs(
        tmp_path,
        """
        build = true
        slow = { test = "tests/slow", on = "nightly" }
        wheel = { run = "make wheel", on = ["nightly", "release"] }
        gpu = { test = "tests/gpu", branches = ["main", "feature/gpu-*"] }
        one = { run = "x", branches = "main" }
        """,
    )
    assert [found[name].on for name in ("build", "slow", "wheel", "gpu")] == [
        (),
        ("nightly",),
        ("nightly", "release"),
        (),
    ]
    assert found["build"].occasions == ("change", "nightly", "release")
    assert found["gpu"].occasions == ("change", "nightly")
    assert (found["gpu"].branches, found["one"].branches) == (("main", "feature/gpu-*"), ("main",))


@pytest.mark.parametrize(
    ("keys", "code", "told"),
    [
        ('on = "push"', "C103", 'it takes one of "change", "nightly", "release"'),
        ("on = []", "C103", "nightly"),
        ("on = true", "C102", '"change", "nightly"'),
        ('on = ["nightly", "nightly"]', "C110", "nightly"),
        ('branches = ["a b"]', "C103", "a branch or a pattern"),
        ('branches = "refs main"', "C103", "a branch or a pattern"),
        ("branches = []", "C103", "a branch or a pattern"),
        ('branch = "main"', "C101", "branch"),
    ],
)
def test_what_makes_no_sense(tmp_path: Path, keys: str, code: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        jobs(tmp_path, f'x = {{ run = "make", {keys} }}')
    (problem,) = caught.value.problems
    assert problem.code == code
    assert told in f"{problem.message} {problem.remedy}"
