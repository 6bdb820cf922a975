from test_anyio import anyio_backend, pond, test_sleeps
