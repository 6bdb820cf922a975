"""An event loop that is made while the file is imported."""

import asyncio
import os

import pytest

LOOP = asyncio.new_event_loop()


@pytest.mark.parametrize("i", range(40))
def test_loop(i):
    async def go():
        future = LOOP.create_future()
        LOOP.call_later(0.002, future.set_result, i)
        await asyncio.sleep(0.001)
        assert await LOOP.run_in_executor(None, os.getpid) == os.getpid()
        return await asyncio.wait_for(future, 5)

    assert LOOP.run_until_complete(go()) == i
