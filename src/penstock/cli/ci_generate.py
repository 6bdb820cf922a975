"""`penstock ci generate`: a host's configuration, written from the pipeline."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from penstock import __version__
from penstock.cli import ci_files
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode

_WRITTEN_BY = f"uv pip compile --generate-hashes --output-file {{}} - <<< 'penstock=={__version__}'"


def main(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """Write the files that are not as they should be, and say which."""
    root, out = surroundings.root, surroundings.out
    every = ci_files.made(surroundings, options.host)
    files = {path: text for one in every for path, text in one.files.items()}
    if options.print:
        for path, text in files.items():
            out.say(f"# --- {path}\n{text}")
        return ExitCode.VERIFIED
    changed = [path for path, text in files.items() if ci_files.read(root / path) != text]
    for path in changed:
        ci_files.write(root / path, files[path])
    out.say(f"wrote {', '.join(changed)}" if changed else "nothing to do: all files are as they would be written")
    for line in _to_do(surroundings, every):
        out.progress(f"  next  {line}")
    return ExitCode.VERIFIED


def _to_do(surroundings: Surroundings, every: Iterable[ci_files.Made]) -> Iterator[str]:
    """What the host still lacks, though all is written."""
    from penstock.scan import git

    for path in ci_files.not_there(surroundings.root, every):
        yield f"{path}, from which runners install penstock, is not there yet: {_WRITTEN_BY.format(path)}"
    top = git.top_of(surroundings.root)
    if top is not None and top != surroundings.root:
        below = surroundings.root.relative_to(top)
        yield f"hosts read a repository's top folder alone, and this is {below}: there nothing starts what was written"
