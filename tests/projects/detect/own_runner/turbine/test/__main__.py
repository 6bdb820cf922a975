import unittest

unittest.main("turbine.test.runs")
