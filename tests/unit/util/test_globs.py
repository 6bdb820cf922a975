import pytest

from penstock.util.globs import first_match, matching

PATHS = (
    "README.md",
    "docs/a/deep.md",
    "docs/index.md",
    "mkdocs.yml",
    "src/pkg/a.py",
    "src/pkg/b[1].py",
    "src/setup.py",
)


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (("docs/**",), ("docs/a/deep.md", "docs/index.md")),
        (("docs",), ("docs/a/deep.md", "docs/index.md")),
        (("docs/",), ("docs/a/deep.md", "docs/index.md")),
        (("docs/*.md",), ("docs/index.md",)),
        (("*.md",), ("README.md", "docs/a/deep.md", "docs/index.md")),
        (("/*.md",), ("README.md",)),
        (("**/index.md",), ("docs/index.md",)),
        (("docs/**/deep.md",), ("docs/a/deep.md",)),
        (("src/**/*.py",), ("src/pkg/a.py", "src/pkg/b[1].py", "src/setup.py")),
        (("src/pkg/?.py",), ("src/pkg/a.py",)),
        (("src/pkg/[ab].py",), ("src/pkg/a.py",)),
        (("src/pkg/[!b]*",), ("src/pkg/a.py",)),
        (("src/pkg/b[[]1].py",), ("src/pkg/b[1].py",)),
        (("mkdocs.yml", "docs/index.md"), ("docs/index.md", "mkdocs.yml")),
        (("docs/**", "!docs/a/**"), ("docs/index.md",)),
        (("./README.md",), ("README.md",)),
        (("[z-a].py", "src/pkg/["), ()),
        (("/",), PATHS),
        ((".", "!src/**"), ("README.md", "docs/a/deep.md", "docs/index.md", "mkdocs.yml")),
        ((), ()),
        (("nothing",), ()),
    ],
)
def test_patterns(patterns: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert tuple(matching(patterns, PATHS)) == found


def test_pattern_does_not_match_a_longer_name() -> None:
    assert matching(("docs",), ("docs2/a", "mydocs", "a/docs/b")) == ["a/docs/b"]


def test_first_match_is_alphabetical() -> None:
    assert first_match(("*.md",), ("z.md", "a.md")) == "a.md"
    assert first_match(("*.md",), ("a.py",)) is None
