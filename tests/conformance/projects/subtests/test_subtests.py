import unittest

import pytest


@pytest.mark.parametrize("k", range(4))
def test_parts(subtests, k):
    for i in range(4):
        with subtests.test(msg="m", i=i):
            assert i != 2


def test_good_parts(subtests):
    for i in range(4):
        with subtests.test(i=i):
            assert i < 4


def test_skipped_part(subtests):
    with subtests.test("skips"):
        pytest.skip("part")


class Cases(unittest.TestCase):
    def test_parts(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)

    def test_good_parts(self):
        for i in range(3):
            with self.subTest(i=i):
                pass
