import pytest


def test_one(mocker, benchmark):
    pass


@pytest.mark.asyncio
async def test_two(freezer):
    pass
