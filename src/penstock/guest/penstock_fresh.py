"""Run as a script: a worker in a new interpreter, with the session that its leader has.

PYTEST_DONT_REWRITE

PENSTOCK_WORKER is the JSON that `penstock_start.Fresh` writes. Standard library and pytest only, Python >= 3.9.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.guest.penstock_bond import bond
else:
    from penstock_bond import bond


def main() -> int:
    """Become the leader's session, and run pytest."""
    orders = json.loads(os.environ["PENSTOCK_WORKER"])
    sys.path[:] = [orders["guest"], *orders["path"]]  # penstock_pytest takes the first off again
    bond()(orders["leader"])
    sys.argv = ["pytest", *orders["arguments"]]
    import pytest

    return int(pytest.main(orders["arguments"]))


if __name__ == "__main__":
    sys.exit(main())
