"""A connection that is opened while the file is imported; each test writes through it."""

import os
import sqlite3

import pytest

STORE = sqlite3.connect("store.db", timeout=5)
STORE.execute("create table if not exists t(pid, n)")
STORE.commit()


@pytest.mark.parametrize("i", range(60))
def test_writes(i):
    STORE.execute("insert into t values(?, ?)", (os.getpid(), i))
    STORE.commit()
    assert STORE.execute("select count(*) from t where pid = ? and n = ?", (os.getpid(), i)).fetchone() == (1,)
