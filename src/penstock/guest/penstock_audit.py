"""What an audit of dependencies rests on: their list, and how bad the database calls what was found (a script).

    python penstock_audit.py list SETTINGS    {"out": folder, "lock": uv.lock or "", "own": the project,
                                             "canary": [name, version]}
    python penstock_audit.py weigh SETTINGS   {"out": folder, "report": the tool's JSON, "database": URL}

`list` (Python >= 3.9, in the environment that is audited; with a lock Python >= 3.11) writes to the folder `out`:
listed.json {"source", "listed": [{"name", "version", "path", "line"}], "skipped": [{"name", "why", "path", "line"}]},
the project `all` that depends on just these versions, and the project `canary` that depends on that one:
each as pyproject.toml with uv.lock, and as requirements.txt. `weigh` (penstock's own Python) writes weighed.json:
{"severities": {id: "low" … "critical", where the database says so}, "unlisted": [{"name", "why", "path", "line"}]}:
what the project declares and the list lacks, because the environment holds other things than the project's.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WORDS = {"LOW": "low", "MODERATE": "medium", "MEDIUM": "medium", "HIGH": "high", "CRITICAL": "critical"}
_REGISTRY = 'source = { registry = "https://pypi.org/simple" }'
_ASKED = 200  # entries of the database; what is found beyond them has no severity
_LARGEST = 8 << 20  # bytes of one entry
_WAIT_S = 10
_QUOTED = re.compile(r"""["']\s*([A-Za-z0-9][\w.-]*)""")
_BARE = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)")
_LOCKED = re.compile(r'^name = "([^"]+)"')


def normal(name: str) -> str:
    """A distribution's name in the one spelling that indexes use."""
    return re.sub(r"[-_.]+", "-", name).lower()


def listing(settings: dict[str, Any]) -> dict[str, Any]:
    """Every dependency once a version, with where it is declared; what has no version that a database knows apart."""
    lock = settings["lock"]
    found = list(of_lock(lock) if lock else of_environment(settings["own"]))
    places = declared(lock)
    listed, skipped = {}, {}
    for name, version, why in found:
        path, line = places.get(name, ("", 0))
        if why:
            skipped[name] = {"name": name, "why": why, "path": path, "line": line}
        else:
            plain = version.partition("+")[0]  # 2.1.0+cpu is 2.1.0 to a database
            listed[name, plain] = {"name": name, "version": plain, "path": path, "line": line}
    return {
        "source": lock or "environment",
        "listed": [listed[key] for key in sorted(listed)],
        "skipped": [skipped[key] for key in sorted(skipped)],
    }


def of_lock(path: str) -> Iterator[tuple[str, str, str]]:
    """(name, version, why it cannot be asked for) of each package in a uv.lock but the project's own."""
    import tomllib  # a lock is read by penstock's own Python

    with open(path, "rb") as stream:
        lock = tomllib.load(stream)
    for package in lock.get("package", ()):
        source = package.get("source", {})
        name = normal(package["name"])
        if "registry" in source:
            yield name, package.get("version", ""), "" if package.get("version") else "the lock gives no version"
        elif not source.keys() & {"editable", "virtual", "directory"}:
            kind = next(iter(source), "?")
            yield name, "", f"it comes from {kind} {str(source.get(kind, ''))[:200]}, not from an index"


def of_environment(own: str) -> Iterator[tuple[str, str, str]]:
    """The same of what is installed beside this interpreter."""
    from importlib.metadata import distributions

    for found in distributions():
        name, url = found.metadata["Name"], found.read_text("direct_url.json")
        if not name or normal(name) == normal(own):
            continue
        origin = json.loads(url).get("url", "?") if url else ""
        yield normal(name), found.version, f"it comes from {origin[:200]}, not from an index" if origin else ""


def declared(lock: str) -> dict[str, tuple[str, int]]:
    """Name -> the file and the line, from 1, that names it: where people declare it, else the lock."""
    places: dict[str, tuple[str, int]] = {}
    texts = sorted(name for name in os.listdir(".") if re.fullmatch(r"(?:.*-)?requirements.*\.txt", name))
    for path, pattern in (("pyproject.toml", _QUOTED), *((text, _BARE) for text in texts), (lock, _LOCKED)):
        for number, line in enumerate(_lines(path), start=1):
            for name in pattern.findall(line):
                places.setdefault(normal(name), (path, number))
    return places


def _lines(path: str) -> list[str]:
    if not path or not os.path.isfile(path):
        return []
    with open(path, encoding="utf-8", errors="replace") as stream:
        return stream.read().splitlines()


