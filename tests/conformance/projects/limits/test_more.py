from test_limits import test_after, test_quick
