from test_strict import test_quiet
