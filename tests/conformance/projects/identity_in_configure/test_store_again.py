from test_store import test_store
