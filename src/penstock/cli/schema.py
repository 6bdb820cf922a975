"""`penstock schema`: the JSON Schemas that penstock publishes, for editors and for readers of its output."""

from __future__ import annotations

import argparse
import json

from penstock.cli.out import Out
from penstock.errors import ExitCode


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("what", nargs="?", choices=("configuration", "run"), default="configuration")


def main(options: argparse.Namespace, out: Out) -> int:
    """Print the schema."""
    if options.what == "run":
        from penstock.report import schema_json

        schema = schema_json.schema()
    else:
        from penstock.load import schema as configuration

        schema = configuration.schema()
    out.say(json.dumps(schema, indent=2))
    return ExitCode.VERIFIED
