"""Where a city runs: found by its data folder, or by the addresses that are named."""

import os
import socket
import sys

import msgspec

from actors.engine.cluster import AUTH_MODE
from gateway.broker import read_login
from gateway.broker import running_url as running_broker
from gateway.command.options import Refusal
from gateway.settings import Settings
from storage.postgres import running_url as running_database

RAY_FILE = "ray.json"
"""The file in the data folder that says where a running city's Ray can be joined, and whether with a token."""


class RayAccess(msgspec.Struct, frozen=True):
    """Where a Ray cluster can be joined, and whether it asks for a token (empty: as the environment says)."""

    address: str
    auth_mode: str = ""


def running_city(settings: Settings) -> Settings:
    """These settings with the addresses of the city that runs in their data folder; Refusal if none does."""
    replace = msgspec.structs.replace
    database = settings.database.url or running_database(settings.folder / "postgres")
    broker = settings.broker.url or running_broker(settings.folder / "broker")
    access = ray_access(settings)
    wanted = {"--database-url": database, "--ray-address": access.address if listens(access.address) else None}
    if missing := [flag for flag, found in wanted.items() if not found]:
        raise Refusal(
            f"No city runs in {settings.folder}. Start it with: yunparking up, or name its --data-dir, or its "
            f"servers: {', '.join(missing)}."
        )
    if access.auth_mode and os.environ.get(AUTH_MODE) != access.auth_mode:
        os.environ[AUTH_MODE] = access.auth_mode  # too late for this process, but not for the one in its place
        os.execv(sys.executable, [sys.executable, "-m", "gateway.command", *sys.argv[1:]])  # noqa: S606
    return replace(
        settings,
        database=replace(settings.database, url=database),
        broker=replace(settings.broker, url=broker or ""),
        ray=replace(settings.ray, address=access.address),
    )


def ray_access(settings: Settings) -> RayAccess:
    """Of the cluster that is named, else of the city that runs here; an empty address if there is none."""
    file = settings.folder / RAY_FILE
    if settings.ray.address or not file.exists():
        return RayAccess(settings.ray.address)
    return msgspec.json.decode(file.read_bytes(), type=RayAccess)


def city_to_serve(settings: Settings) -> Settings:
    """The same for a gateway, which needs a broker too; one of our own has divided the devices as `up` was told to."""
    city = running_city(settings)
    if not city.broker.url:
        raise Refusal(f"No broker runs in {settings.folder}: name the city's with --mqtt-url.")
    login = None if settings.broker.url else read_login(settings.folder / "broker")
    if login is None or login.parts == city.ingest.parts:
        return city
    ingest = msgspec.structs.replace(city.ingest, parts=login.parts, topics="")
    return msgspec.structs.replace(city, ingest=ingest)


def listens(address: str) -> bool:
    """Does somebody listen at this host:port?"""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5):
            return True
    except (OSError, ValueError):
        return False
