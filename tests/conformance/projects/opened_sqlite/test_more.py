import pytest
from test_store import STORE


@pytest.mark.parametrize("i", range(40))
def test_reads(i):
    assert STORE.execute("pragma integrity_check").fetchone() == ("ok",)
