from test_groups import test_dam, test_free, test_three
