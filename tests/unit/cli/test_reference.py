from __future__ import annotations

from collections.abc import Callable

from penstock.cli import reference
from penstock.cli.commands import COMMANDS


def test_the_page_of_commands_is_current(golden: Callable[[str, str], None]) -> None:
    golden("docs/reference/commands.md", reference.page())


def test_every_command_for_people_is_on_it_and_no_other() -> None:
    told = {line.removeprefix("## penstock ") for line in reference.page().splitlines() if line.startswith("## ")}
    assert told == {name for name, command in COMMANDS.items() if command.help}
