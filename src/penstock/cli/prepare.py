"""`penstock _prepare SPEC`: makes one wheel or environment, as a supervised process of a run. Not for people."""

from __future__ import annotations

import argparse
import os

from penstock.cli.out import Out
from penstock.run.environment import prepare


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("spec")


def main(options: argparse.Namespace, out: Out) -> int:
    """Make it; 0 if it is there."""
    del out
    return prepare.main(options.spec, os.environ)
