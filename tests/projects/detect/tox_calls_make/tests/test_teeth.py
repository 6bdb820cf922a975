import unittest


class Teeth(unittest.TestCase):
    def test_mesh(self):
        self.assertTrue(True)
