from test_sockets import test_allowed, test_refused