def write_project(folder: str, versions: Iterable[tuple[str, str]]) -> None:
    """A project that depends on just these versions, as uv and as pip-audit read one; a workspace of its own."""
    os.makedirs(folder, exist_ok=True)
    pairs = sorted(versions)
    head = 'name = "penstock-audit"\nversion = "0"\n'
    wants = [f'    {{ name = "{name}", version = "{version}", {_REGISTRY} }},' for name, version in pairs]
    root = "\n".join(["[[package]]", head + 'source = { virtual = "." }', "dependencies = [", *wants, "]"])
    rest = [f'[[package]]\nname = "{name}"\nversion = "{version}"\n{_REGISTRY}' for name, version in pairs]
    texts = {
        "pyproject.toml": f'[project]\n{head}requires-python = ">=3.9"\n\n[tool.uv.workspace]\n',
        "uv.lock": "\n\n".join(['version = 1\nrequires-python = ">=3.9"', root, *rest]) + "\n",
        "requirements.txt": "".join(f"{name}=={version}\n" for name, version in pairs),
    }
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
            stream.write(text)


def weigh(report: object, database: str) -> dict[str, str]:
    """How bad the database calls each reported vulnerability; nothing of those of which it does not say so."""
    from urllib.error import HTTPError
    from urllib.parse import quote

    words: dict[str, str] = {}
    for asked, (name, others) in enumerate(reported(report)):
        if asked >= _ASKED:
            break
        # GitHub's entries tell it in words; the others have at most a vector of it.
        for entry in dict.fromkeys((*(each for each in (name, *others) if each.startswith("GHSA-")), name)):
            try:
                word = severity(fetched(f"{database.rstrip('/')}/v1/vulns/{quote(entry, safe='')}"))
            except HTTPError:
                continue
            except (OSError, ValueError):
                return words
            if word:
                words[name] = word
                break
    return words


def reported(report: object) -> Iterator[tuple[str, list[str]]]:
    """(id, aliases) of each vulnerability in the JSON of `uv audit` or of pip-audit."""
    known = report if isinstance(report, dict) else {}
    entries = list(known.get("vulnerabilities", ()))
    entries += [entry for each in known.get("dependencies", ()) for entry in each.get("vulns", ())]
    for entry in entries:
        yield str(entry.get("id", "")), [str(alias) for alias in entry.get("aliases") or ()]


def fetched(url: str) -> object:
    """The JSON at an address. Raises OSError, ValueError."""
    from urllib.request import Request, urlopen

    if not url.startswith(("http://", "https://")):
        raise ValueError(url)
    with urlopen(Request(url, headers={"User-Agent": "penstock"}), timeout=_WAIT_S) as answer:  # noqa: S310 (its scheme was looked at)
        return json.loads(answer.read(_LARGEST))


def unlisted(listing: object) -> list[dict[str, Any]]:
    """What pyproject.toml declares for every Python and platform, and the list of an environment lacks."""
    import tomllib

    if not isinstance(listing, dict) or listing.get("source") != "environment" or not os.path.isfile("pyproject.toml"):
        return []
    with open("pyproject.toml", "rb") as stream:
        lines = tomllib.load(stream).get("project", {}).get("dependencies", ())
    known = {each["name"] for part in ("listed", "skipped") for each in listing.get(part, ())}
    wanted = [normal(found[1]) for line in lines if ";" not in line and (found := _BARE.match(line))]
    places = declared("")
    return [
        {"name": name, "why": "it is declared, and not installed: its version is not known", "path": path, "line": line}
        for name in sorted({*wanted} - known)
        for path, line in (places.get(name, ("", 0)),)
    ]


def severity(entry: object) -> str:
    """The word of a database entry for how bad it is, "" where it has none."""
    specific = entry.get("database_specific") if isinstance(entry, dict) else None
    word = specific.get("severity") if isinstance(specific, dict) else None
    return _WORDS.get(str(word).upper(), "")


def main(words: list[str]) -> None:
    """See above. Files of the project are sought in the working directory."""
    what, settings = words[0], json.loads(words[1])
    out = settings["out"]
    os.makedirs(out, exist_ok=True)
    if what == "list":
        made = listing(settings)
        write_project(os.path.join(out, "all"), [(each["name"], each["version"]) for each in made["listed"]])
        write_project(os.path.join(out, "canary"), [tuple(settings["canary"])])
        name = "listed.json"
    else:
        made = {
            "severities": weigh(_report(settings["report"]), settings["database"]),
            "unlisted": unlisted(_report(os.path.join(out, "listed.json"))),
        }
        name = "weighed.json"
    with open(os.path.join(out, name), "w", encoding="utf-8") as stream:
        json.dump(made, stream, indent=1)


def _report(path: str) -> object:
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except (OSError, ValueError):
        return None


if __name__ == "__main__":
    main(sys.argv[1:])
