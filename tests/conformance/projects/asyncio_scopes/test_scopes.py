import asyncio

import pytest

LOOPS = set()


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("i", range(10))
async def test_session(i):
    await asyncio.sleep(0.001)
    LOOPS.add(id(asyncio.get_running_loop()))
    assert len(LOOPS) == 1


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("i", range(10))
async def test_module(i):
    await asyncio.sleep(0.001)
