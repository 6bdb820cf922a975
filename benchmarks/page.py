"""Puts a benchmark's figures into a page of the documentation, between markers of their name."""

from __future__ import annotations

import re
from pathlib import Path


def put(path: Path, name: str, text: str) -> None:
    """Replace what stands between the markers. Ends the program where the page has none of that name."""
    page = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not found.search(page):
        raise SystemExit(f"{path} has no markers {begin} … {end}")
    made = "\n".join([begin, "", text.strip("\n"), "", end])
    path.write_text(found.sub(lambda _: made, page), encoding="utf-8")
