"""GitHub's patterns, by the cases of its own documentation."""

from __future__ import annotations

import pytest

from penstock.providers.github.filters import selected


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("feature/*", ("feature/my-branch", "feature/your-branch"), ("feature/beta-a/my-branch", "feature")),
        ("feature/**", ("feature/beta-a/my-branch", "feature/your-branch"), ("features/x",)),
        ("main", ("main",), ("mains", "x/main")),
        ("*", ("main", "releases"), ("all/the/branches",)),
        ("**", ("all/the/branches", "every/tag"), ()),
        ("*feature", ("mona-feature", "feature", "ver-10-feature"), ("feature-x",)),
        ("v2*", ("v2", "v2.0", "v2.9"), ("v1",)),
        ("v[12].[0-9]+.[0-9]+", ("v1.10.1", "v2.0.0"), ("v3.0.0", "v1..1")),
        ("*.jsx?", ("page.js", "page.jsx"), ("page.jsxx",)),
        ("**.js", ("index.js", "js/index.js", "src/js/app.js"), ("index.jsx",)),
        ("docs/**/*.md", ("docs/README.md", "docs/a/markdown/file.md"), ("README.md",)),
        ("**/docs/**", ("docs/hello.md", "dir/docs/my-file.txt"), ("docs",)),
        ("**/*src/**", ("a/src/app.js", "my-src/code/js/app.js"), ("src",)),
        (r"c\+\+", ("c++",), ("ccc",)),
        ("a.b", ("a.b",), ("axb",)),
    ],
)
def test_a_pattern(pattern: str, fits: tuple[str, ...], fits_not: tuple[str, ...]) -> None:
    assert [name for name in fits if not selected([pattern], name)] == []
    assert [name for name in fits_not if selected([pattern], name)] == []


@pytest.mark.parametrize(
    ("patterns", "name", "expected"),
    [
        (("*.md", "!README.md"), "README.md", False),
        (("*.md", "!README.md"), "hello.md", True),
        (("*.md", "!README.md", "README*"), "README.md", True),
        (("!main",), "other", False),
        ((), "main", False),
    ],
)
def test_the_last_pattern_that_fits_decides(patterns: tuple[str, ...], name: str, *, expected: bool) -> None:
    assert selected(patterns, name) is expected
