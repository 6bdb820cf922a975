"""`python -m penstock`, and the `penstock` script."""

from __future__ import annotations

import sys

from penstock.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
