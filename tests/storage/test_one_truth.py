"""From the register to the tables that people read: what projections say equals what the actors themselves show."""

import random
from asyncio import sleep
from typing import Any
from zlib import crc32

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.catalogue import Catalogue
from actors.engine.commit import commit, open_slots
from actors.engine.entries import ByKey, FromDevice, Letter
from actors.engine.host import Host
from actors.kinds import KINDS, PORTS
from actors.messages.bay import BayFace
from actors.messages.device import DeviceFace, Uplinked
from actors.messages.lot import LotFace
from actors.values import MINUTE_US, Micros, Ref, shared_slot
from storage.desk import Desk
from storage.history import History
from storage.journal import PostgresJournal
from storage.lists import Lists
from storage.outbox import Outbox
from storage.projections import PROJECTIONS, Projector
from storage.records import Device, Register
from storage.schema import derived
from tests.storage.cities import city
from tests.storage.conftest import Home

CATALOGUE = Catalogue(KINDS, PORTS)
START = 1_000 * 5 * MINUTE_US


async def test_projections_show_what_actors_show(home: Home, engine: AsyncEngine) -> None:
    register = city(lots=5, bays=6)
    await Desk(engine).load("setup", register)
    journal, host = PostgresJournal(*home, name="cell-0"), Host(CATALOGUE, "cell-0", 7)
    await open_slots(host, journal, sorted({shared_slot(lot.id) for lot in register.lots}), START, sleep)
    projector = Projector(engine, CATALOGUE.decode_told, PROJECTIONS)
    await install(host, engine)
    chance, now = random.Random(5), START
    for n in range(60):
        now += chance.randrange(3 * MINUTE_US)
        host.tick(now)
        heard = register.devices if n < 30 else register.devices[:20]
        host.deliver([frame(chance, device, n, now) for device in chance.sample(heard, 9)], now)
        await flush(host, journal)
        if n % 7 == 0:
            await projector.round()
    await projector.catch_up()
    await agree(host, engine, register, now)
    await journal.close()


async def install(host: Host, engine: AsyncEngine) -> None:
    """What the courier does: each order of the desk becomes a letter."""
    outbox = Outbox(engine)
    rows = await outbox.undelivered(1_000)
    letters = [
        Letter(
            shared_slot(row.ref.key),
            ByKey(f"desk-{row.id}", crc32(row.message)),
            row.ref,
            CATALOGUE.decode_message(row.message),
        )
        for row in rows
    ]
    assert {answer.how for answer in host.deliver(letters, START)} == {"done"}
    await outbox.delivered([row.id for row in rows])
    assert await outbox.undelivered(1) == []


def frame(chance: random.Random, device: Device, n: int, now: Micros) -> Letter[Any]:
    """Some frames come late, some are lost, some report a fault."""
    late = chance.random() < 0.1
    seen = now - (10 * MINUTE_US if late else chance.randrange(1_000))
    up = Uplinked(seen, now, chance.random() < 0.5, 2 * n - 15 * late + 20, fault=chance.random() < 0.03)
    ref = Ref("device", f"{device.lot_id}/{device.id}")
    return Letter(shared_slot(ref.key), FromDevice(ref, 1, n + 1), ref, up)


async def flush(host: Host, journal: PostgresJournal) -> None:
    flight = host.cut()
    if flight is not None:
        await commit(journal, flight.pages, sleep)
        host.committed(flight)


async def agree(host: Host, engine: AsyncEngine, register: Register, now: Micros) -> None:
    faces = {ref: actor.face() for slot in host.slots.values() for ref, actor in slot.roll.actors()}
    bays = {row[0]: row for row in await table(engine, derived.bay_states)}
    devices = {row[0]: row for row in await table(engine, derived.device_states)}
    levels = [0, 0, 0]
    for ref, face in faces.items():
        if isinstance(face, BayFace):
            device, since = face.device or None, face.since_us or None
            assert bays[ref.own_id] == (ref.own_id, ref.place, face.state, since, face.changed_us, device)
            levels = [levels[0] + (face.state == "occupied"), levels[1] + known(face.state), levels[2] + 1]
        elif isinstance(face, DeviceFace) and face.frames:
            row = devices[ref.own_id]
            assert row[5:10] == (face.lost, face.late, face.drift_us, face.offline_since_us, face.frames)
        elif isinstance(face, LotFace):
            lot = await Lists(engine).lot(ref.key)
            assert lot is not None
            assert lot.counts == totals(face)
    shown = [face for face in faces.values() if isinstance(face, DeviceFace)]
    assert any(face.late for face in shown)
    assert any(face.lost for face in shown)
    assert any(face.offline_since_us for face in shown)
    assert len(bays) == len(register.bays)
    city_levels = await History(engine).occupancy("city", now - 5 * MINUTE_US, now + 1)
    assert city_levels[-1][1:] == tuple(levels)
    assert {face.state for face in faces.values() if isinstance(face, BayFace)} >= {"occupied", "free"}


def known(state: str) -> bool:
    return state in ("free", "occupied", "reserved", "owing", "verify")


def totals(face: LotFace) -> dict[str, int]:
    sums: dict[str, int] = {}
    for states in face.counts.values():
        for state, n in states.items():
            sums[state] = sums.get(state, 0) + n
    return sums


async def table(engine: AsyncEngine, which: Table) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(select(which))]
