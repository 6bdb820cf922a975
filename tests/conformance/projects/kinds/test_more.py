import pytest

pytestmark = pytest.mark.parametrize("i", range(3))


@pytest.fixture(scope="module")
def bad_module():
    raise LookupError("for all three")


def test_module(bad_module, i):
    pass


def test_good(i):
    pass
