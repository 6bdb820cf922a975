"""Kinds of jobs that have a key of their own, one file each; this is only their table."""

from __future__ import annotations

from penstock.load.kinds.metric import METRIC
from penstock.load.kinds.special import Special

SPECIALS: tuple[Special, ...] = (METRIC,)
