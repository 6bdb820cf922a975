"""What Slack documents of a message to an incoming webhook, as JSON Schema, as far as we use it.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and, below
https://docs.slack.dev/reference/block-kit/: blocks/header-block, blocks/section-block, blocks/context-block,
composition-objects/text-object (read in November 2026). A slow test holds the same messages against slack_sdk.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator


def _text(longest: int) -> dict[str, Any]:
    plain = {
        "type": "object",
        "properties": {
            "type": {"const": "plain_text"},
            "text": {"type": "string", "minLength": 1, "maxLength": longest},
            "emoji": {"const": False},
        },
        "required": ["type", "text", "emoji"],
        "additionalProperties": False,
    }
    marked = {
        "type": "object",
        "properties": {
            "type": {"const": "mrkdwn"},
            "text": {"type": "string", "minLength": 1, "maxLength": longest},
            "verbatim": {"const": True},
        },
        "required": ["type", "text", "verbatim"],
        "additionalProperties": False,
    }
    return {"oneOf": [plain, marked]}


def _block(kind: str, properties: dict[str, Any], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"type": {"const": kind}, **properties},
        "required": ["type", *required],
        "additionalProperties": False,
    }


_HEADER = _block("header", {"text": _text(150)["oneOf"][0]}, required=("text",))
_FIELDS = {"type": "array", "items": _text(2000), "minItems": 1, "maxItems": 10}
_SECTION = {
    **_block("section", {"text": _text(3000), "fields": _FIELDS}),
    "anyOf": [{"required": ["text"]}, {"required": ["fields"]}],
}
_ELEMENTS = {"type": "array", "items": _text(3000), "minItems": 1, "maxItems": 10}
_CONTEXT = _block("context", {"elements": _ELEMENTS}, required=("elements",))
MESSAGE = Draft202012Validator(
    {
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 4000},
            "blocks": {
                "type": "array",
                "items": {"oneOf": [_HEADER, _SECTION, _CONTEXT]},
                "minItems": 1,
                "maxItems": 50,
            },
            "unfurl_links": {"type": "boolean"},
            "unfurl_media": {"type": "boolean"},
        },
        "required": ["text", "blocks"],
        "additionalProperties": False,
    }
)
