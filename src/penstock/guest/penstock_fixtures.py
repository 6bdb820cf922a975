"""The fixtures that xdist has, for projects that have it no more. Registered as a plugin.

PYTEST_DONT_REWRITE

Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest


@pytest.fixture(scope="session")
def worker_id(request: Any) -> str:
    """The worker's name, "master" in one process."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "master"))


@pytest.fixture(scope="session")
def testrun_uid(request: Any) -> str:
    """One id for all workers of a session."""
    return str(getattr(request.config, "workerinput", {}).get("testrunuid", "") or uuid.uuid4().hex)
