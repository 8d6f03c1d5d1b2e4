"""Documents that are kept: made once for all who ask at once, anew when old or forgotten."""

import asyncio
import gzip

from gateway.http.keeping import Kept
from gateway.http.shown import Alive


class Maker:
    """Counts how often the document was made; says what it was told to say."""

    def __init__(self) -> None:
        self.made = 0
        self.alive = True

    async def __call__(self) -> Alive:
        self.made += 1
        await asyncio.sleep(0)
        return Alive(self.alive)


async def test_all_who_ask_at_once_get_one_document() -> None:
    kept, make = Kept(), Maker()
    documents = await asyncio.gather(*(kept.document("a", "application/json", make) for _ in range(20)))
    assert make.made == 1
    assert len({id(one) for one in documents}) == 1
    assert gzip.decompress(documents[0].gzipped) == documents[0].body == b'{"alive":true}'


async def test_it_is_made_anew_when_old_or_forgotten() -> None:
    at = [0.0]
    kept, make = Kept(10.0, lambda: at[0]), Maker()
    first = await kept.document("a", "application/json", make)
    at[0] = 10.0
    assert await kept.document("a", "application/json", make) is first
    at[0] = 10.5
    again = await kept.document("a", "application/json", make)
    assert (make.made, again.etag) == (2, first.etag)
    kept.forget("a")
    make.alive = False
    assert (await kept.document("a", "application/json", make)).etag != first.etag


async def test_what_could_not_be_made_is_tried_again() -> None:
    kept, make = Kept(), Maker()

    async def fail() -> Alive:
        raise ConnectionError

    outcomes = await asyncio.gather(
        kept.document("a", "application/json", fail),
        kept.document("a", "application/json", make),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], ConnectionError)
    assert make.made == 1
