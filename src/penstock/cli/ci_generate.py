"""`penstock ci generate`: a host's configuration, written from the pipeline."""

from __future__ import annotations

import argparse

from penstock.cli import ci_files
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode


def main(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """Write the files that are not as they should be, and say which."""
    root, out = surroundings.root, surroundings.out
    files = {path: text for one in ci_files.made(surroundings, options.host) for path, text in one.files.items()}
    if options.print:
        for path, text in files.items():
            out.say(f"# --- {path}\n{text}")
        return ExitCode.VERIFIED
    changed = [path for path, text in files.items() if ci_files.read(root / path) != text]
    for path in changed:
        ci_files.write(root / path, files[path])
    out.say(f"wrote {', '.join(changed)}" if changed else "nothing to do: all files are as they would be written")
    return ExitCode.VERIFIED
