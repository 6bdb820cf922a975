from test_names import test_is_named
