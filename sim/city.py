"""A city as a file: its register as JSON (packed if the name ends in `.gz`), checked before anyone loads it."""

import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from storage.records import Record, Register

ATTRIBUTION = "© City of Melbourne Open Data, CC BY 4.0"
MELBOURNE = Path(__file__).parent / "data" / "melbourne"
NAMED_MOST = 5


class Unsound(ValueError):
    """A city file that cannot be loaded; `faults` says in sentences what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def load(path: Path) -> Register:
    """A checked city; `Unsound` says what is wrong with it, OSError that it cannot be read."""
    body = path.read_bytes()
    try:
        register = msgspec.json.decode(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body, type=Register)
    except (msgspec.DecodeError, EOFError, gzip.BadGzipFile) as error:
        raise Unsound([f"{path.name} is not a city file: {error}"]) from error
    if faults := list(faults_of(register)):
        raise Unsound(faults)
    return register


def save(register: Register, path: Path) -> None:
    """Writes a city; the same city gives the same bytes."""
    if faults := list(faults_of(register)):
        raise Unsound(faults)
    body = msgspec.json.format(msgspec.json.encode(register), indent=0 if path.suffix == ".gz" else 1)
    path.write_bytes(gzip.compress(body, mtime=0) if path.suffix == ".gz" else body)


def melbourne() -> Register:
    """The city that comes with the product: 3,309 on-street bays with their streets."""
    return load(MELBOURNE / "city.json.gz")


def faults_of(register: Register) -> Iterator[str]:
    """What is wrong with a city: ids or numbers used twice, parents that are not there, ids no key can carry."""
    for name, records in _tables(register).items():
        yield from _named(f"{name} used twice", _twice([record.id for record in records]))
    yield from _named("bay number used twice", _twice([bay.number for bay in register.bays]))
    yield from _named("lot id with a /", [lot.id for lot in register.lots if "/" in lot.id])
    yield from _orphans(register)
    lots = {bay.id: bay.lot_id for bay in register.bays}
    elsewhere = [d.id for d in register.devices if d.bay_id and lots.get(d.bay_id, d.lot_id) != d.lot_id]
    yield from _named("device in another lot than its bay", elsewhere)
    stands = {device.id: device.lot_id for device in register.devices}
    lanes = [
        lane.id
        for lane in register.lanes
        for device in (lane.camera_id, lane.barrier_id, lane.screen_id)
        if device and stands.get(device) != lane.lot_id
    ]
    yield from _named("lane with a device that is not of its lot", lanes)


def _tables(register: Register) -> dict[str, list[Record]]:
    return {
        "region id": list(register.regions),
        "road id": list(register.roads),
        "lot id": list(register.lots),
        "bay id": list(register.bays),
        "device id": list(register.devices),
        "lane id": list(register.lanes),
    }


def _orphans(register: Register) -> Iterator[str]:
    ids = {name: {record.id for record in records} for name, records in _tables(register).items()}
    parents = [
        ("road without its region", [r.id for r in register.roads if r.region_id not in ids["region id"]]),
        ("lot without its region", [x.id for x in register.lots if x.region_id not in ids["region id"]]),
        ("lot without its road", [x.id for x in register.lots if x.road_id not in ids["road id"]]),
        ("bay without its lot", [b.id for b in register.bays if b.lot_id not in ids["lot id"]]),
        ("device without its lot", [d.id for d in register.devices if d.lot_id not in ids["lot id"]]),
        ("device without its bay", [d.id for d in register.devices if d.bay_id and d.bay_id not in ids["bay id"]]),
        ("lane without its lot", [x.id for x in register.lanes if x.lot_id not in ids["lot id"]]),
    ]
    for what, whose in parents:
        yield from _named(what, whose)


def _twice(values: list[str]) -> list[str]:
    return sorted(value for value, n in Counter(values).items() if n > 1)


def _named(what: str, whose: list[str]) -> Iterator[str]:
    if whose:
        more = f" and {len(whose) - NAMED_MOST} more" if len(whose) > NAMED_MOST else ""
        yield f"{what}: {', '.join(whose[:NAMED_MOST])}{more}"
