"""What shards are split by, pinned: `pins/<sha256>.json` below the state folder, chosen once for each tree.

Every run learns new durations. If the next shard of the same tree were split by them, the shards would not add up; so
the first plan of a tree settles what all its shards go by, on this machine. Other machines get it as a shard plan.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from penstock.cli import files, host, keeping
from penstock.cli.surroundings import Surroundings
from penstock.errors import UsageError
from penstock.guest import penstock_shards
from penstock.model.plan import Plan
from penstock.model.snapshot import Snapshot
from penstock.plan.draft import source_digest
from penstock.plan.forecast import Past
from penstock.plan.request import Request
from penstock.plan.shards import Known, Pin
from penstock.record import timings
from penstock.record.timing_files import TimingFiles
from penstock.record.timings import Durations

VERSION = 1


def folder(state: Path) -> Path:
    """Where pinned files are."""
    return state / "pins"


def known(surroundings: Surroundings, snapshot: Snapshot, durations: Durations, request: Request) -> Known:
    """What splitting goes by: a settled split, else the durations of earlier runs."""
    past = Past(errors=durations.errors, startups=timings.startups(durations))
    if request.shard_plan:
        settled = _settled(request.shard_plan)
        return Known(pin=lambda leg: _settled_pin(surroundings.state, settled, leg), past=past)
    alone = bool(request.alone) or (request.shard is not None and request.shard[0] > 0)
    chosen = _Chosen(surroundings, snapshot, anew=request.split_anew, grows=not alone)
    return Known(pin=chosen.of, past=past)


def missing(state: Path, plan: Plan) -> bool:
    """Whether a file is gone that a job of the plan was split by."""
    pins = {job.shard.pin for job in plan.jobs if job.shard is not None and job.shard.pin}
    return any(not (folder(state) / f"{pin}.json").exists() for pin in pins)


def shard_plan(state: Path, plan: Plan) -> bytes:
    """The split of all jobs of the plan as a file for other machines. Raises UsageError where nothing is spread."""
    legs = {job.whole: job.shard for job in plan.jobs if job.shard is not None}
    if not legs:
        raise UsageError("no test job of this plan is spread over shards", remedy="penstock plan --shards 4 --out FILE")
    content: dict[str, object] = {}
    for leg, shard in sorted(legs.items()):
        text = (folder(state) / f"{shard.pin}.json").read_bytes()
        tests = penstock_shards.table_of(text)
        parts = penstock_shards.plan_of(text) if shard.settled else None
        split = parts or penstock_shards.shards(sorted(tests), tests, shard.count)
        content[leg] = {"shards": split, "tests": tests}
    whole = {"version": VERSION, "algorithm": penstock_shards.ALGORITHM, "legs": content}
    return _encoded({**whole, "digest": _digest(whole)}) + b"\n"


def _settled(text: str) -> Mapping[str, Mapping[str, object]]:
    """The legs of a shard plan. Raises UsageError where it is damaged, or of another version."""
    remedy = "write it anew: penstock plan --shards N --out FILE"
    try:
        told = json.loads(text)
        digest = told.pop("digest")
        legs = told["legs"]
        if told["version"] != VERSION or told["algorithm"] != penstock_shards.ALGORITHM:
            raise UsageError("the shard plan was written by another version of penstock", remedy=remedy)
        if digest != _digest(told):
            raise UsageError("the shard plan is damaged: its digest does not fit", remedy=remedy)
        for leg in legs.values():
            penstock_shards.plan_of(_encoded(leg))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"the shard plan cannot be read: {error}", remedy=remedy) from error
    return dict(legs)


def _settled_pin(state: Path, legs: Mapping[str, Mapping[str, object]], leg: str) -> Pin:
    if leg not in legs:
        known_legs = ", ".join(sorted(legs)) or "none"
        raise UsageError(f"the shard plan does not know {leg}", remedy=f"it was made for: {known_legs}")
    content = _encoded(legs[leg])
    return Pin(
        digest=_kept(state, content),
        tests=penstock_shards.table_of(content),
        parts=tuple(map(tuple, penstock_shards.plan_of(content))),
    )


class _Chosen:
    """The durations that the shards of one tree go by: those of its first plan.

    `anew`: the newest ones. `grows`: some may replace none, because all shards are planned at once.
    """

    def __init__(self, surroundings: Surroundings, snapshot: Snapshot, *, anew: bool, grows: bool) -> None:
        self._surroundings = surroundings
        self._anew = anew
        self._grows = grows
        self._trust = host.trust(surroundings, snapshot.git.commit)
        self._index = folder(surroundings.state) / f"tree-{source_digest(snapshot)[:32]}.json"

    def of(self, leg: str) -> Pin:
        """The leg's pin. What cannot be kept is told when a shard finds no file."""
        legs = self._read()
        state = self._surroundings.state
        digest = legs.get(leg, "")
        try:
            content = (folder(state) / f"{digest}.json").read_bytes() if digest else b""
        except OSError:
            content = b""
        empty = not penstock_shards.table_of(content)
        if self._anew or (empty and self._grows) or hashlib.sha256(content).hexdigest() != digest:
            content, told = TimingFiles.of(keeping.history(state)).pinned(self._trust, leg)
            for line in told:
                self._surroundings.out.progress(f"  note  {line}")
            digest = _kept(state, content)
            files.put(self._index, _encoded({**legs, leg: digest}))
        return Pin(digest=digest, tests=penstock_shards.table_of(content))

    def _read(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self._index.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.MsgspecError):
            return {}


def _kept(state: Path, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    path = folder(state) / f"{digest}.json"
    if not path.exists():
        files.put(path, content)
    return digest


def _digest(content: object) -> str:
    return hashlib.sha256(_encoded(content)).hexdigest()


def _encoded(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode("utf-8", "surrogatepass")
