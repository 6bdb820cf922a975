import pytest


@pytest.mark.parametrize("i", range(3))
def test_speed(benchmark, i):
    assert benchmark(lambda: sum(range(100))) == 4950


def test_fails(benchmark):
    assert benchmark(lambda: 1) == 2
