"""uv's own texts, as it printed them, and what they mean."""

from __future__ import annotations

import pytest

from penstock.util import uv

NOT_CACHED = """error: No solution found when resolving dependencies
  cause: Because tornado was not found in the cache and you require tornado==6.2, we can conclude.

hint: Packages were unavailable because the network was disabled.
"""
GIT = """error: Failed to download and build `foo @ git+https://example.org/x/y`
  cause: Git operation failed
  cause: failed to clone into: /cache/git-v2/db/36c1e61c0b17d7ac
         fatal: unable to access 'https://example.org/x/y/': Could not resolve host: example.org
"""
ADDRESS = """error: Failed to download and build `foo @ https://nowhere.invalid/x-1.tar.gz`
  cause: Request failed after 3 retries in 5.2s
  cause: dns error
"""
TOO_OLD = """error: No solution found when resolving dependencies for split (markers: python_full_version >= '3.9')
  cause: Because the requested Python version does not satisfy Python>=3.11 and numpy==2.4.6 depends on Python>=3.11.
         And because you require numpy==2.4.6, we can conclude.
"""
CONFLICT = """error: No solution found when resolving dependencies
  cause: Because you require attrs==22 and attrs>23, we can conclude.
"""
NO_VERSION = """error: No solution found when resolving dependencies
  cause: Because only attrs<=26.1.0 is available and you require attrs>=999, we can conclude.
"""
NO_PACKAGE = """error: No solution found when resolving dependencies
  cause: Because no-such-thing was not found in the package registry and you require no-such-thing, we can conclude.
"""
BUILD = """error: Failed to build `env-native @ file:///tmp/x`
  cause: The build backend returned an error
  cause: Call to `setuptools.build_meta.build_wheel` failed (exit status: 1)
"""
WHEEL_NOT_CACHED = """error: Failed to download `markupsafe==3.0.3`
  cause: Network connectivity is disabled, but the requested data wasn't found in the cache: https://f.invalid/m.whl
"""
BUILD_NEEDS = """error: Failed to build `/x/tree`
  cause: Failed to resolve requirements from `build-system.requires`
  cause: No solution found when resolving: `hatchling`, `hatch-vcs`
  cause: Because hatch-vcs was not found in the cache and you require hatch-vcs, we can conclude.
"""
SYNTAX = """error: Couldn't parse requirement in `x.in` at position 0
  cause: no such comparison operator ">>", must be one of ~= == != <= >= < > ===
         attrs >> 3
               ^^^^
"""


@pytest.mark.parametrize(
    ("text", "kind", "requirement"),
    [
        (NOT_CACHED, "offline", "tornado"),
        (WHEEL_NOT_CACHED, "offline", "markupsafe==3.0.3"),
        (BUILD_NEEDS, "offline", "hatch-vcs"),
        (GIT, "network", "foo @ git+https://example.org/x/y"),
        (ADDRESS, "network", "foo @ https://nowhere.invalid/x-1.tar.gz"),
        (TOO_OLD, "python", "numpy==2.4.6"),
        (CONFLICT, "conflict", "attrs"),
        (NO_VERSION, "version", "attrs>=999"),
        (NO_PACKAGE, "version", "no-such-thing"),
        (BUILD, "build", "env-native @ file:///tmp/x"),
        (SYNTAX, "syntax", "attrs >> 3"),
        ("error: something new", "other", ""),
        ("", "other", ""),
    ],
)
def test_the_requirement_to_blame_and_why(text: str, kind: str, requirement: str) -> None:
    failure = uv.explain(text)
    assert (failure.kind, failure.requirement) == (kind, requirement)
    assert failure.kind in uv.REMEDIES
    assert "hint" not in failure.message


@pytest.mark.parametrize("odd", ["x", "a.", "a-", "x==1,", "`", "[", "Because ", "\n  x", "Failed to download `"])
def test_a_long_text_is_cut_and_costs_nothing(odd: str) -> None:
    assert len(uv.explain("error: " + odd * 100_000).message) <= 600


def test_uv_gets_no_active_environment_and_no_stray_settings() -> None:
    given = uv.environment(
        {
            "PATH": "/bin",
            "VIRTUAL_ENV": "/venv",
            "CONDA_PREFIX": "/conda",
            "PYTHONPATH": "/x",
            "UV_PYTHON": "3.8",
            "UV_PROJECT_ENVIRONMENT": "/venv",
            "UV_CACHE_DIR": "/cache",
            "SECRET": "s",
            "LC_ALL": "C",
        }
    )
    assert given["UV_PYTHON_DOWNLOADS"] == "never"
    assert given["UV_CACHE_DIR"] == "/cache"
    assert given["LC_ALL"] == "C"
    assert (
        not {"VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT", "SECRET"}
        & given.keys()
    )


def test_what_pip_users_set_counts_unless_uv_is_told_itself() -> None:
    given = uv.environment({"PIP_INDEX_URL": "https://a/simple", "PIP_FIND_LINKS": "/w1 /w2", "PIP_CERT": "/c.pem"})
    assert given["UV_DEFAULT_INDEX"] == "https://a/simple"
    assert given["UV_FIND_LINKS"] == "/w1,/w2"
    assert given["SSL_CERT_FILE"] == "/c.pem"
    assert uv.environment({"PIP_INDEX_URL": "a", "UV_DEFAULT_INDEX": "b"})["UV_DEFAULT_INDEX"] == "b"
