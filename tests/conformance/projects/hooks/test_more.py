import pytest


@pytest.mark.parametrize("i", range(6))
def test_more(i, pytestconfig):
    assert pytestconfig.getoption("--level") == "low"
