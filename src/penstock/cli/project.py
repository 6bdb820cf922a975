"""The project, as it declares itself and as it lies there.

What is remembered on the way lies in the state folder, which git does not see. Where the declaration is refused,
nothing is written.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from penstock.load import file
from penstock.run.folder import check_format, mark

if TYPE_CHECKING:
    from pathlib import Path

    from penstock.cli.surroundings import Surroundings
    from penstock.model.pipeline import Pipeline
    from penstock.model.snapshot import Snapshot


def pipeline(surroundings: Surroundings) -> Pipeline:
    """What is declared. Raises ConfigurationError; StateError where the state folder is a newer penstock's."""
    check_format(surroundings.state)
    found = file.read(surroundings.root, state=surroundings.state)
    _mark(surroundings.state)
    return found


def tree(surroundings: Surroundings, *, pythons: bool = True) -> Snapshot:
    """Its files, and what is known of them; with `pythons`, also which Pythons are here. Raises StateError where the
    state folder is a newer penstock's.
    """
    from penstock.scan import snapshot

    check_format(surroundings.state)
    _mark(surroundings.state)
    return snapshot.take(
        surroundings.root,
        state=surroundings.state,
        processes=surroundings.processes,
        environ=surroundings.environ,
        pythons=pythons,
    )


def _mark(state: Path) -> None:
    with contextlib.suppress(OSError):  # read-only: nothing is remembered, and a run finds another place
        mark(state)
