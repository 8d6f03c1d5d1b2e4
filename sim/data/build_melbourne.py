"""Makes `melbourne/` from the files of City of Melbourne Open Data: `python -m sim.data.build_melbourne FOLDER`.

The folder holds `melbourne_sensor_bays.geojson`, `melbourne_bays.csv`, `melbourne_bay_restrictions.csv` and
`melbourne_last_change_events.csv`. The same files give the same bytes.
"""

import csv
import gzip
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from actors.values import MINUTE_US
from sim.city import ATTRIBUTION, MELBOURNE, save
from sim.data.melbourne_regions import SUBURBS, suburb
from sim.data.streets import Plane, Point, Section, bridges, length
from storage.records import Bay, City, Device, Lot, Region, Register, Road

PLANE = Plane(144.9631, -37.8136)
HEARTBEAT_US = 10 * MINUTE_US
SHORT_STAY_MIN = 30.0


class Spot(NamedTuple):
    """A sensor bay as the source has it."""

    number: str
    lon: float
    lat: float
    section: str
    description: str


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file by column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def sections_of(folder: Path, spots: list[Spot]) -> dict[str, Section]:
    """All street sections of the city with the places of their bays."""
    points: dict[str, set[tuple[float, float]]] = defaultdict(set)
    names: dict[str, str] = {}
    for row in rows(folder / "melbourne_bays.csv"):
        if row["RoadSegmentID"] and row["RoadSegmentDescription"]:
            points[row["RoadSegmentID"]].add(PLANE.metres(float(row["Longitude"]), float(row["Latitude"])))
            names[row["RoadSegmentID"]] = row["RoadSegmentDescription"]
    for spot in spots:
        if spot.section:
            points[spot.section].add(PLANE.metres(spot.lon, spot.lat))
            names.setdefault(spot.section, spot.description)
    return {number: Section(number, names[number], sorted(points[number])) for number in sorted(points)}


def spots_of(folder: Path) -> list[Spot]:
    """The sensor bays, by number."""
    features = json.loads((folder / "melbourne_sensor_bays.geojson").read_text())["features"]
    spots = []
    for feature in features:
        facts, (lon, lat) = feature["properties"], feature["geometry"]["coordinates"]
        spots.append(Spot(str(facts["bay"]), lon, lat, str(facts["segment_id"] or ""), facts["segment"] or ""))
    return sorted(spots, key=lambda s: int(s.number))


def placed(spots: list[Spot], sections: dict[str, Section]) -> dict[str, Section]:
    """The section of every sensor bay; one that the source leaves out is that of the nearest bay."""
    known = [(point, section) for section in sections.values() for point in section.points]

    def nearest(spot: Spot) -> Section:
        here = PLANE.metres(spot.lon, spot.lat)
        return min(known, key=lambda k: math.dist(k[0], here))[1]

    return {s.number: sections[s.section] if s.section else nearest(s) for s in spots}


def bay_types(folder: Path) -> dict[str, str]:
    """Bay → type by its signs: disabled, loading, permit, short_stay (at times ≤ 30 min) or common."""
    types: dict[str, str] = {}
    signs: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(folder / "melbourne_bay_restrictions.csv"):
        signs[row["bay_id"]].append(row)
    for bay, own in signs.items():
        kinds = Counter(row["rule_category"] for row in own)
        limits = [float(row["duration_mins"]) for row in own if row["duration_mins"]]
        if kinds["disabled"] or kinds["loading"]:
            types[bay] = "disabled" if kinds["disabled"] else "loading"
        elif any(row["typedesc"] == "PP" for row in own):
            types[bay] = "permit"
        elif limits and min(limits) <= SHORT_STAY_MIN:
            types[bay] = "short_stay"
    return types


def road_id(section: Section) -> str:
    """A street within one suburb: `cbd.king-street`."""
    region = suburb(*PLANE.degrees(section.centre)).id
    return f"{region}.{section.named.street.lower().replace(' ', '-').replace(chr(39), '')}"


def roads_of(sections: dict[str, Section]) -> list[Road]:
    """All streets with their lines, also those without a sensor bay: they are the map."""
    streets: dict[str, list[Section]] = defaultdict(list)
    for section in sections.values():
        streets[section.named.street].append(section)
    lines: dict[str, list[list[tuple[float, float]]]] = defaultdict(list)
    for own in streets.values():
        for section, line in drawn(own, streets):
            lines[road_id(section)].append([PLANE.degrees(point) for point in line])
    names = {road_id(section): street for street, own in streets.items() for section in own}
    return [
        Road(id=key, region_id=key.partition(".")[0], name_zh=name, name_en=name, lines=lines[key])
        for key, name in sorted(names.items())
    ]


