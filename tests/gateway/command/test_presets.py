"""A fresh city charges: `up` gives every lot rules and a tariff once, and what its operator changes stays so."""

import json
import signal
import urllib.request
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from actors.values import HOUR_US
from gateway.command import wiring
from gateway.settings import Settings, load_settings
from storage.database import now_us, open_engine
from storage.published import Published
from tests.gateway.command.test_up import Running
from tests.storage.cities import city

LOT, OTHER = "20001", "20003"


class Office:
    """The administrator at the door of a running city."""

    def __init__(self, running: Running, password: str) -> None:
        self._url, self._token = f"http://127.0.0.1:{running.http}/api/v1", ""
        self._token = self("POST", "/session", {"name": "admin", "password": password})["access_token"]

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json", "Idempotency-Key": token_hex(16)}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self._url + path, data, headers, method=method)  # our own
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    def every(self, path: str) -> list[Any]:
        """All items of a paged list."""
        page = self("GET", f"{path}?limit=200")
        items = page["items"]
        while page["next"]:
            page = self("GET", f"{path}?limit=200&after={page['next']}")
            items += page["items"]
        return items

    def hour(self, lot: str) -> tuple[str, int]:
        """Which tariff an hour in this lot is charged by, and what that costs."""
        now = now_us()
        said = self("POST", "/pricing/quote", {"which": {"lot": lot}, "entry_us": now, "exit_us": now + HOUR_US})
        return said["tariff"], said["quote"]["charge_fen"]


def ended(running: Running) -> None:
    running.process.send_signal(signal.SIGINT)
    running.until("done", "everything has stopped")
    assert running.process.wait(60) == 0


@pytest.mark.ray
@pytest.mark.timeout(400)
def test_a_fresh_city_charges_and_keeps_what_its_operator_changed(open_folder: Path) -> None:
    running = Running(open_folder / "presets")
    try:
        password = running.until("ready")["administrator"]["password"]
        office = Office(running, password)
        lots = {lot["id"] for lot in office.every("/lots")}
        assert len(lots) == 241
        assert {(row["lot"], row["rules"]["mode"]) for row in office.every("/lot-rules")} == {
            (lot, "sensor_pda") for lot in lots
        }
        assert {(row["lot"], row["tariff"]) for row in office.every("/assignments")} == {(lot, "kerb") for lot in lots}
        tariff, fen = office.hour(LOT)
        assert tariff == "kerb"
        assert fen > 0
        office("PUT", f"/lots/{LOT}/rules", {"version": 1, "rules": {"mode": "sensor_patrol"}})
        office("POST", "/assignments", {"tariff": "", "lots": [LOT]})
        ended(running)

        running = Running(open_folder / "presets")
        running.until("ready")
        office = Office(running, password)
        rules = office("GET", f"/lots/{LOT}/rules")
        assert (rules["version"], rules["rules"]["mode"]) == (2, "sensor_patrol")
        assert {row["lot"] for row in office.every("/assignments") if not row["tariff"]} == {LOT}
        assert office.hour(OTHER)[0] == "kerb"
        ended(running)
    finally:
        running.process.kill()
        running.process.wait()


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
