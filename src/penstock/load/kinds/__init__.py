"""Kinds of jobs that have a key of their own, one file each; this is only their table."""

from __future__ import annotations

from penstock.load.kinds.examples import EXAMPLES
from penstock.load.kinds.http import HTTP
from penstock.load.kinds.image import IMAGE
from penstock.load.kinds.metric import METRIC
from penstock.load.kinds.model import MODEL
from penstock.load.kinds.scripts import SCRIPTS
from penstock.load.kinds.special import Special

SPECIALS: tuple[Special, ...] = (METRIC, SCRIPTS, EXAMPLES, IMAGE, HTTP, MODEL)
