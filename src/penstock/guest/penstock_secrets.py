"""Looks for secrets in the files that git lists, by detect-secrets' own plugins (a script for its environment).

    python penstock_secrets.py FILES REPORT

FILES: paths below the working directory, each ended by a NUL. REPORT gets JSON: {"version", "scanned": number, "left":
[[path, why]], "unread": [[path, why]], "found": [{"path", "line", "kind", "mark"}]}.

No secret leaves this process. `mark` is 16 bits of its digest: enough to tell two secrets of one file apart, and far
too few to find one by guessing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OURS = (".penstock/", ".secrets.baseline")  # what we keep there, and the digests that detect-secrets keeps
_NONE = {"true", "false", "none", "null", "yes", "no", "on", "off"}  # `secrets = true` is a setting
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT = 8192  # bytes in which a NUL makes a file binary, as git has it
_MARK = 4  # hexadecimal digits


def listed(content: bytes) -> list[str]:
    """The paths of git's list, each once, but for what is never looked at."""
    paths = dict.fromkeys(os.fsdecode(path) for path in content.split(b"\0") if path)
    return [path for path in paths if not path.startswith(_OURS)]


def text_of(content: bytes) -> str | None:
    """A file's text, whatever its encoding; None if it is none."""
    if content.startswith(_UTF16):
        return content.decode("utf-16", "replace")
    if b"\0" in content[:_LOOKED_AT]:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def why_left(path: str) -> str:
    """Why a path of the list holds nothing to look at, "" if it does."""
    if os.path.islink(path):
        return "a link"
    if os.path.isdir(path):
        return "another repository"
    return "" if os.path.exists(path) else "not there any more"


def filtered(path: str, filters: Iterable[Any]) -> str:
    """The filter of detect-secrets that leaves the whole file out, "" if none does."""
    for each in filters:
        try:
            if each(path):
                return str(getattr(each, "path", each)).rpartition(".")[2].replace("_", " ")
        except TypeError:  # it asks for more than the name
            continue
    return ""


def secrets_in(path: str, text: str, folder: str) -> Iterator[dict[str, Any]]:
    """What is found in one file. detect-secrets passes over what is not UTF-8, so it gets a copy that is."""
    from detect_secrets.core.scan import scan_file

    copy = os.path.join(folder, os.path.basename(path))
    with open(copy, "w", encoding="utf-8", errors="replace", newline="") as stream:
        stream.write(text)
    told = set()
    try:
        for secret in scan_file(copy):
            value = str(secret.secret_value or secret.secret_hash)
            if value.lower() in _NONE:
                continue
            mark = hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:_MARK]
            kind = re.sub(r"[^a-z0-9]+", "-", str(secret.type).lower()).strip("-")
            key = (secret.line_number, kind, mark)
            if key not in told:
                told.add(key)
                yield {"path": path, "line": secret.line_number, "kind": kind, "mark": mark}
    finally:
        os.unlink(copy)


def look(paths: Iterable[str]) -> dict[str, Any]:
    """The report over all of them."""
    from detect_secrets.core.scan import get_filters_with_parameter
    from detect_secrets.settings import default_settings

    report: dict[str, Any] = {"scanned": 0, "left": [], "unread": [], "found": []}
    with default_settings(), tempfile.TemporaryDirectory() as folder:
        filters = list(get_filters_with_parameter("filename"))
        for path in paths:
            try:
                one(path, filters, folder, report)
            except Exception as error:  # noqa: BLE001 (its text could hold the secret: only its kind is told)
                report["unread"].append([path, type(error).__name__])
    return report


def one(path: str, filters: list[Any], folder: str, report: dict[str, Any]) -> None:
    """Look at one file, and note what came of it."""
    why = why_left(path) or filtered(path, filters)
    text = "" if why else content_of(path)
    if text is None:
        why = "no text"
    if why:
        report["left"].append([path, why])
        return
    report["found"] += list(secrets_in(path, text or "", folder))
    report["scanned"] += 1


def content_of(path: str) -> str | None:
    """The text of a file; None if it holds none. Raises OSError."""
    with open(path, "rb") as stream:
        return text_of(stream.read())


def main(words: list[str]) -> None:
    """See above."""
    from importlib.metadata import version

    with open(words[0], "rb") as stream:
        paths = listed(stream.read())
    report = {"version": version("detect-secrets"), **look(paths)}
    with open(words[1], "w", encoding="utf-8", errors="surrogateescape") as stream:
        json.dump(report, stream)


if __name__ == "__main__":
    main(sys.argv[1:])
