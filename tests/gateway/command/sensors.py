"""Sensors of a city that `up` runs: what they say is acknowledged by its broker, and has to be kept, once."""

import asyncio
import time
from pathlib import Path

from actors.devices import SensorFrame, encode
from gateway.broker import read_login
from gateway.ingress.wire import Broker, client_of
from gateway.settings import Settings
from storage.postgres import running_url
from storage.session import connect, now_us

BAYS = ("22774", "66222", "5691")
_KEPT = """
    SELECT split_part(topic, '/', 3), count(DISTINCT payload) FROM frames
    WHERE outcome IN ('accepted', 'repeat') GROUP BY 1
"""
_HEARD = "SELECT device_id, frames FROM device_states WHERE device_id = ANY($1)"


class Sensors:
    """Three sensors of the city in this folder, and what they have said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._boot = int(time.time())
        self._said = 0

    def speak(self, times: int = 3) -> None:
        """Each so often; returns when the broker has acknowledged all."""
        asyncio.run(self._speak(times))

    async def _speak(self, times: int) -> None:
        login = read_login(self._folder / "broker")
        assert login is not None
        async with client_of(Broker(login.sensor_url)) as client:
            for _ in range(times):
                self._said += 1
                frame = SensorFrame(v=1, boot=self._boot, n=self._said, at=now_us(), occupied=self._said % 2 == 1)
                for bay in BAYS:
                    await client.publish(f"yunparking/v1/mel-{bay}/up", encode(frame), qos=1)

    def all_taken_once(self) -> bool:
        """Whether each frame that was acknowledged is kept, and its device has heard it once: a frame whose turn was
        stored, and its answer lost, came again and is kept as a repeat.
        """
        kept, heard = asyncio.run(self._counts())
        assert all(n <= self._said for n in heard.values()), heard
        return kept == heard == {f"mel-{bay}": self._said for bay in BAYS}

    async def _counts(self) -> tuple[dict[str, int], dict[str, int]]:
        url = running_url(self._folder / "postgres")
        assert url is not None
        connection = await connect(url, Settings().world, "test")
        try:
            kept = await connection.fetch(_KEPT)
            heard = await connection.fetch(_HEARD, [f"mel-{bay}" for bay in BAYS])
        finally:
            await connection.close()
        return dict(map(tuple, kept)), dict(map(tuple, heard))
