"""A sandbox that really serves, and our side of WeChat Pay pointed at it."""

from collections.abc import AsyncIterator

import pytest

from gateway.outside.sandbox.keys import Keys
from tests.gateway.outside.pay.counter import Counter


@pytest.fixture
async def counter(keys: Keys) -> AsyncIterator[Counter]:
    counter = await Counter.open(keys)
    yield counter
    await counter.close()
