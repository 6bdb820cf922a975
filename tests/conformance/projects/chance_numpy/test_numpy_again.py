from test_numpy import test_chance, test_waits
