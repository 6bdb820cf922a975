import unittest

unittest.main(module=None)
