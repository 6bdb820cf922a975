import pytest


@pytest.fixture
def height():
    from weirs import HEIGHT

    return HEIGHT
