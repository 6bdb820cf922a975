"""What a machine has, held against what jobs ask for."""

from __future__ import annotations

import pytest

from penstock.plan.fitting import Machine, fitted
from tests.builders import job

HERE = Machine(cpus=4, memory_bytes=8 << 30, gpus=("GPU-a",))


@pytest.mark.parametrize(
    ("fields", "machine"),
    [
        ({"memory_bytes": 8 << 30, "gpus": 1}, HERE),
        ({"memory_bytes": 9 << 30}, Machine(cpus=1)),  # nobody knows what it has
        ({}, Machine(cpus=1, gpus=None)),
    ],
)
def test_what_fits_is_as_it_was(fields: dict[str, int], machine: Machine) -> None:
    asked = job("x", **fields)
    assert fitted(asked, machine) == asked


@pytest.mark.parametrize(
    ("fields", "machine", "why"),
    [
        ({"memory_bytes": 16 << 30}, HERE, "it asks for 16 GiB of memory, and this machine gives 8 GiB"),
        ({"gpus": 2}, HERE, "it asks for 2 GPUs, and this machine has 1 GPU"),
        ({"gpus": 1}, Machine(cpus=1, gpus=()), "it asks for 1 GPU, and this machine has none"),
        ({"gpus": 1}, Machine(cpus=1, gpus=None), "it asks for 1 GPU, and this machine has none"),
    ],
)
def test_what_does_not_fit_is_blocked_with_the_numbers(fields: dict[str, int], machine: Machine, why: str) -> None:
    made = fitted(job("x", **fields), machine)
    assert made.blocked_by == why
    assert made.remedy


def test_fewer_processors_only_make_it_slower() -> None:
    made = fitted(job("x", cpus=9), HERE)
    assert (made.cpus, made.blocked_by) == (4, None)
    assert "it gets all of them" in made.reasons[-1]


def test_a_reason_that_stands_is_kept() -> None:
    asked = job("x", gpus=9, blocked_by="no Python 3.12", remedy="install it")
    assert fitted(asked, HERE) == asked
