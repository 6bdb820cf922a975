"""Whether a description says what was changed and why, and which issue it belongs to."""

from __future__ import annotations

import re

LEAST_WORDS = 8  # a sentence
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CHECKBOX = re.compile(r"(?m)^\s*[-*]\s*\[[ xX]\].*$")
_HEADING = re.compile(r"(?m)^\s{0,3}(?:#{1,6}\s.*|[=-]{3,}\s*)$")
_PLACEHOLDER = re.compile(
    r"(?i)\b(?:describe (?:your|the) change|a (?:clear|brief|short) (?:and concise )?description"
    r"|please (?:include|describe)|todo|tbd|n/?a|none|lorem ipsum|your (?:text|description) here)\b[^\n.]*"
)
_LINK = re.compile(r"https?://\S+")
_CODE = re.compile(r"`{3,}.*?(?:`{3,}|\Z)", re.DOTALL)
_CLOSING = re.compile(r"(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see|part of)\b:?\s+(?=[\w./-]*#\d)")
_WORD = re.compile(r"[^\W\d_]{2,}", re.UNICODE)
# GitHub's closing keywords, a bare reference, another repository's, a full address, and keys as of Jira and Linear.
_ISSUE = re.compile(
    r"(?i)(?<![\w/&])#\d{1,9}\b|\b[\w.-]+/[\w.-]+#\d{1,9}\b|https?://\S+/(?:issues|work_items|browse)/[\w-]+"
    r"|(?-i:\b[A-Z][A-Z0-9]{1,9}-\d{1,7}\b)"
)
_NO_ISSUE = re.compile(r"(?im)^\s*(?:no|without(?: an)?) issue\b\s*[:,-]?\s*\S+")
_NOT_KEYS = frozenset({"UTF", "SHA", "ISO", "PEP", "RFC", "CVE", "MD", "AES", "HTTP", "PYTHON", "GHSA", "TLS", "BASE"})


def words(body: str) -> int:
    """How many words the author wrote: without a template's comments, headings, check boxes and placeholders."""
    text = _COMMENT.sub(" ", body)
    for pattern in (_CODE, _CHECKBOX, _HEADING, _PLACEHOLDER, _CLOSING, _LINK):
        text = pattern.sub(" ", text)
    return len(_WORD.findall(text))


def has_code(body: str) -> bool:
    """Whether it shows a piece of code or output, which says something, too."""
    return bool(_CODE.search(_COMMENT.sub(" ", body)))


def issues(*texts: str) -> tuple[str, ...]:
    """The issues that the texts name, in order, each once."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _ISSUE.finditer(_CODE.sub(" ", _COMMENT.sub(" ", text))):
            if match[0].partition("-")[0] not in _NOT_KEYS:
                found.setdefault(match[0])
    return tuple(found)


def declares_no_issue(body: str) -> bool:
    """Whether a line says `no issue: REASON`."""
    return bool(_NO_ISSUE.search(_COMMENT.sub(" ", body)))
