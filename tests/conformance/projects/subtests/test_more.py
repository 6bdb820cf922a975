from test_subtests import test_good_parts, test_parts
