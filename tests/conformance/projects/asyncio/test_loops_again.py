from test_loops import pond, test_fixture, test_function, test_processes
