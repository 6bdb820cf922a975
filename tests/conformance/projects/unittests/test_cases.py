import unittest

UP = []


def setUpModule():
    UP.append("module")


def tearDownModule():
    UP.remove("module")


class Steps(unittest.TestCase):
    made = 0

    @classmethod
    def setUpClass(cls):
        UP.append("class")
        cls.made += 1

    @classmethod
    def tearDownClass(cls):
        UP.remove("class")

    def setUp(self):
        self.assertEqual(UP, ["module", "class"])
        self.assertEqual(self.made, 1)

    def test_1(self):
        type(self).step = 1

    def test_2(self):
        self.assertEqual(self.step, 1)

    def test_fails(self):
        self.assertEqual(1, 2)

    def test_errs(self):
        raise OSError("gone")

    @unittest.skip("not now")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.assertTrue(False)

    @unittest.expectedFailure
    def test_unexpected(self):
        pass

    def test_parts(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)


class Waits(unittest.IsolatedAsyncioTestCase):
    async def test_awaits(self):
        self.assertTrue(True)

    async def test_awaits_and_fails(self):
        self.fail("no")


class NeverUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("no power")

    def test_never(self):
        pass

    def test_never_too(self):
        pass
