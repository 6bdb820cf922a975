def pytest_addoption(parser):
    parser.addoption("--exclusive", action="store_true")
