"""The seed is the run's, in every worker; the order is the seed's."""

import random

import pytest


@pytest.mark.parametrize("i", range(10))
def test_seeded(i):
    assert random.random() == random.Random(7).random()


class TestOne:
    def test_a(self):
        pass

    def test_b(self):
        assert random.random() > 0.99
