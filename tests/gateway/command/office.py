"""The administrator of a city that `up` has started for the first time: what its lots charge, and what is changed."""

import json
import urllib.request
from secrets import token_hex
from typing import Any

from actors.values import HOUR_US
from storage.session import now_us

LOT, OTHER = "20001", "20003"


class Office:
    """The administrator at the door of a running city."""

    def __init__(self, port: int, password: str) -> None:
        self._url, self._token = f"http://127.0.0.1:{port}/api/v1", ""
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

    def saw_return(self, *names: str, why: str = "was killed by SIGKILL") -> bool:
        """Whether it is told of each of these that a life of it ended so, and that the next one answered."""
        items = [one for one in self("GET", "/recoveries")["items"] if one["why"] == why]
        return {*names} <= {one["worker"] for one in items if one["back_us"] and one["lost_us"] < one["back_us"]}

    def finds_that_all_lots_charge(self) -> None:
        """Every lot has rules and a tariff, by which an hour costs something."""
        lots = {lot["id"] for lot in self.every("/lots")}
        assert len(lots) == 241
        modes = {(row["lot"], row["rules"]["mode"]) for row in self.every("/lot-rules")}
        assert modes == {(lot, "sensor_pda") for lot in lots}
        assert {(row["lot"], row["tariff"]) for row in self.every("/assignments")} == {(lot, "kerb") for lot in lots}
        tariff, fen = self.hour(LOT)
        assert tariff == "kerb"
        assert fen > 0

    def changes(self) -> None:
        """One lot goes by other rules, and charges nothing."""
        self("PUT", f"/lots/{LOT}/rules", {"version": 1, "rules": {"mode": "sensor_patrol"}})
        self("POST", "/assignments", {"tariff": "", "lots": [LOT]})

    def finds_what_was_changed(self) -> None:
        """Another start has given that lot nothing, and left the others what they had."""
        rules = self("GET", f"/lots/{LOT}/rules")
        assert (rules["version"], rules["rules"]["mode"]) == (2, "sensor_patrol")
        assert {row["lot"] for row in self.every("/assignments") if not row["tariff"]} == {LOT}
        assert self.hour(OTHER)[0] == "kerb"
