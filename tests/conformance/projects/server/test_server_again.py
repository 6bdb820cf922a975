from test_server import test_serves, test_unexpected
