from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.guest.penstock_settings import Settings, read
from penstock.tools.guests import EngineSettings, engine_settings


def test_nobody_asks_for_the_engine() -> None:
    assert read("", "timings.json", "") is None


def test_every_key_may_be_absent_and_unknown_ones_say_nothing() -> None:
    assert read("{}", "", "") == Settings()
    assert read('{"workers": 3, "of a later version": 1}', "", "") == Settings(workers=3)


def test_the_pinned_timings_are_those_of_the_run_unless_others_are_named() -> None:
    assert read("{}", "run.json", "pool") == Settings(timings="run.json", pool="pool")
    assert read('{"timings": "own.json", "pool": "theirs"}', "run.json", "") == Settings(timings="own.json")


@pytest.mark.parametrize("text", ["{", "[", "workers=2"])
def test_what_is_no_json_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Extra"):
        read(text, "", "")


names = st.lists(st.text(min_size=1, max_size=8), max_size=3).map(tuple)


@given(
    st.builds(
        EngineSettings,
        workers=st.integers(1, 64),
        start=st.sampled_from(["auto", "fork", "spawn"]),
        timings=st.sampled_from(["", "a.json"]),
        timeout_s=st.none() | st.floats(0.1, 1e4),
        retries=st.none() | st.integers(0, 5),
        edited=names,
        quarantined=names,
        shard=st.none() | st.just((2, 4)),
        shard_plan=st.sampled_from(["", "plan.json"]),
        order=st.sampled_from(["kept", "shuffled"]),
    )
)
def test_what_the_program_writes_is_what_the_guest_reads(asked: EngineSettings) -> None:
    heard = read(engine_settings(asked), "", "")
    assert heard is not None
    assert {name: getattr(heard, name) for name in EngineSettings.__struct_fields__ if name != "shard"} == {
        name: getattr(asked, name) for name in EngineSettings.__struct_fields__ if name != "shard"
    }
    assert heard.shard == (asked.shard or ())
    assert json.loads(engine_settings(asked))["workers"] == asked.workers
