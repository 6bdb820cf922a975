"""The spellings of a secret that no output may hold: made here without the code that looks for them."""

from __future__ import annotations

import base64
import html
import json
import shlex
import urllib.parse


def spelled(value: str) -> list[str]:
    """Each whole, or without the characters that its neighbours have a part in."""
    content = value.encode()
    encoded = [
        made(b"x" * at + content + b"yz") for at in range(3) for made in (base64.b64encode, base64.urlsafe_b64encode)
    ]
    return [
        value,
        *(line for line in value.splitlines()[1:-1] if len(line) >= 8),
        json.dumps(value)[1:-1],
        json.dumps(json.dumps(value))[3:-3],
        repr(value)[1:-1],
        repr(content)[2:-1],
        urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus(value),
        html.escape(value),
        shlex.quote(value)[1:-1],
        content.hex(),
        content.hex().upper(),
        *(made[4:-4].decode() for made in encoded),
    ]
