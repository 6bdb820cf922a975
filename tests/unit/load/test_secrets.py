"""Secrets and required variables, as they are declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import ConfigurationError
from penstock.load import file
from penstock.model.pipeline import JobSpec, Secret

VALUE = "sk-live-9f8e7d6c"


def job(tmp_path: Path, keys: str) -> JobSpec:
    (tmp_path / "penstock.toml").write_text(f'[jobs]\nx = {{ run = "make", {keys} }}\n')
    pipeline = file.read(tmp_path)
    assert pipeline.jobs is not None
    return pipeline.jobs[0]


def test_a_name_or_a_table(tmp_path: Path) -> None:
    made = job(
        tmp_path, 'secrets = ["API_KEY", { name = "CERT", required = false, file = "~/.cert.pem" }], require = ["X"]'
    )
    assert made.secrets == (Secret(name="API_KEY"), Secret(name="CERT", required=False, file="~/.cert.pem"))
    assert made.require == ("X",)
    assert made.cache is None


def test_what_a_machine_has_to_have(tmp_path: Path) -> None:
    made = job(tmp_path, 'memory = "2GiB", gpus = 1, cache = true')
    assert (made.memory_bytes, made.gpus, made.cache) == (2 << 30, 1, True)


@pytest.mark.parametrize(
    ("keys", "code", "told"),
    [
        ('secrets = ["A", { name = "A", file = "~/a" }]', "C212", "`A` stands in `secrets`, and here again"),
        ('secrets = ["A"], require = ["A"]', "C212", "`A` stands in `secrets`, and here again"),
        ('environment = { A = "1" }, secrets = ["A"]', "C212", "`A` stands in `environment`, and here again"),
        ('secrets = ["PATH"]', "C212", "`PATH` is set by penstock"),
        ('require = ["PENSTOCK_X"]', "C212", "`PENSTOCK_X` is set by penstock"),
        ('secrets = [{ name = "A", file = "../a" }]', "C103", "`file` cannot be"),
        ('secrets = [{ name = "A", file = "~a/x" }]', "C103", "`file` cannot be"),
        ('secrets = [{ file = "~/a" }]', "C105", "a secret needs `name`"),
        ('secrets = "A"', "C102", "`secrets` cannot be"),
        ("gpus = -1", "C103", "`gpus` cannot be"),
    ],
)
def test_what_cannot_be(tmp_path: Path, keys: str, code: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        job(tmp_path, keys)
    (problem,) = error.value.problems
    assert problem.code == code
    assert told in problem.message


@pytest.mark.parametrize("written", [f'"{VALUE}"', f'{{ name = "A", value = "{VALUE}" }}'])
def test_a_value_in_the_file_is_not_said_again(tmp_path: Path, written: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        job(tmp_path, f"secrets = [{written}]")
    (problem,) = error.value.problems
    assert VALUE not in str(problem)
    assert "make a new one" in str(problem.remedy)
