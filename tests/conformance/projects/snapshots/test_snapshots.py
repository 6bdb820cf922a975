import pytest


@pytest.mark.parametrize("i", range(10))
def test_snapshot(i, snapshot):
    assert {"v": i, "l": [1, 2, i]} == snapshot


def test_two(snapshot):
    assert "first" == snapshot
    assert "second" == snapshot
