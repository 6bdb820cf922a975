"""The example projects, and what their pages say: tables of Markdown, and what names stand in them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

FOLDER = ROOT / "examples"
# Name -> the hosts whose configuration is committed with it.
HOSTS = {"llm-framework": ("github",), "web-api": ("github",), "dl-service": ("github", "circleci")}
_CODE = re.compile(r"`([^`]+)`")


def table(page: Path, heading: str) -> list[dict[str, str]]:
    """The rows of the first table below a heading, by the names of its columns; none where it has no table."""
    _, _, below = page.read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    section = below.partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]] if cells else []


def mapping(name: str) -> list[dict[str, str]]:
    """Every row of both tables of an example's MAPPING.md."""
    page = FOLDER / name / "MAPPING.md"
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [row for heading in headings for row in table(page, heading)]


def named(text: str) -> list[str]:
    """What stands in code spans."""
    return _CODE.findall(text)


def declared(name: str) -> dict[str, Any]:
    """`[tool.penstock]` of an example."""
    read = tomllib.loads((FOLDER / name / "pyproject.toml").read_text(encoding="utf-8"))
    found: dict[str, Any] = read["tool"]["penstock"]
    return found


def not_verified(name: str) -> set[str]:
    """The jobs that an example's page says a machine like the makers' cannot verify."""
    rows = table(FOLDER / name / "README.md", "Not verified here")
    return {job for row in rows for job in named(row["job"])}
