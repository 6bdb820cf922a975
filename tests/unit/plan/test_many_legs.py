"""What planning costs for 10,000 legs. Run it with `-m slow -s`: it prints, and asserts only that all are there."""

import time

import pytest

from penstock.model.snapshot import Timings
from penstock.plan.assemble import assemble
from penstock.plan.draft import draft
from penstock.plan.keys import bind
from penstock.plan.request import Request
from tests.builders import job_spec, pipeline, resolution, snapshot
from tests.fakes.tools import table


@pytest.mark.slow
def test_ten_thousand_legs() -> None:
    pythons = tuple(f"3.{minor}" for minor in range(9, 19))
    matrix = (("db", tuple(f"d{number}" for number in range(25))), ("os", tuple(f"o{number}" for number in range(20))))
    declared = pipeline(
        job_spec("unit", "test", python=("*",), matrix=matrix),
        job_spec("integ", "test", python=("*",), matrix=matrix, needs=("unit",)),
        job_spec("coverage", "coverage"),
        python=pythons,
    )
    facts = snapshot(pythons=pythons, files={f"src/p{number % 20}/m{number}.py": "d" * 64 for number in range(1_000)})
    pins = "\n".join(f"package{number}==1.{number}" for number in range(60))
    started = time.process_time()
    drafted = draft(declared, facts, Request(), table())
    planned = assemble(drafted, [resolution(one.name, requirements=pins) for one in drafted.sets], Timings())
    bindings = bind(planned, facts, table(), lambda _: False, nearest=lambda _: None)
    print(f"{len(planned.jobs)} jobs: {time.process_time() - started:.2f} s of CPU")
    assert len(planned.jobs) == len(bindings) == 10_001
