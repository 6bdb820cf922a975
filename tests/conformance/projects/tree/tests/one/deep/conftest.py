import pytest


@pytest.fixture
def height(height):
    return height + 1
