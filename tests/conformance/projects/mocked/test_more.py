from test_mock import test_patched, test_restored
