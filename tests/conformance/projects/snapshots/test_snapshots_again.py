from test_snapshots import test_snapshot, test_two
