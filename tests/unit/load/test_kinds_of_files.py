"""The tables of `scripts`, `examples` and `image`, and their short forms."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from penstock.errors import ConfigurationError
from penstock.load.file import read
from penstock.model.pipeline import JobKind, JobSpec, Limit


def job(root: Path, text: str) -> JobSpec:
    (root / "penstock.toml").write_text(f"[jobs]\n{textwrap.dedent(text)}", encoding="utf-8")
    (only,) = read(root).jobs or ()
    return only


def test_scripts_in_their_three_forms(tmp_path: Path) -> None:
    listed = job(tmp_path, 'tools = { scripts = ["scripts/*.py", "tools/run.sh"] }')
    assert listed.kind is JobKind.SCRIPTS
    assert listed.option_words("paths") == ("scripts/*.py", "tools/run.sh")
    detected = job(tmp_path, "tools = { scripts = true, cpus = 2 }")
    assert (detected.option("paths"), detected.cpus) == ((), 2)
    table = job(tmp_path, 'tools.scripts = { paths = "bin/*", help = false, arguments = ["--list"], timeout = "5s" }')
    assert dict(table.options) == {"paths": ("bin/*",), "help": False, "arguments": ("--list",), "timeout": 5.0}


def test_examples_name_what_is_not_run_and_what_is_needed(tmp_path: Path) -> None:
    text = 'shown.examples = { paths = "e/*.py", not_run = { "e/a.py" = "a window" }, needs = { "e/b.py" = "gpu" } }'
    spec = job(tmp_path, text)
    assert spec.option_pairs("not_run") == (("e/a.py", "a window"),)
    assert spec.option_pairs("needs") == (("e/b.py", "gpu"),)
    assert spec.option_words("not_run") == ()


def test_the_size_of_an_image_is_a_limit_and_its_file_may_stand_alone(tmp_path: Path) -> None:
    spec = job(tmp_path, 'box.image = { health = "/health", port = 80, within = "5s", max_size = "1GiB" }')
    assert spec.limits == (Limit(measure="size", key="image.max_size", most=float(1 << 30), unit="B"),)
    assert dict(spec.options) == {"health": "/health", "port": 80, "within": 5.0}
    assert job(tmp_path, 'box = { image = "docker/Dockerfile" }').option("file") == "docker/Dockerfile"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tools = { scripts = [] }", "C103"),
        ('tools = { scripts = "../x" }', "C103"),
        ('tools = { scripts = { path = "x" } }', "C101"),
        ('tools = { scripts = { help = "help" } }', "C103"),
        ("shown = { examples = { timeout = 5 } }", "C105"),
        ('shown = { examples = { paths = "x", needs = { "x" = "two words" } } }', "C103"),
        ('box = { image = { health = "health" } }', "C103"),
        ('box = { image = "/Dockerfile" }', "C103"),
        ('box = { image = "Dockerfile", python = "3.12" }', "C109"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        job(tmp_path, text)
    assert [problem.code for problem in caught.value.problems] == [code]
