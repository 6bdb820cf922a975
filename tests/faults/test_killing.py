from pathlib import Path

import pytest

from tests.faults import killing


@pytest.mark.slow
def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    kills = killing.campaign(20, seed=7, folder=tmp_path)
    assert len(kills) == 20
    assert [kill for kill in kills if kill.wrong] == []
