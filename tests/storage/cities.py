"""Small cities for tests."""

from storage.records import Bay, City, Device, Lot, Region, Register, Road


def city(lots: int = 2, bays: int = 3) -> Register:
    """One region, one road, some lots with as many bays each, a device at every bay."""
    lot_ids = [f"L{i}" for i in range(lots)]
    places = [(lot, f"{lot}-{n}") for lot in lot_ids for n in range(bays)]
    return Register(
        city=City(
            name_zh="墨尔本",
            name_en="Melbourne",
            zone="Australia/Melbourne",
            attribution="©",
            bounds=(144.0, -38.0, 145.0, -37.0),
        ),
        regions=[Region(id="cbd", name_zh="中央区", name_en="CBD")],
        roads=[
            Road(
                id="r1",
                region_id="cbd",
                name_zh="路",
                name_en="Road",
                lines=[[(144.9, -37.8), (144.91, -37.8)]],
            )
        ],
        lots=[a_lot(each) for each in lot_ids],
        bays=[a_bay(bay, lot) for lot, bay in places],
        devices=[a_device(f"d-{bay}", lot, bay) for lot, bay in places],
    )


def a_lot(id: str) -> Lot:
    return Lot(
        id=id,
        road_id="r1",
        region_id="cbd",
        operator="city",
        name_zh=id,
        name_en=id,
        street=True,
        lon=144.9,
        lat=-37.8,
    )


def a_bay(id: str, lot: str = "L0", number: str = "") -> Bay:
    return Bay(id=id, number=number or f"N{id}", lot_id=lot, bay_type="standard", lon=144.9, lat=-37.8, bearing=90.0)


def a_device(id: str, lot: str = "L0", bay: str | None = None) -> Device:
    return Device(id=id, kind="yun-json", lot_id=lot, bay_id=bay, heartbeat_us=600_000_000, debounce_us=5, secret="s")
