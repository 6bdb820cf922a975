from __future__ import annotations

import pytest

from penstock.cli import commands


def test_words_that_were_typed_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.parse("run", ["--\x1b[31mred\x07"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "unrecognized arguments: --red" in told
    assert not {"\x1b", "\x07"} & set(told)