def drawn(own: list[Section], streets: dict[str, list[Section]]) -> list[tuple[Section, list[Point]]]:
    """The lines of one street's sections, and the pieces that join them, each with its section."""
    lines = [(section, line) for section in own if length(line := section.line(streets)) > 0]
    joints = [(lines[place][0], piece) for place, piece in bridges([line for _, line in lines])]
    return lines + joints


def lot_of(section: Section, spots: list[Spot]) -> Lot:
    """A street section as a lot, in the middle of its sensor bays."""
    lon, lat = sum(s.lon for s in spots) / len(spots), sum(s.lat for s in spots) / len(spots)
    street, ends = section.named.street, " – ".join(filter(None, section.named.ends))
    return Lot(
        id=section.number,
        road_id=road_id(section),
        region_id=road_id(section).partition(".")[0],
        operator="melbourne",
        name_zh=f"{street}（{ends}）" if ends else street,
        name_en=section.description,
        street=True,
        lon=round(lon, 6),
        lat=round(lat, 6),
    )


def register_of(folder: Path) -> Register:
    """The whole city."""
    spots = spots_of(folder)
    sections = sections_of(folder, spots)
    at, types = placed(spots, sections), bay_types(folder)
    per_lot: dict[str, list[Spot]] = defaultdict(list)
    for spot in spots:
        per_lot[at[spot.number].number].append(spot)
    lots = [lot_of(sections[number], own) for number, own in sorted(per_lot.items())]
    roads = roads_of(sections)
    used = {road.region_id for road in roads}
    return Register(
        city=city_of(spots),
        regions=[Region(id=s.id, name_zh=s.name_zh, name_en=s.name_en) for s in SUBURBS if s.id in used],
        roads=roads,
        lots=lots,
        bays=[bay_of(spot, at[spot.number], types) for spot in spots],
        devices=[device_of(spot, at[spot.number]) for spot in spots],
    )


def city_of(spots: list[Spot]) -> City:
    """The city's own record; its bounds are those of its sensor bays."""
    lons, lats = [s.lon for s in spots], [s.lat for s in spots]
    return City(
        name_zh="墨尔本",
        name_en="Melbourne",
        zone="Australia/Melbourne",
        attribution=ATTRIBUTION,
        bounds=(min(lons), min(lats), max(lons), max(lats)),
        body={
            "license": "CC BY 4.0",
            "lines": "Street lines are fitted through the places of the bays along them.",
            "regions": "Suburb outlines are rough ones of our own.",
        },
    )


def bay_of(spot: Spot, section: Section, types: dict[str, str]) -> Bay:
    """A bay along its street."""
    return Bay(
        id=spot.number,
        number=spot.number,
        lot_id=section.number,
        bay_type=types.get(spot.number, "common"),
        lon=spot.lon,
        lat=spot.lat,
        bearing=section.axis.bearing if section.axis else None,
    )


def device_of(spot: Spot, section: Section) -> Device:
    """The sensor in a bay; it settles a change by itself, so nothing is added to it here."""
    return Device(
        id=f"mel-{spot.number}",
        kind="yun-json",
        lot_id=section.number,
        bay_id=spot.number,
        heartbeat_us=HEARTBEAT_US,
    )


def write_events(folder: Path, out: Path) -> int:
    """All sensor changes in order of time, then bay: `time_s,bay,occupied,snapshot`; how many."""
    events = sorted(
        (int(datetime.fromisoformat(row["time_utc"]).timestamp()), int(row["kerbsideid"]), row)
        for row in rows(folder / "melbourne_last_change_events.csv")
    )
    lines = ["time_s,bay,occupied,snapshot"]
    lines += [f"{at},{bay},{int(row['state'] == 'occupied')},{row['snapshot']}" for at, bay, row in events]
    out.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), mtime=0))
    return len(events)


def main(folder: Path) -> None:
    """Writes the city and its events."""
    MELBOURNE.mkdir(exist_ok=True)
    register = register_of(folder)
    save(register, MELBOURNE / "city.json.gz")
    events = write_events(folder, MELBOURNE / "events.csv.gz")
    print(f"{register.size} records, {events} events")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
