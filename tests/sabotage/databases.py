"""Databases of vulnerabilities that the projects name: the stage serves them, and writes their addresses in."""

from __future__ import annotations

from tests.fakes import osv

WHOLE = "http://whole.database"
EMPTY = "http://empty.database"
ABSENT = "http://127.0.0.1:9"  # nobody answers there
BAD = osv.entry("iniconfig", "2.0.0", "PYSEC-2026-1", "2.1.0", aliases=("CVE-2026-1",))
ALL = {WHOLE: (osv.CANARY, osv.CANARY_BY_GITHUB, BAD), EMPTY: ()}
