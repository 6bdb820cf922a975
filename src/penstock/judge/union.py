"""Whether the shards of one leg add up: each test of the collection in exactly one of them, all split by the same."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from penstock.model.events import ShardProof
from penstock.model.testlog import ids_digest
from penstock.util.plural import noun, plural
from penstock.value import Value

_LARGEST_BYTES = 256 << 20  # of an unpacked collection
_MOST_NAMED = 20


class Part(Value, frozen=True, kw_only=True):
    """One shard: its name ("2/4"), the proof of its session, and the ids that have an end in it."""

    name: str
    proof: ShardProof | None
    ids: tuple[str, ...] = ()


class Lack(Value, frozen=True, kw_only=True):
    """Why the shards do not add up, the tests or files that it is about, and what to do."""

    summary: str
    remedy: str
    details: tuple[str, ...] = ()


def collection(proof: ShardProof) -> tuple[str, ...] | None:
    """All ids of the collection that a session saw, in order; None if the proof is not sound."""
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(base64.b64decode(proof.whole, validate=True), _LARGEST_BYTES)
        ids = tuple(json.loads(content)) if unpacker.eof else ()
    except (ValueError, binascii.Error, zlib.error, RecursionError, TypeError):
        return None
    sound = all(isinstance(name, str) for name in ids) and len(ids) == len(set(ids)) == proof.collected
    return ids if sound and ids_digest(ids) == proof.collection else None


def lack(parts: Sequence[Part], count: int) -> Lack | None:
    """The first thing that keeps `count` shards from adding up; None if every test is in exactly one of them."""
    found = next(_lacks(parts, count), None)
    return found if found is None else Lack(summary=found.summary, remedy=found.remedy, details=bounded(found.details))


def _lacks(parts: Sequence[Part], count: int) -> Iterator[Lack]:
    proofs = {part.name: part.proof for part in parts if part.proof is not None}
    wholes = {name: collection(proof) for name, proof in proofs.items()}
    if unsound := [name for name, ids in wholes.items() if ids is None]:
        yield Lack(summary=f"the proof of {_joined(unsound)} is damaged", remedy="run it again")
    known = {name: ids for name, ids in wholes.items() if ids is not None}
    yield from _differing(proofs, known)
    yield from _absent(parts, known, count)
    yield from _not_adding_up(parts, next(iter(known.values()), ()))


def _differing(proofs: Mapping[str, ShardProof], wholes: Mapping[str, tuple[str, ...]]) -> Iterable[Lack]:
    """What the shards do not agree on, the most telling first."""
    if len({proof.digest for proof in proofs.values()}) <= 1:
        return
    pins = _by(proofs, lambda proof: proof.pin)
    if len(pins) > 1:
        yield Lack(
            summary="the shards were split by different durations",
            remedy="give all shards one split: penstock plan --shards N --out FILE, penstock run --shards-from FILE",
            details=tuple(f"{_joined(names)}: {pin[:12] or 'no durations'}" for pin, names in pins.items()),
        )
    collections = _by(proofs, lambda proof: proof.collection)
    if len(collections) > 1:
        yield _other_tests({names[0]: wholes.get(names[0], ()) for names in collections.values()})
    yield from _other_params(proofs)
    yield Lack(summary="the shards do not agree on how the tests are split", remedy="run all shards again")


def _by(proofs: Mapping[str, ShardProof], what: Callable[[ShardProof], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, proof in proofs.items():
        groups.setdefault(what(proof), []).append(name)
    return groups


def _other_tests(wholes: Mapping[str, tuple[str, ...]]) -> Lack:
    """Collections that differ: in what, or in their order alone."""
    everywhere = set.intersection(*(set(ids) for ids in wholes.values()))
    details = tuple(f"only in {name}: {one}" for name, ids in wholes.items() for one in ids if one not in everywhere)
    if details:
        return Lack(
            summary="the shards collected different tests",
            remedy="give parameters a fixed order and fixed ids (sort sets), or fix PYTHONHASHSEED in the job's "
            "`environment`; the same files and versions on all runners",
            details=details,
        )
    first, *others = wholes.values()
    moved = next(one for other in others for one, same in zip(first, other, strict=True) if one != same)
    return Lack(
        summary="the shards collected the same tests in different orders",
        remedy="give parameters a fixed order (sort sets), or fix PYTHONHASHSEED in the job's `environment`",
        details=(f"the first that differs: {moved}",),
    )


def _other_params(proofs: Mapping[str, ShardProof]) -> Iterable[Lack]:
    first, *others = (dict(proof.params) for proof in proofs.values())
    differing = {name for other in others for name in first.keys() | other.keys() if first.get(name) != other.get(name)}
    if differing:
        yield Lack(
            summary="the shards gave the same test ids to different parameters",
            remedy="give parameters a fixed order (sort sets), or fix PYTHONHASHSEED in the job's `environment`",
            details=tuple(sorted(differing)),
        )


def _absent(parts: Sequence[Part], wholes: Mapping[str, tuple[str, ...]], count: int) -> Iterable[Lack]:
    """Shards that are not there, or told nothing; with the tests that are lost by it."""
    told = {part.name for part in parts if part.proof is not None}
    absent = [f"{index}/{count}" for index in range(1, count + 1) if f"{index}/{count}" not in told]
    if not absent:
        return
    ran = {name for part in parts for name in part.ids}
    lost = [name for name in next(iter(wholes.values()), ()) if name not in ran]
    few = f": {plural(len(lost), 'test')} did not run" if lost else ""
    it = "it" if len(absent) == 1 else "them"
    yield Lack(
        summary=f"{_joined(absent)} missing{few}",
        remedy=f"run the {noun(len(absent), 'shard')} {_joined(absent)}, and give what came of {it}, too",
        details=tuple(f"not run: {name}" for name in lost),
    )


def _not_adding_up(parts: Sequence[Part], whole: tuple[str, ...]) -> Iterable[Lack]:
    seen: dict[str, list[str]] = {}
    for part in parts:
        for name in part.ids:
            seen.setdefault(name, []).append(part.name)
    known = set(whole)
    details = [f"not run: {name}" for name in whole if name not in seen]
    missing = len(details)
    details += [f"in {_joined(names)}: {name}" for name, names in seen.items() if len(names) > 1]
    twice = len(details) - missing
    details += [f"not collected, in {_joined(names)}: {name}" for name, names in seen.items() if name not in known]
    if details:
        counts = ((missing, "missing"), (twice, "twice"), (len(details) - missing - twice, "unknown"))
        told = ", ".join(f"{number} {word}" for number, word in counts if number)
        yield Lack(
            summary=f"the shards do not add up to the {plural(len(whole), 'test')} collected: {told}",
            remedy="run all shards again, of one plan",
            details=tuple(details),
        )


def _joined(names: Iterable[str]) -> str:
    return ", ".join(names)


def bounded(details: Sequence[str]) -> tuple[str, ...]:
    """The first of them, and how many more there are."""
    rest = len(details) - _MOST_NAMED
    return (*details[:_MOST_NAMED], *([f"and {rest} more"] if rest > 0 else []))
