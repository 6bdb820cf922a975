import pytest


@pytest.mark.parametrize("i", range(4))
def test_height(height, i):
    assert height == 3 - 3 + (5 if "deep" in __file__ else 4)
