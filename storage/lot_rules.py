"""Rules of lots beside the register: what of them it says, and those (with tariffs) that a city begins with."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from actors.messages.rules import RULES, LotRules, Mode
from actors.tariffs.presets import PRESETS
from actors.tariffs.registry import ASSIGNED, TARIFF, Assigned, body_of
from actors.values import Micros
from storage.published import Publication
from storage.records import Register

NOTE: Final = "to begin with"

_MODES: Final[Mapping[str, Mode]] = {
    "yun-loop": "loop",
    "yun-lock": "lock",
    "yun-camera": "camera",
    "yun-pile": "pile",
}
"""What a lot's devices are → its mode; with any others it is `sensor_pda`."""


def by_register(rules: LotRules, street: bool, operator: str, road: str, region: str) -> LotRules:
    """Whether it is a street is the register's to say; so is its operator and where it lies, unless the rules do."""
    return msgspec.structs.replace(
        rules, street=street, operator=rules.operator or operator, areas=rules.areas or (road, region)
    )


def to_begin_with(register: Register, at: Micros) -> list[Publication]:
    """Rules and a preset tariff for every lot, in force from then on; each only as the first version of its name."""
    return [Publication(name, at, body, NOTE, after=0) for name, body in dict(_values(register)).items()]


def _values(register: Register) -> Iterator[tuple[str, bytes]]:
    bays = Counter(bay.lot_id for bay in register.bays)
    chargers = Counter(bay.lot_id for bay in register.bays if bay.charging)
    for lot in register.lots:
        tariff = _tariff(lot.street, only_chargers=0 < bays[lot.id] == chargers[lot.id])
        yield TARIFF + tariff, body_of(msgspec.structs.replace(PRESETS[tariff], zone=register.city.zone))
        yield ASSIGNED + lot.id, body_of(Assigned(tariff=tariff))
    modes = _modes(register)
    for lot in register.lots:
        rules = LotRules(mode=modes.get(lot.id, "sensor_pda"), capacity=bays[lot.id])
        rules = by_register(rules, lot.street, lot.operator, lot.road_id, lot.region_id)
        yield RULES + lot.id, msgspec.msgpack.encode(rules)


def _tariff(street: bool, only_chargers: bool) -> str:
    if only_chargers:
        return "charging-bay"
    return "kerb" if street else "first-hour"


def _modes(register: Register) -> dict[str, Mode]:
    """The mode of each lot that has lanes, or else mostly devices that say one."""
    kinds = Counter((device.lot_id, device.kind) for device in register.devices if device.kind in _MODES)
    most = {lot: _MODES[kind] for (lot, kind), _ in reversed(kinds.most_common())}
    return {**most, **{lane.lot_id: "gate" for lane in register.lanes}}
