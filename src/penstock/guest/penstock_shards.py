"""Which tests belong to which shard: a pure function of the collected ids and one pinned table of durations.

PYTEST_DONT_REWRITE

Every shard computes the whole split and keeps its own part, so that the parts add up if, and only if, all shards were
given the same: `digest` says what that was. The same arguments give the same split on every machine: all arithmetic is
in whole microseconds, and nothing goes by the order of a set.

Files are units, because module fixtures are paid once a file. One that is longer than an eighth of what a shard should
take is cut, between tests, into pieces of about that size (benchmarks/shards: quarters end 1.5 % later, sixteenths no
earlier). The pieces go, longest first, to the shard that is the least loaded after it; entering a file that the shard
does not hold yet is charged with what its fixtures cost. No shard ends later than the mean load and one piece (Graham
1969), so an eighth over the mean where no test is long.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ALGORITHM = "shards 1"  # raise it when the same arguments no longer give the same split
PIECES_A_SHARD = 8
UNKNOWN_US = 100_000  # of a test where no test of the suite is known: only that all are alike matters


class Split(NamedTuple):
    """The positions of each shard's tests in the collection, ascending, and each shard's predicted microseconds."""

    parts: list[list[int]]
    loads_us: list[int]


class Costs(NamedTuple):
    """Microseconds: of each test (at least 1), and of entering each file once."""

    tests: list[int]
    entries: dict[str, int]


class _Piece(NamedTuple):
    """Tests that stay together, by their positions. `paths`: the files that they are in."""

    tests: list[int]
    cost: int
    paths: tuple[str, ...]


def shards(
    ids: Sequence[str],
    table: Mapping[str, Sequence[float]],
    count: int,
    groups: Mapping[str, str] | None = None,
) -> list[list[str]]:
    """The ids of each of `count` shards, in the order of the collection: every id in exactly one.

    `table`: test id -> (call, setup, teardown, …) in seconds. `groups`: test id -> the group that is never cut.
    """
    return [[ids[position] for position in part] for part in split(ids, table, count, groups).parts]


def split(
    ids: Sequence[str],
    table: Mapping[str, Sequence[float]],
    count: int,
    groups: Mapping[str, str] | None = None,
) -> Split:
    """The same by positions, with the predicted loads. Raises ValueError for less than one shard."""
    if count < 1:
        raise ValueError(f"{count} shards")
    cost = costs(ids, table)
    return _Shelf(count, cost).filled(_pieces(ids, cost, count, groups or {}))


def extended(
    ids: Sequence[str],
    table: Mapping[str, Sequence[float]],
    assigned: Sequence[Iterable[str]],
    groups: Mapping[str, str] | None = None,
) -> Split:
    """A split that is settled, for the ids as they are collected now: `assigned` holds the ids of each shard.

    Ids that it does not know are given out by the same rule, on top of what is settled. A group goes where its first
    settled test is.
    """
    groups = groups or {}
    cost = costs(ids, table)
    shelf = _Shelf(len(assigned), cost)
    home = {name: number for number, names in enumerate(assigned) for name in names}
    homes: dict[str, int] = {}
    for name in ids:
        if name in home and name in groups:
            homes.setdefault(groups[name], home[name])
    rest: list[int] = []
    for position, name in enumerate(ids):
        number = homes.get(groups.get(name, ""), home.get(name, -1))
        if number < 0:
            rest.append(position)
        else:
            shelf.put(number, _Piece([position], cost.tests[position], (path_of(name),)))
    unknown = Costs([cost.tests[position] for position in rest], cost.entries)
    pieces = _pieces([ids[position] for position in rest], unknown, len(assigned), groups)
    return shelf.filled([_Piece([rest[number] for number in piece.tests], *piece[1:]) for piece in pieces])


def path_of(name: str) -> str:
    """The file of a test id."""
    return name.partition("::")[0]


def costs(ids: Sequence[str], table: Mapping[str, Sequence[float]]) -> Costs:
    """What is predicted. A test that nobody knows gets the mean of its file, else of the suite; nothing is free.

    The longest set-up of a file, as far as it exceeds the second longest, is what its module or its imports need: it is
    the price of entering the file, and not of the test that happened to come first.
    """
    known = {name: row for name in ids if name in table and (row := _phases(table[name])) is not None}
    setups: dict[str, list[tuple[int, str]]] = {}
    for name, (_, setup) in known.items():
        setups.setdefault(path_of(name), []).append((setup, name))
    entries: dict[str, int] = dict.fromkeys((path_of(name) for name in ids), 0)
    own = {name: rest + setup for name, (rest, setup) in known.items()}
    for path, listed in setups.items():
        (largest, name), second = max(listed), sorted(listed)[-2:-1]
        entries[path] = largest - (second[0][0] if second else 0)
        own[name] -= entries[path]
    means = _means(own)
    everywhere = means.get("", UNKNOWN_US)
    return Costs([max(1, own.get(name, means.get(path_of(name), everywhere))) for name in ids], entries)


def digest(ids: Iterable[str], pin: str, count: int) -> str:
    """sha256 of all that the shards of one split must agree on. `ids`: the collection in its order, with whatever else
    decides about it; `pin`: the digest of the durations, or of the settled plan; `count`: of shards.
    """
    parts = (ALGORITHM, pin, str(count), *ids)
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def parse(text: str) -> tuple[int, int]:
    """`2/4` as (2, 4). Raises ValueError, with what is wrong."""
    first, slash, second = text.partition("/")
    if not slash or not (first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        raise ValueError(f"{text!r} is no shard: it is written as 2/4, the second of four")
    index, count = int(first), int(second)
    if not 1 <= index <= count <= 1000:
        raise ValueError(f"there is no shard {index} of {count}: the first is 1, the last is the number of shards")
    return index, count


def table_of(content: bytes) -> dict[str, Sequence[float]]:
    """The durations that a timings file holds; none if it is damaged: it predicts, and is no evidence."""
    try:
        tests = json.loads(content)["tests"]
        return {str(name): row for name, row in tests.items() if isinstance(row, list)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def plan_of(content: bytes) -> list[list[str]]:
    """The settled ids of each shard that a file of `penstock plan --shards` holds. Raises ValueError if damaged."""
    try:
        listed = json.loads(content)["shards"]
        parts = [[str(name) for name in part] for part in listed]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no shard plan: {error}") from error
    every = [name for part in parts for name in part]
    if not parts or len(set(every)) != len(every):
        raise ValueError("the shard plan names a test twice, or holds no shard")
    return parts


def _phases(row: Sequence[float]) -> tuple[int, int] | None:
    """(call and teardown, setup) in microseconds; None where the row is not to be believed."""
    try:
        call, setup, teardown = (float(number) for number in row[:3])
    except (TypeError, ValueError):
        return None
    if not all(math.isfinite(number) and 0 <= number < 1e7 for number in (call, setup, teardown)):
        return None
    return round(call * 1e6) + round(teardown * 1e6), round(setup * 1e6)


def _means(own: Mapping[str, int]) -> dict[str, int]:
    """The mean of each file, and, under "", of the suite; nothing where nothing is known."""
    sums: dict[str, list[int]] = {}
    for name, cost in own.items():
        for key in ("", path_of(name)):
            total = sums.setdefault(key, [0, 0])
            total[0] += cost
            total[1] += 1
    return {key: total // number for key, (total, number) in sums.items()}


def _pieces(ids: Sequence[str], cost: Costs, count: int, groups: Mapping[str, str]) -> list[_Piece]:
    """All tests in pieces, each small enough to be placed well; not fewer than shards, if there are tests enough."""
    share = (sum(cost.tests) + sum(cost.entries.values())) // count
    files: dict[str, list[int]] = {}
    grouped: dict[str, list[int]] = {}
    for position, name in enumerate(ids):
        home, key = (grouped, groups[name]) if name in groups else (files, path_of(name))
        home.setdefault(key, []).append(position)
    loose = [
        _piece(part, cost, (path,))
        for path, tests in files.items()
        # A piece is not much shorter than what entering its file costs: cutting would make more work than it levels.
        for part in _cut(ids, tests, cost.tests, max(1, share // PIECES_A_SHARD, cost.entries[path]))
    ]
    bound = [_piece(tests, cost, _paths(ids, tests)) for tests in grouped.values()]
    while loose and len(loose) + len(bound) < count:
        most = max(loose, key=lambda piece: (len(piece.tests), -piece.tests[0]))
        if len(most.tests) == 1:
            break
        loose.remove(most)
        middle = len(most.tests) // 2
        loose += [_piece(part, cost, most.paths) for part in (most.tests[:middle], most.tests[middle:])]
    return [*loose, *bound]


def _piece(tests: list[int], cost: Costs, paths: tuple[str, ...]) -> _Piece:
    return _Piece(tests, sum(cost.tests[position] for position in tests), paths)


def _paths(ids: Sequence[str], tests: Iterable[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path_of(ids[position]) for position in tests))


def _cut(ids: Sequence[str], tests: list[int], cost: Sequence[int], size: int) -> list[list[int]]:
    """Contiguous parts of about `size` and of nearly the same cost: a class goes where its middle falls, because its
    tests may build on one another; of one that is longer than two parts, a test.
    """
    total = sum(cost[position] for position in tests)
    number = -(-total // size)
    parts: dict[int, list[int]] = {}
    before = 0
    for block in _blocks(ids, tests, cost, size):
        lasts = sum(cost[position] for position in block)
        parts.setdefault((2 * before + lasts) * number // (2 * total), []).extend(block)
        before += lasts
    return list(parts.values())


def _blocks(ids: Sequence[str], tests: list[int], cost: Sequence[int], size: int) -> Iterator[list[int]]:
    """What is not parted: the tests of a class that follow one another, as long as they are no more than two parts."""
    for scope, run in itertools.groupby(tests, key=lambda position: _class_of(ids[position])):
        block = list(run)
        if scope and sum(cost[position] for position in block) <= 2 * size:
            yield block
        else:
            yield from ([position] for position in block)


def _class_of(name: str) -> str:
    """`path::Class` of a test in a class; "" of another."""
    scope = name.partition("[")[0].rpartition("::")[0]
    return scope if "::" in scope else ""


class _Shelf:
    """The shards while they are filled."""

    def __init__(self, count: int, cost: Costs) -> None:
        self._entries = cost.entries
        self._tests: list[list[int]] = [[] for _ in range(count)]
        self._loads = [0] * count
        self._holders: dict[str, set[int]] = {}
        self._heap = [(0, number) for number in range(count)]

    def filled(self, pieces: list[_Piece]) -> Split:
        """All pieces put where they make the least load, the longest first."""
        for piece in sorted(pieces, key=lambda piece: (-piece.cost, piece.tests[0])):
            self.put(self._best(piece), piece)
        return Split([sorted(tests) for tests in self._tests], list(self._loads))

    def put(self, number: int, piece: _Piece) -> None:
        """Give the piece to a shard."""
        self._loads[number] += self._price(number, piece)
        self._tests[number] += piece.tests
        for path in piece.paths:
            self._holders.setdefault(path, set()).add(number)
        heapq.heappush(self._heap, (self._loads[number], number))

    def _price(self, number: int, piece: _Piece) -> int:
        """What the piece costs there: its tests, and the files that the shard does not hold yet."""
        fresh = (path for path in piece.paths if number not in self._holders.get(path, ()))
        return piece.cost + sum(self._entries[path] for path in fresh)

    def _best(self, piece: _Piece) -> int:
        """The shard whose load is the least with the piece: the least loaded one, or one that holds its file."""
        while self._heap[0][0] != self._loads[self._heap[0][1]]:
            heapq.heappop(self._heap)
        there = {self._heap[0][1]}.union(*(self._holders.get(path, ()) for path in piece.paths))
        return min(there, key=lambda number: (self._loads[number] + self._price(number, piece), number))
