"""Processes of a test's own: subprocesses, multiprocessing with each start method, shared memory, executors."""

import concurrent.futures
import multiprocessing
import os
import subprocess
import sys
from multiprocessing import shared_memory

import pytest


def put(queue):
    queue.put(os.getpid())


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_methods(method):
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    process = context.Process(target=put, args=(queue,))
    process.start()
    assert queue.get(timeout=30) == process.pid
    process.join()
    assert process.exitcode == 0


def test_shared_memory():
    block = shared_memory.SharedMemory(create=True, size=100)
    block.close()
    block.unlink()


@pytest.mark.parametrize("i", range(3))
def test_subprocess(i):
    done = subprocess.run([sys.executable, "-c", f"print({i})"], capture_output=True, check=True)
    assert done.stdout == b"%d\n" % i


def test_executor():
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(abs, [-1, -2])) == [1, 2]


@pytest.mark.parametrize("i", range(5))
def test_forks(i):
    pid = os.fork()
    if pid == 0:
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
