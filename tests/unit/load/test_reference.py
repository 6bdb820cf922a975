"""What the documentation says is made from the tables, and is current."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penstock.errors import EXIT_CODES, ExitCode
from penstock.load import pages
from penstock.load.codes import CODES
from penstock.load.schema import schema

Golden = Callable[[str, str], None]
jsonschema: Any = importlib.import_module("jsonschema")  # it comes without types
SOURCE = Path(__file__).parents[3] / "src" / "penstock"


def test_the_reference_pages_are_current(golden: Golden) -> None:
    golden("docs/reference/configuration.md", pages.reference())
    golden("docs/reference/problems.md", pages.problems())
    golden("docs/reference/exit-codes.md", pages.exit_codes())


def test_the_published_schema_is_current_and_a_schema(golden: Golden) -> None:
    golden("docs/reference/penstock.schema.json", json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_exit_code_is_explained() -> None:
    assert set(EXIT_CODES) == set(ExitCode)


def test_every_code_that_the_source_uses_is_in_the_table_and_every_code_is_used() -> None:
    files = [path for path in SOURCE.rglob("*.py") if path.name != "codes.py"]
    used = {code for path in files for code in re.findall(r'"(C[0-4]\d{2})"', path.read_text())}
    listed = [code.code for code in CODES]
    assert used == set(listed)
    assert len(listed) == len(set(listed))
