"""`penstock ci check`: whether a host's configuration is as it would be written now, and what would say each edit."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from penstock.cli import ci_files
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode
from penstock.providers.remark import Remark
from penstock.util.plural import plural
from penstock.value import Value

_LINES = 6  # of each side of a difference
_MOST = 40  # places that are shown: a file that is another one altogether differs everywhere

_GONE = "is not there, and every runner installs penstock from it: `penstock ci generate` says how to write it"


class Drift(Value, frozen=True, kw_only=True):
    """One place where a file is not as it would be written. `line`: from 1; `place`: in the document, "" for the whole
    file; `key`: of [tool.penstock], or why there is none. `words`: what is wrong, where that is more than another text.
    """

    path: str
    line: int
    place: str = ""
    key: str = ""
    words: str = ""
    there: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()


class Checked(NamedTuple):
    """All that was found, as --json has it. `examined`: how many generated files were held against what is there."""

    version: int
    exit_code: int
    hosts: tuple[str, ...]
    examined: int
    drift: tuple[Drift, ...]
    advice: tuple[Remark, ...]


def main(surroundings: Surroundings, options: argparse.Namespace) -> int:
    """Tell every difference, with its key."""
    every = ci_files.made(surroundings, options.host)
    drift: list[Drift] = []
    advice: list[Remark] = []
    for one in every:
        texts = _texts(surroundings.root, one.upkeep.folders)
        drift += _drift(surroundings.root, one.files, one.upkeep)
        refused = one.upkeep.refused(one.files, texts)
        drift += [Drift(path=each.path, line=each.line, words=each.words) for each in refused]
        advice += one.upkeep.advice(one.files, texts)
    gone = ci_files.not_there(surroundings.root, every)
    advice += [Remark(path=path, line=1, words=_GONE) for path in gone]
    checked = Checked(
        version=1,
        exit_code=ExitCode.DRIFT if drift else ExitCode.VERIFIED,
        hosts=tuple(one.host for one in every),
        examined=sum(len(one.files) for one in every),
        drift=tuple(drift),
        advice=tuple(advice),
    )
    _tell(surroundings, checked)
    if options.json is not None:
        ci_files.write_json(options.json, checked._asdict(), surroundings.out)
    return checked.exit_code


def _drift(root: Path, files: Mapping[str, str], upkeep: ci_files.Upkeep) -> Iterator[Drift]:
    from penstock.providers.drift import differences
    from penstock.providers.yaml_places import spoken

    for path, wanted in files.items():
        there = ci_files.read(root / path)
        if there is None:
            yield Drift(path=path, line=1, words="is not there, or cannot be read")
        elif there != wanted:
            for one in differences(there, wanted):
                key = upkeep.key_of(path, one) if one.path else "none: empty lines, or the end of the file"
                place = spoken(one.path)
                yield Drift(path=path, line=one.line, place=place, key=key, there=one.there, wanted=one.wanted)


def _texts(root: Path, folders: tuple[str, ...]) -> Mapping[str, str]:
    """The YAML files below the host's folders, by path, in order."""
    every = sorted(path for folder in folders for path in (root / folder).rglob("*.y*ml") if path.is_file())
    texts = {path.relative_to(root).as_posix(): ci_files.read(path) for path in every}
    return {path: text for path, text in texts.items() if text is not None}


def _tell(surroundings: Surroundings, checked: Checked) -> None:
    from penstock.report import sanitize

    out = surroundings.out
    for one in checked.drift[:_MOST]:
        lines = [f"{one.path}:{one.line}  {one.place}{one.words}"]
        lines += [f"  {line}" for line in _sides(one)]
        lines += [f"  key:      {one.key}"] if one.key else []
        out.say("\n".join(map(sanitize.line, lines)))
    if len(checked.drift) > _MOST:
        out.say(f"… {plural(len(checked.drift) - _MOST, 'more place')}; --json FILE has them all")
    for each in checked.advice:
        out.say(sanitize.line(f"{each.path}:{each.line}  advice: {each.words}"))
    if checked.drift:
        files = ", ".join(dict.fromkeys(one.path for one in checked.drift))
        again = "then `penstock ci generate`, which also takes the edits back"
        out.say(f"drift in {plural(len(checked.drift), 'place')} of {files}: say it in [tool.penstock], {again}")
    else:
        out.say(f"{plural(checked.examined, 'file')} as they would be written")


def _sides(one: Drift) -> Iterator[str]:
    for sign, lines in (("is", one.there or ("nothing",)), ("would be", one.wanted or ("nothing",))) if one.key else ():
        for line in lines[:_LINES]:
            yield f"{sign + ':':<10}{line.strip()}"
        if len(lines) > _LINES:
            yield f"… {plural(len(lines) - _LINES, 'more line')}"
