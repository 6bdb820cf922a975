"""What a test writes is captured under its own name, in whichever process it runs."""

import logging
import os
import sys
import warnings

import pytest

print("while test_output is imported")


@pytest.mark.parametrize("i", range(20))
def test_capsys(i, capsys):
    print("hi", i)
    assert capsys.readouterr().out == f"hi {i}\n"


@pytest.mark.parametrize("i", range(20))
def test_capfd(i, capfd):
    os.write(1, b"fd%d" % i)
    assert capfd.readouterr().out == f"fd{i}"


@pytest.mark.parametrize("i", range(10))
def test_caplog(i, caplog):
    logging.getLogger("turbine").warning("level %d", i)
    assert caplog.messages == [f"level {i}"]


@pytest.mark.parametrize("i", range(4))
def test_fails(i):
    print("OUT-OF", i)
    sys.stdout.flush()
    os.system(f"echo CHILD-OF {i}")
    sys.stderr.write(f"ERR-OF {i}\n")
    logging.warning("LOG-OF %d", i)
    warnings.warn(f"WARN-OF {i}", stacklevel=1)
    assert i < 0
