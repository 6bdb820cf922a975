from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from penstock.judge.union import Part, collection, lack
from penstock.model.events import ShardProof
from penstock.model.testlog import ids_digest

IDS = tuple(f"tests/test_a.py::test_{number}" for number in range(6))


def proof(ids: Sequence[str] = IDS, *, index: int = 1, count: int = 2, pin: str = "pin", **fields: Any) -> ShardProof:
    whole = base64.b64encode(zlib.compress(json.dumps(list(ids)).encode())).decode()
    made = ShardProof(
        index=index,
        count=count,
        digest=ids_digest([*ids, pin, str(count)]),
        pin=pin,
        collected=len(ids),
        collection=ids_digest(ids),
        whole=whole,
    )
    return replace(made, **fields)


def part(index: int, ids: Sequence[str], told: ShardProof | None = None) -> Part:
    return Part(name=f"{index}/2", proof=told or proof(index=index), ids=tuple(ids))


def test_shards_that_add_up_lack_nothing() -> None:
    assert lack([part(1, IDS[:2]), part(2, IDS[2:])], 2) is None


@pytest.mark.parametrize(
    ("parts", "summary", "detail"),
    [
        ([part(1, IDS[:2])], "2/2 missing: 4 tests did not run", f"not run: {IDS[2]}"),
        ([], "1/2, 2/2 missing", None),
        (
            [part(1, IDS[:2]), part(2, IDS[3:])],
            "the shards do not add up to the 6 tests collected: 1 missing",
            f"not run: {IDS[2]}",
        ),
        (
            [part(1, IDS[:3]), part(2, IDS[2:])],
            "the shards do not add up to the 6 tests collected: 1 twice",
            f"in 1/2, 2/2: {IDS[2]}",
        ),
        (
            [part(1, IDS[:2]), part(2, [*IDS[2:], "odd"])],
            "the shards do not add up to the 6 tests collected: 1 unknown",
            "not collected, in 2/2: odd",
        ),
        (
            [part(1, IDS[:2]), part(2, IDS[2:], proof(pin="other"))],
            "the shards were split by different durations",
            "1/2: pin",
        ),
        (
            [part(1, IDS[:2]), part(2, IDS[2:], proof(IDS[:5]))],
            "the shards collected different tests",
            f"only in 1/2: {IDS[5]}",
        ),
        (
            [part(1, IDS[:2]), part(2, IDS[2:], proof(IDS[::-1]))],
            "the shards collected the same tests in different orders",
            f"the first that differs: {IDS[0]}",
        ),
        (
            [part(1, IDS[:2]), part(2, IDS[2:], proof(digest="other", params=(("tests/test_a.py::test_x", "1"),)))],
            "the shards gave the same test ids to different parameters",
            "tests/test_a.py::test_x",
        ),
        (
            [part(1, IDS[:2]), part(2, IDS[2:], proof(digest="other"))],
            "the shards do not agree on how the tests are split",
            None,
        ),
        ([part(1, IDS[:2]), part(2, IDS[2:], proof(whole="!"))], "the proof of 2/2 is damaged", None),
    ],
)
def test_what_is_lacking_is_named(parts: list[Part], summary: str, detail: str | None) -> None:
    found = lack(parts, 2)
    assert found is not None
    assert found.summary == summary
    assert found.remedy
    assert (next(iter(found.details), None)) == detail


def test_details_are_bounded() -> None:
    ids = [f"t{number}" for number in range(100)]
    found = lack([Part(name="1/2", proof=proof(ids), ids=())], 2)
    assert found is not None
    assert len(found.details) == 21
    assert found.details[-1] == "and 80 more"


@pytest.mark.parametrize(
    "changed",
    [
        {"whole": ""},
        {"whole": base64.b64encode(b"no zlib").decode()},
        {"whole": base64.b64encode(zlib.compress(b"{")).decode()},
        {"whole": base64.b64encode(zlib.compress(b"[1]")).decode(), "collected": 1},
        {"whole": base64.b64encode(zlib.compress(b'["a"')[:-2]).decode()},
        {"collected": 5},
        {"collection": "other"},
    ],
)
def test_unsound_proof_has_no_collection(changed: dict[str, Any]) -> None:
    assert collection(proof()) == IDS
    assert collection(proof(**changed)) is None
