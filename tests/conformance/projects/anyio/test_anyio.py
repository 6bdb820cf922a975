import anyio
import pytest


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def pond(anyio_backend):
    async with anyio.create_task_group():
        yield []


@pytest.mark.anyio
@pytest.mark.parametrize("i", range(10))
async def test_sleeps(i, pond):
    await anyio.sleep(0.001)
    assert i != 6


@pytest.mark.anyio
async def test_thread():
    assert await anyio.to_thread.run_sync(lambda: 4) == 4
