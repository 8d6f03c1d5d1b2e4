"""The inner suburbs of Melbourne, by rough outlines of our own: enough to say in which one a street section lies."""

from typing import NamedTuple

Outline = list[tuple[float, float]]


class Suburb(NamedTuple):
    """A suburb's names and outline (longitude, latitude)."""

    id: str
    name_en: str
    name_zh: str
    outline: Outline

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a place lies within the outline (ray casting)."""
        inside = False
        previous = self.outline[-1]
        for corner in self.outline:
            (x1, y1), (x2, y2) = previous, corner
            if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
                inside = not inside
            previous = corner
        return inside

    def away(self, lon: float, lat: float) -> float:
        """How far its nearest corner is, in square degrees."""
        return min((x - lon) ** 2 + (y - lat) ** 2 for x, y in self.outline)


SUBURBS = [
    Suburb("cbd", "Melbourne CBD", "墨尔本市中心", [
        (144.9543, -37.8222), (144.9640, -37.8200), (144.9752, -37.8178), (144.9752, -37.8150), (144.9735, -37.8079),
        (144.9620, -37.8068), (144.9567, -37.8062), (144.9556, -37.8100), (144.9523, -37.8112), (144.9515, -37.8135),
    ]),
    Suburb("docklands", "Docklands", "达克兰", [
        (144.9543, -37.8222), (144.9515, -37.8135), (144.9478, -37.8118), (144.9400, -37.8085), (144.9270, -37.8110),
        (144.9250, -37.8220), (144.9380, -37.8255), (144.9550, -37.8245),
    ]),
    Suburb("southbank", "Southbank", "南岸", [
        (144.9550, -37.8232), (144.9640, -37.8203), (144.9695, -37.8198), (144.9720, -37.8330), (144.9650, -37.8335),
        (144.9560, -37.8300), (144.9470, -37.8290), (144.9470, -37.8252),
    ]),
    Suburb("east-melbourne", "East Melbourne", "东墨尔本", [
        (144.9752, -37.8178), (144.9752, -37.8150), (144.9735, -37.8079), (144.9890, -37.8093), (144.9905, -37.8270),
        (144.9790, -37.8250),
    ]),
    Suburb("carlton", "Carlton", "卡尔顿", [
        (144.9596, -37.8066), (144.9735, -37.8079), (144.9765, -37.7930), (144.9760, -37.7830), (144.9600, -37.7830),
        (144.9625, -37.8000), (144.9583, -37.8000),
    ]),
    Suburb("parkville", "Parkville", "帕克维尔", [
        (144.9583, -37.8000), (144.9625, -37.8000), (144.9600, -37.7830), (144.9590, -37.7750), (144.9430, -37.7780),
        (144.9430, -37.7875),
    ]),
    Suburb("north-melbourne", "North Melbourne", "北墨尔本", [
        (144.9596, -37.8066), (144.9583, -37.8000), (144.9430, -37.7875), (144.9380, -37.7925), (144.9420, -37.8035),
        (144.9480, -37.8052), (144.9567, -37.8062),
    ]),
    Suburb("west-melbourne", "West Melbourne", "西墨尔本", [
        (144.9567, -37.8062), (144.9480, -37.8052), (144.9420, -37.8035), (144.9150, -37.8050), (144.9100, -37.8180),
        (144.9270, -37.8110), (144.9400, -37.8085), (144.9478, -37.8118), (144.9523, -37.8112), (144.9556, -37.8100),
    ]),
    Suburb("kensington", "Kensington", "肯辛顿", [
        (144.9420, -37.8035), (144.9380, -37.7925), (144.9430, -37.7850), (144.9200, -37.7850), (144.9100, -37.8000),
        (144.9150, -37.8050),
    ]),
    Suburb("south-yarra", "South Yarra and St Kilda Road", "南雅拉与圣基尔达路", [
        (144.9695, -37.8198), (144.9790, -37.8250), (144.9905, -37.8290), (144.9900, -37.8600), (144.9700, -37.8600),
        (144.9650, -37.8335), (144.9720, -37.8330),
    ]),
    Suburb("port-melbourne", "Port Melbourne", "墨尔本港", [
        (144.9550, -37.8245), (144.9470, -37.8290), (144.9350, -37.8400), (144.9000, -37.8400), (144.9000, -37.8220),
        (144.9250, -37.8220), (144.9380, -37.8255),
    ]),
]  # fmt: skip


def suburb(lon: float, lat: float) -> Suburb:
    """The suburb of a place; just outside all outlines, the one with the nearest corner."""
    for each in SUBURBS:
        if each.holds(lon, lat):
            return each
    return min(SUBURBS, key=lambda s: s.away(lon, lat))
