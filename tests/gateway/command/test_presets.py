"""A fresh city charges: `up` gives every lot rules and a tariff once; that they stay as changed, see `test_up.py`."""

from pathlib import Path

from gateway.command import wiring
from gateway.settings import Settings, load_settings
from storage.database import open_engine
from storage.published import Published
from tests.storage.cities import city


def of(database_url: str, world: str, folder: Path) -> Settings:
    return load_settings(None, flags={"database.url": database_url, "world": world, "data_dir": str(folder)})


async def test_a_start_that_broke_off_before_the_city_was_loaded_gives_nothing_twice(
    database_url: str, world: str, tmp_path: Path
) -> None:
    settings = of(database_url, world, tmp_path)
    for register in (city(2), city(1)):
        wiring.give_presets(settings, register)
    engine = open_engine(database_url, world)
    published = Published(engine)
    assert {row.name: row.version for row in await published.newest("rules/")} == {"rules/L0": 1, "rules/L1": 1}
    assert {row.name: row.version for row in await published.newest("tariff-of/")} == {
        "tariff-of/L0": 1,
        "tariff-of/L1": 1,
    }
    await engine.dispose()
