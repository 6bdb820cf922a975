import unittest


class Base:
    def test_shared(self):
        self.assertTrue(self.ok)


class Yes(Base, unittest.TestCase):
    ok = True


class No(Base, unittest.TestCase):
    ok = False
