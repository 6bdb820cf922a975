"""Blue and green: put a version into the slot that is not live and make it live; ask it; go back to the other slot."""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import sys
from pathlib import Path

SLOTS = ("blue", "green")


def live(place: Path) -> str | None:
    """The slot that serves."""
    link = place / "live"
    return link.readlink().name if link.is_symlink() else None


def switch(place: Path, slot: str) -> None:
    """In one step: whoever looks sees the old slot or the new one."""
    fresh = place / f"live.{os.getpid()}"
    fresh.symlink_to(slot)
    fresh.replace(place / "live")


def put(place: Path, source: Path) -> str:
    """The slot that now holds it. The slot that serves is not touched before the switch."""
    slot = SLOTS[1] if live(place) == SLOTS[0] else SLOTS[0]
    shutil.rmtree(place / slot, ignore_errors=True)
    shutil.copytree(source, place / slot)
    switch(place, slot)
    return slot


def back(place: Path) -> str:
    """The slot that serves again. Raises FileNotFoundError where there was none before."""
    slot = SLOTS[0] if live(place) == SLOTS[1] else SLOTS[1]
    if not (place / slot).is_dir():
        raise FileNotFoundError(f"{place / slot} holds nothing to go back to")
    switch(place, slot)
    return slot


def differences(place: Path, source: Path) -> list[str]:
    """Files of the source that the live slot does not hold, or holds otherwise."""
    files = [
        path.relative_to(source)
        for path in sorted(source.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    _, unlike, gone = filecmp.cmpfiles(source, place / "live", [str(path) for path in files], shallow=False)
    return [*unlike, *gone] if files else ["nothing to serve"]


def main(arguments: list[str] | None = None) -> int:
    """Deploy, ask, or go back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--place", type=Path, default=Path("deployed"), help="the folder of both slots")
    parser.add_argument("--source", type=Path, default=Path("src"), help="what is put there")
    parser.add_argument("--back", action="store_true", help="make the other slot live again")
    parser.add_argument("--check", action="store_true", help="does the live slot hold the source, file by file?")
    asked = parser.parse_args(arguments)
    if asked.check:
        found = differences(asked.place, asked.source)
        print("\n".join(found) or "healthy")
        return 1 if found else 0
    asked.place.mkdir(parents=True, exist_ok=True)
    try:
        slot = back(asked.place) if asked.back else put(asked.place, asked.source)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{slot} is live")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
