import pytest

RAN = []


@pytest.mark.order(2)
def test_second():
    RAN.append(2)
    assert RAN == [1, 2]


@pytest.mark.order(-1)
def test_last():
    pass


@pytest.mark.order(1)
def test_first():
    RAN.append(1)


@pytest.mark.parametrize("i", range(5))
def test_others(i):
    pass
