import asyncio
import os

import pytest


@pytest.mark.parametrize("i", range(10))
async def test_function(i):
    await asyncio.sleep(0.001)
    assert i != 4


@pytest.mark.parametrize("i", range(10))
async def test_processes(i):
    process = await asyncio.create_subprocess_exec("true")
    assert await process.wait() == 0
    assert await asyncio.to_thread(os.getpid) == os.getpid()


@pytest.fixture
async def pond():
    await asyncio.sleep(0)
    yield []
    await asyncio.sleep(0)


async def test_fixture(pond):
    assert pond == []


async def test_times_out():
    await asyncio.wait_for(asyncio.sleep(5), 0.01)
