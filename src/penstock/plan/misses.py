"""Why there is no cached result: what the key is made of now, against what it was made of last time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.plan.inputs import unpack

_MOST_TOLD = 4  # causes in one line


def explain_miss(parts: Mapping[str, str], previous: Mapping[str, str] | None) -> str:
    """In words, what differs: "changed src/a.py (+2), mypy 1.18 → 1.19". `previous`: None = no earlier result."""
    if previous is None:
        return "no earlier result"
    told = [*_files(parts, previous), *_packages(parts, previous), *_python(parts, previous), *_rest(parts, previous)]
    if not told:
        told = ["a job it needs has changed"] if parts.get("needs") != previous.get("needs") else []
    more = f", and {len(told) - _MOST_TOLD} more causes" if len(told) > _MOST_TOLD else ""
    return (", ".join(told[:_MOST_TOLD]) + more) or "its result is no longer in the cache"


def _files(parts: Mapping[str, str], previous: Mapping[str, str]) -> list[str]:
    if parts.get("files") == previous.get("files"):
        return []
    now, then = unpack(parts.get("packed:files")), unpack(previous.get("packed:files"))
    if now and then:
        changed = sorted(path for path in now.keys() & then.keys() if now[path] != then[path])
        words = (("changed", changed), ("added", sorted(now.keys() - then)), ("removed", sorted(then.keys() - now)))
        return [f"{verb} {_first(paths)}" for verb, paths in words if paths]
    folders = sorted(
        name.removeprefix("files:")
        for name in parts.keys() | previous.keys()
        if name.startswith("files:") and parts.get(name) != previous.get(name)
    )
    return [f"changed files in {_first(folders)}"] if folders else ["changed files"]


def _packages(parts: Mapping[str, str], previous: Mapping[str, str]) -> list[str]:
    """Versions that changed, over all environments of the job; an environment that changed in another way by name."""
    told: dict[str, None] = {}
    for name in sorted(parts):
        dependencies = name.removeprefix("environment:")
        if dependencies == name or parts[name] == previous.get(name):
            continue
        packed = f"packed:{dependencies}"
        now, then = unpack(parts.get(packed)), unpack(previous.get(packed))
        changed = [package for package in sorted(now.keys() | then) if now.get(package) != then.get(package)]
        if then and changed:
            first = changed[0]
            step = f"{first} {then.get(first, 'none')} → {now.get(first, 'none')}"
            told[f"{step} (+{len(changed) - 1})" if len(changed) > 1 else step] = None
        else:
            told[f"the environment {dependencies} changed" if name in previous else f"new: {dependencies}"] = None
    return list(told)


def _python(parts: Mapping[str, str], previous: Mapping[str, str]) -> list[str]:
    now, then = parts.get("python", ""), previous.get("python", "")
    if now == then:
        return []
    version, earlier = now.partition(" ")[0], then.partition(" ")[0]
    return [f"Python {earlier} → {version}" if version != earlier else f"another build of Python {version}"]


def _rest(parts: Mapping[str, str], previous: Mapping[str, str]) -> list[str]:
    told = []
    for name in sorted(parts.keys() | previous.keys()):
        now, then = parts.get(name), previous.get(name)
        kind, colon, subject = name.partition(":")
        if now == then:
            continue
        if kind == "variable" and colon:
            told.append(f"the variable {subject} changed")
        elif name == "penstock":
            told.append(f"penstock {then} → {now}")
        elif name in ("commands", "outputs", "timeout", "platform", "workspace"):
            told.append(f"its {name} changed")
    return told


def _first(names: Iterable[str]) -> str:
    first, *others = names
    return f"{first} (+{len(others)})" if others else first
