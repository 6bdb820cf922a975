import pytest


def pytest_addoption(parser):
    parser.addoption("--run-optional")


@pytest.fixture
def benchmark():
    return None
