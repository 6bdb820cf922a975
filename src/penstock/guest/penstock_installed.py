"""What is installed beside this interpreter: versions and licences, as the metadata say (Python >= 3.9, a script).

    python penstock_installed.py OWN REPORT

OWN: the project's name; run in its folder. REPORT gets JSON: {"distributions": [{"name", "version", "license", "how":
"expression" | "classifier" | "field" | "unknown", "runtime": who installs the project gets it, too, "direct": the
project names it}], "absent": what the project always needs and is not there, "known": whether it was known what the
project names}.
"""

from __future__ import annotations

import json
import os
import re
import sys
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
_OSI = "License :: OSI Approved :: "
# Classifiers that name one licence, by the SPDX identifier of it (https://spdx.org/licenses/). Others ("BSD License")
# are families: which of them it is, nobody can say.
_SPDX = {
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "zlib/libpng License": "Zlib",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "European Union Public Licence 1.2 (EUPL 1.2)": "EUPL-1.2",
    "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "Zope Public License": "ZPL-2.1",
}
# The free field `License` is taken at its word where it is an identifier and nothing else.
_IDENTIFIERS = {
    each.lower(): each
    for each in (
        *_SPDX.values(),
        *("BSD-2-Clause", "BSD-3-Clause", "0BSD", "CC0-1.0", "HPND", "MIT-CMU", "Artistic-2.0", "WTFPL"),
    )
}


def licence(found: metadata.Distribution) -> tuple[str, str]:
    """(licence, how it is known): the SPDX expression first, classifiers second, the free field last."""
    fields: Any = found.metadata
    expression = fields.get("License-Expression")
    if expression:
        return str(expression).strip(), "expression"
    classifiers = fields.get_all("Classifier") or []
    said = [str(each)[len(_OSI) :] for each in classifiers if str(each).startswith(_OSI)]
    if not said:
        said = [str(each).rpartition(" :: ")[2] for each in classifiers if str(each).startswith("License ::")]
        said = [each for each in said if each != "OSI Approved"]
    if said and all(each in _SPDX for each in said):
        return " AND ".join(dict.fromkeys(_SPDX[each] for each in said)), "classifier"
    field = " ".join(str(fields.get("License") or "").split())
    if field.lower() in _IDENTIFIERS:
        return _IDENTIFIERS[field.lower()], "field"
    if said:
        return "; ".join(said)[:200], "unknown"
    return field[:60] if field and field.upper() != "UNKNOWN" else "", "unknown"


def normal(name: str) -> str:
    """A distribution's name in the one spelling that indexes use."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _parse(line: str) -> tuple[str, set[str], str]:
    """Name, extras that are asked for, and the extra that it belongs to."""
    match = _NAME.match(line)
    extra = _EXTRA.search(line)
    if match is None:
        return "", set(), ""
    return (
        normal(match[1]),
        {normal(each) for each in (match[2] or "").split(",") if each.strip()},
        (normal(extra[1]) if extra else ""),
    )


def declared(own: str, every: dict[str, metadata.Distribution]) -> tuple[set[str], list[str], bool]:
    """(all names that the project names, the lines that it always needs, whether that is known)."""
    table: dict[str, Any] = {}
    if os.path.isfile("pyproject.toml"):
        try:
            toml: Any = import_module("tomllib")
            with open("pyproject.toml", "rb") as stream:
                table = toml.load(stream)
        except (ImportError, ValueError, OSError):
            table = {}
    project = table.get("project") or {}
    always = [str(line) for line in project.get("dependencies") or ()]
    lines = [str(line) for extra in (project.get("optional-dependencies") or {}).values() for line in extra]
    groups = (table.get("dependency-groups") or {}).values()
    lines += [line for group in groups for line in group if isinstance(line, str)]
    installed = every.get(normal(own))
    if installed is not None and ("dependencies" in (project.get("dynamic") or ()) or not project):
        always += [line for line in installed.requires or () if not _parse(line)[2]]
        lines += list(installed.requires or ())
    names = {_parse(line)[0] for line in (*always, *lines)} - {"", normal(own)}
    return names, always, bool(project or installed is not None)


def closure(lines: Iterable[str], every: dict[str, metadata.Distribution]) -> set[str]:
    """The names of all that these lines bring, of what is installed."""
    found: dict[str, set[str]] = {}
    pending = [_parse(line)[:2] for line in lines]
    while pending:
        name, extras = pending.pop()
        if name not in every or (name in found and extras <= found[name]):
            continue
        known = found.setdefault(name, set())
        known |= extras
        needs = (_parse(line) for line in every[name].requires or ())
        pending += [(other, wanted) for other, wanted, extra in needs if not extra or extra in known]
    return set(found)


def _absent(always: Iterable[str], every: dict[str, metadata.Distribution]) -> list[str]:
    """What has a marker may rightly not be there."""
    return sorted({_parse(line)[0] for line in always if ";" not in line} - every.keys() - {""})


def main(arguments: list[str]) -> int:
    """See the module's docstring."""
    own, report = arguments
    every: dict[str, metadata.Distribution] = {}
    for found in metadata.distributions():
        fields: Any = found.metadata
        name = fields.get("Name")
        if name:
            every.setdefault(normal(str(name)), found)
    names, always, known = declared(own, every)
    runtime = closure(always, every) if known else set(every)
    told = []
    for name in sorted(every.keys() - {normal(own)}):
        text, how = licence(every[name])
        told.append(
            {
                "name": name,
                "version": str(every[name].version or ""),
                "license": text,
                "how": how,
                "runtime": name in runtime,
                "direct": name in names or not known,
            }
        )
    with open(report, "w", encoding="utf-8") as stream:
        json.dump({"distributions": told, "absent": _absent(always, every), "known": known}, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
