"""The environment of a job: an allow-list, what the job declares, and nothing else (TRUST.md §1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

# What tox passes by default, so that proxies, certificates and package indexes work as people expect, and by what the
# programs of container engines find theirs; the values of these are not part of a job's key, but for LANG, LC_* and TZ,
# which change what programs print.
_PASSED = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TERM|COLORTERM|CI|GITHUB_ACTIONS|CIRCLECI|SHELL"
    r"|(?i:https?_proxy|no_proxy|all_proxy|ftp_proxy)|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|PIP_\w+|UV_(?:INDEX|DEFAULT_INDEX|EXTRA_INDEX_URL|INDEX_URL|FIND_LINKS|CACHE_DIR|NATIVE_TLS|OFFLINE)\w*"
    r"|XDG_CACHE_HOME|XDG_RUNTIME_DIR|CONTAINER_HOST|DOCKER_(?:HOST|CONTEXT|CONFIG|CERT_PATH|TLS_VERIFY)"
    r"|CC|CXX|CFLAGS|CPPFLAGS|LDFLAGS|PKG_CONFIG_PATH|LD_LIBRARY_PATH|CARGO_HOME|RUSTUP_HOME|NIX_LD\w*"
)
_KEYED = re.compile(r"LANG|LANGUAGE|LC_\w+|TZ")


def passed(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of the surroundings that every job gets."""
    return {name: value for name, value in environ.items() if _PASSED.fullmatch(name)}


def keyed(environ: Mapping[str, str]) -> dict[str, str]:
    """Those of them that are part of a job's key."""
    return {name: value for name, value in environ.items() if _KEYED.fullmatch(name)}


def of_job(
    environ: Mapping[str, str],
    *,
    scripts: str | None,
    virtual_environment: str | None,
    temporary: str,
    declared: Iterable[tuple[str, str]],
    own: Mapping[str, str],
    withheld: Collection[str] = (),
    inherits: bool = False,
) -> tuple[tuple[str, str], ...]:
    """All variables of one process, sorted.

    `scripts` comes first on PATH; `declared` is what the job's author wrote, `own` what penstock adds; `withheld` are
    secrets, which only a job that lists them gets, as its own. A job that
    `inherits` gets all that there is, with the caller's own TMPDIR, and what is added.
    """
    if inherits:
        return tuple(sorted({**environ, **dict(declared), **own}.items()))
    variables = {name: value for name, value in passed(environ).items() if name not in withheld}
    if scripts:
        variables["PATH"] = f"{scripts}:{variables.get('PATH', '/usr/bin:/bin')}"
    if virtual_environment:
        variables["VIRTUAL_ENV"] = virtual_environment
    variables["TMPDIR"] = temporary
    variables.setdefault("LANG", "C.UTF-8")
    variables |= dict(declared)
    variables |= own
    return tuple(sorted(variables.items()))


def named_but_withheld(environ: Mapping[str, str], given: Mapping[str, str], output: bytes) -> tuple[str, ...]:
    """Variables that exist outside, were not handed to the job, and that its output names: the likely cause."""
    words = set(re.findall(rb"[A-Z][A-Z0-9_]{3,}", output))
    return tuple(sorted(name for name in environ if name not in given and name.encode() in words))
