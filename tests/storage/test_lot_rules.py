"""What lots begin with: each gets the mode that its lanes and devices say, and a preset tariff that fits the place."""

import msgspec

from actors.messages.rules import RULES, LotRules
from actors.tariffs.registry import ASSIGNED, TARIFF, assigned_in, tariff_in
from storage.lot_rules import to_begin_with
from storage.records import Device, Lane, Lot, Register
from tests.storage.cities import a_bay, a_device, a_lot, city

NOON = 1_772_758_800_000_000


def a_mixed_city() -> Register:
    """A street with sensors, one with cameras, a mall with a lane, a court of chargers, an empty yard."""
    known = city(1)
    inside: list[Lot] = [msgspec.structs.replace(a_lot(lot), street=False) for lot in ("mall", "court", "yard")]
    cameras = [msgspec.structs.replace(a_device(f"c{n}", "K"), kind="yun-camera") for n in range(2)]
    piles: list[Device] = [msgspec.structs.replace(a_device("p", "court", "court-1"), kind="yun-pile")]
    chargers = [msgspec.structs.replace(a_bay(f"court-{n}", "court"), charging=True) for n in range(2)]
    return msgspec.structs.replace(
        known,
        lots=[*known.lots, a_lot("K"), *inside],
        bays=[*known.bays, a_bay("K-1", "K"), a_bay("mall-1", "mall"), *chargers],
        devices=[*known.devices, *cameras, a_device("k", "K", "K-1"), *piles],
        lanes=[Lane(id="in", lot_id="mall", name="in", direction="in")],
    )


def test_every_lot_begins_with_rules_and_a_tariff_that_fit_it() -> None:
    register = a_mixed_city()
    told = {each.name: each for each in to_begin_with(register, NOON)}
    given = {lot.id: assigned_in(told[ASSIGNED + lot.id].body).tariff for lot in register.lots}
    assert given == {
        "L0": "kerb", "K": "kerb", "mall": "first-hour", "court": "charging-bay", "yard": "first-hour",
    }  # fmt: skip
    zones = {tariff_in(told[TARIFF + tariff].body).zone for tariff in given.values()}
    assert zones == {register.city.zone} != {"Asia/Shanghai"}, "a preset begins by the city's own clock"
    rules = {lot.id: msgspec.msgpack.decode(told[RULES + lot.id].body, type=LotRules) for lot in register.lots}
    modes = {lot: known.mode for lot, known in rules.items()}
    assert modes == {"L0": "sensor_pda", "K": "camera", "mall": "gate", "court": "pile", "yard": "sensor_pda"}
    mall = rules["mall"]
    assert (mall.street, mall.operator, mall.areas, mall.capacity) == (False, "city", ("r1", "cbd"), 1)
    assert len(told) == 2 * len(register.lots) + 3
    assert {(each.effective_from, each.after) for each in told.values()} == {(NOON, 0)}
