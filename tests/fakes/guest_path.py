"""Imported for its effect: the guests find one another here as they do in a project's interpreter."""

from __future__ import annotations

import sys

from tests.fakes.guest_runs import GUEST

if GUEST not in sys.path:
    sys.path.append(GUEST)
