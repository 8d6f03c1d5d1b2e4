"""The worlds of the tests are the product's worlds."""

from uuid import uuid4

from storage.migrations import drop_world, migrate
from tests.storage.conftest import Home
from tests.worlds import description


async def test_a_world_of_the_tests_is_what_the_steps_make(home: Home) -> None:
    other = f"t_{uuid4().hex[:12]}"
    await migrate(home.url, other)
    try:
        theirs = description(home.url, other)
    finally:
        await drop_world(home.url, other)
    assert theirs.count("CREATE TABLE") > 20
    assert description(*home) == theirs.replace(other, home.world)
