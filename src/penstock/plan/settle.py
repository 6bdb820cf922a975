"""What the cache holds for keys that are made: hits, and why there is none. All of planning that every start needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from penstock.model.plan import Binding, CacheState

_MOST_EXPLAINED = 200  # misses whose cause is looked up: each costs a read
_AMBIENT = ("LANG", "LANGUAGE", "TZ")  # with LC_*: passed to every job and part of every key (TRUST.md, 1)


def ambient(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that count though nobody declares them."""
    return {name: value for name, value in sorted(environ.items()) if name in _AMBIENT or name.startswith("LC_")}


def settle(
    bindings: Iterable[Binding],
    lookup: Callable[[str], bool],
    *,
    fresh: bool = False,
    nearest: Callable[[str], Mapping[str, str] | None] | None = None,
) -> tuple[Binding, ...]:
    """The bindings with their cache states; one that is OFF stays so.

    `lookup`: whether the cache holds a key. `fresh`: no result is taken from the cache. `nearest`: a job's newest key
    parts, to say what changed.
    """
    explained = 0
    settled: list[Binding] = []
    for binding in bindings:
        if binding.cache is CacheState.OFF:
            settled.append(binding)
        elif fresh:
            settled.append(replace(binding, miss="asked for anew (--all)"))
        elif lookup(binding.key):
            settled.append(replace(binding, cache=CacheState.HIT))
        elif nearest is not None and explained < _MOST_EXPLAINED:
            from penstock.plan.misses import explain_miss

            explained += 1
            settled.append(replace(binding, miss=explain_miss(binding.key_parts, nearest(binding.job))))
        else:
            settled.append(binding)
    return tuple(settled)
