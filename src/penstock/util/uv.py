"""Calling uv: the environment it gets, and what its error texts mean. Pure; who starts it is the caller's business."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock.value import Value

PASSED = frozenset(
    {
        "PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER", "LOGNAME", "NETRC", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "SSL_CLIENT_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "HTTP_PROXY",
        "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "CC",
        "CXX", "LD", "AR", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CPATH", "LIBRARY_PATH",
        "PKG_CONFIG_PATH", "LD_LIBRARY_PATH", "CARGO_HOME", "RUSTUP_HOME", "SDKROOT",
        "MACOSX_DEPLOYMENT_TARGET", "SOURCE_DATE_EPOCH",
    }
)  # fmt: skip
PASSED_PREFIXES = ("LC_", "XDG_", "UV_", "SSH_", "CARGO_", "SETUPTOOLS_SCM_PRETEND_VERSION")
# What would make uv act on another environment, project or pin set than the one it is told on its command line.
WITHHELD = frozenset(
    {
        "UV_PYTHON", "UV_PYTHON_PREFERENCE", "UV_MANAGED_PYTHON", "UV_NO_MANAGED_PYTHON", "UV_SYSTEM_PYTHON",
        "UV_PROJECT", "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR", "UV_FROZEN", "UV_LOCKED", "UV_NO_DEV",
        "UV_NO_SYNC", "UV_NO_GROUP", "UV_NO_DEFAULT_GROUPS", "UV_NO_EDITABLE", "UV_RUN_RECURSION_DEPTH",
        "UV_ENV_FILE", "UV_LINK_MODE", "UV_OFFLINE", "UV_BREAK_SYSTEM_PACKAGES", "UV_VENV_SEED",
        "UV_VENV_CLEAR", "UV_COMPILE_BYTECODE", "UV_ISOLATED",
    }
)  # fmt: skip
# What pip users set, in uv's words. pip separates by blanks, uv by blanks (indexes) or commas (links).
FROM_PIP = (
    ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"),
    ("PIP_EXTRA_INDEX_URL", "UV_INDEX"),
    ("PIP_FIND_LINKS", "UV_FIND_LINKS"),
)
INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX",
                   "UV_INDEX_STRATEGY", "UV_PRERELEASE", "UV_RESOLUTION", "UV_EXCLUDE_NEWER", "UV_CONSTRAINT",
                   "UV_OVERRIDE", "UV_NO_BINARY", "UV_NO_BUILD")  # fmt: skip


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that uv gets: an allow-list, never an active virtual environment, no downloads of interpreters."""
    passed = {
        name: value
        for name, value in environ.items()
        if (name in PASSED or name.startswith(PASSED_PREFIXES)) and name not in WITHHELD
    }
    for theirs, ours in FROM_PIP:
        if environ.get(theirs) and ours not in passed:
            words = environ[theirs].split()
            passed[ours] = ",".join(words) if ours == "UV_FIND_LINKS" else " ".join(words)
    if environ.get("PIP_CERT"):
        passed.setdefault("SSL_CERT_FILE", environ["PIP_CERT"])
    return passed | {
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class Failure(Value, frozen=True, kw_only=True):
    """Why uv stopped. `kind`: "offline" (not in the cache), "network", "version" (no such version or package),
    "conflict", "python" (needs another Python), "build", "syntax" or "other"; `requirement`: the one that is to blame,
    "" if it cannot be told.
    """

    kind: str
    requirement: str
    message: str


# Bounded and anchored, so that no output, however odd, costs more than a look at each of its characters.
_NAME = r"(?<![\w.-])[A-Za-z0-9][A-Za-z0-9._-]{0,100}(?:\[[^\]\s]{0,200}\])?"
_REQUIREMENT = rf"{_NAME}(?:(?:[=~!<>]=?=?)[^\s,]{{1,60}}(?:,[=~!<>]=?=?[^\s,]{{1,60}}){{0,8}})?"
_READ = 40_000  # characters of uv's output: the error stands first
_FAILED_TO_FETCH = r"Failed to (?:download|download and build|fetch):? `([^`]+)`"
# (kind, pattern with the requirement as its first group): the first that is found decides.
_SIGNS: tuple[tuple[str, str], ...] = (
    ("syntax", r"Couldn't parse requirement in `[^`]*`[^\n]*\n[^\n]*\n\s*([^\n]+)\n"),
    ("offline", rf"Because ({_REQUIREMENT}) was not found in the cache"),
    ("offline", rf"Because ({_REQUIREMENT}) needs to be downloaded from a registry"),
    ("offline", r"`([^`]+)`[^`]*?(?:network connectivity is disabled|Network connectivity is disabled)"),
    ("offline", r"()(?:[Nn]etwork connectivity is disabled|the network was disabled)"),
    ("network", rf"{_FAILED_TO_FETCH}[^`]*?(?:Git operation failed|Request failed|error sending|timed out|HTTP)"),
    ("network", r"()(?:Failed to fetch|dns error|error sending request|Could not resolve host|operation timed out)"),
    ("build", r"Failed to (?:build|download and build|prepare) `([^`]+)`"),
    ("build", r"()(?:The build backend returned an error|Call to `[^`]+` failed|Failed to resolve requirements from)"),
    ("python", rf"does not satisfy Python[^\n]*? and ({_REQUIREMENT}) depends on Python"),
    ("python", rf"({_REQUIREMENT})(?: only)? (?:supports|requires|depends on) Python"),
    ("version", rf"Because ({_NAME}) was not found in the package registry"),
    ("version", rf"there (?:is no version|are no versions) of ({_REQUIREMENT})"),
    ("version", rf"only [^\n]* (?:is|are) available\s+and you require ({_REQUIREMENT})"),
    ("version", rf"({_REQUIREMENT}) has no (?:wheels with a matching|usable wheels|`)"),
    ("conflict", rf"(?:Because|because) you require ({_NAME})[^\n]* and "),
    ("conflict", rf"you require ({_REQUIREMENT})"),
)  # fmt: skip


def explain(text: str) -> Failure:
    """Read uv's standard error. The texts are uv's own (0.9 to 0.13 seen); an unknown one is kind "other"."""
    flat = re.sub(r"\x1b\[[0-9;]*m", "", text[:_READ])
    joined = re.sub(r"\n {2,}(?=\S)", " ", flat)
    for kind, pattern in _SIGNS:
        found = re.search(
            pattern, flat if kind == "syntax" else joined, re.DOTALL if kind in {"offline", "network"} else 0
        )
        if found:
            return Failure(kind=kind, requirement=found[1].strip(" ,`"), message=_first_cause(flat))
    return Failure(kind="other", requirement="", message=_first_cause(flat))


def _first_cause(text: str, limit: int = 600) -> str:
    """The error's own lines, without hints and warnings, bounded."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    start = next((at for at, line in enumerate(lines) if line.startswith(("error:", "\u00d7"))), 0)
    kept = [
        line.removeprefix("error: ").removeprefix("cause: ") for line in lines[start:] if not line.startswith("hint")
    ]
    return " · ".join(kept)[:limit]


REMEDIES: Mapping[str, str] = {
    "offline": "run once with the network (without --offline), so that uv's cache holds it",
    "network": "check the network, proxy and index settings (UV_INDEX_URL, HTTPS_PROXY), then run again",
    "version": "correct the version where it is declared, or the index that should hold it",
    "conflict": "loosen one of the two requirements where they are declared",
    "python": "raise the Pythons of [tool.penstock] `python`, or declare another version for older Pythons by a marker",
    "build": "see the build's output; a compiler, a header file or a generator step may be missing on this machine",
    "syntax": "correct the line where it is declared (PEP 508)",
    "other": "run the command named in the log by hand to see all of its output",
}
