import pytest

SEEN = {}


@pytest.mark.flaky(reruns=2)
@pytest.mark.parametrize("i", range(6))
def test_second_time(i):
    SEEN[i] = SEEN.get(i, 0) + 1
    assert SEEN[i] == 2


@pytest.mark.flaky(reruns=1)
def test_never():
    assert False


@pytest.fixture
def sometimes():
    SEEN["f"] = SEEN.get("f", 0) + 1
    if SEEN["f"] == 1:
        raise OSError("first")


@pytest.mark.flaky(reruns=1)
def test_fixture(sometimes):
    pass
