"""The page around the data: no request to anywhere, no script and no style but its own (TRUST.md §6)."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any

import msgspec

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript>
<h1>{word} · {project}</h1>
<p>run {run}</p>
<ul>{reasons}</ul>
<p>All else in this report is made by its own script, from data in this file: allow it to run, or read the JSON.</p>
</noscript>
<main id="page"></main>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def text(content: dict[str, Any], *, style: str, script: str) -> str:
    """The whole file. `content`: as `content.of` makes it. Raises ValueError if an asset would end its own element."""
    if "</" in style or "</script" in script or "<!--" in script:
        raise ValueError("a style or a script that ends its own element")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    head = content["head"]
    return _PAGE.format(
        policy=escape(policy, quote=True).replace("&#x27;", "'"),
        title=escape(f"{head['word']} · {head['project']} · run {head['run']}"),
        style=style,
        word=escape(head["word"]),
        project=escape(head["project"]),
        run=escape(head["run"]),
        reasons="".join(f"<li>{escape(reason)}</li>" for reason in head["reasons"]),
        data=_inert(content),
        script=script,
    )


def _hash(asset: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(asset.encode()).digest()).decode()


def _inert(content: dict[str, Any]) -> str:
    """JSON without a character that HTML would see: the element cannot be ended from inside."""
    plain = msgspec.json.encode(content).decode()
    for sign in "<>&\u2028\u2029":
        plain = plain.replace(sign, f"\\u{ord(sign):04x}")
    return plain
