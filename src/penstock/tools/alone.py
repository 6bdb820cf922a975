"""pytest in the caller's own environment (`penstock test`): recorded, and otherwise as it was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.model.plan import GUEST, REPORTS, Command
from penstock.tools import guests
from penstock.tools.recorded import EVENTS

PLUGIN = ("-p", "penstock_pytest")


def command(
    start: Iterable[str],
    words: Iterable[str],
    *,
    directory: str,
    settings: guests.EngineSettings,
    environ: Mapping[str, str],
    hash_seed: str,
) -> Command:
    """One pytest process. `start`: the words that start pytest; `words`: what it is asked for, as it was typed.

    `directory`: where it runs, relative to the root. Of `environ`, which the process gets whole, only what has to be
    joined with what the guest needs is taken. `hash_seed`: told where the caller has none, so that `repro` repeats it.
    """
    rest = environ.get("PYTHONPATH", "")
    variables = {
        "PENSTOCK_EVENTS": f"{REPORTS}/{EVENTS}",
        "PYTHONPATH": f"{GUEST}:{rest}" if rest else GUEST,
        "PYTHONHASHSEED": environ.get("PYTHONHASHSEED") or hash_seed,
        guests.ENGINE: guests.engine_settings(settings),
    }
    return Command(
        argv=(*start, *PLUGIN, *words),
        environment=tuple(sorted(variables.items())),
        directory=directory,
        tool="pytest",
    )
