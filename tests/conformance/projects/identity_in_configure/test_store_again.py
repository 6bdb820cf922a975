from test_store import store, test_store
