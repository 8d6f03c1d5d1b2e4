"""Number plates of mainland China as text and colour: one spelling, a class, and which plate a misread one may be.

Nothing is refused here: what no rule knows is a plate of class `unknown`, and stays the vehicle's name.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple
from unicodedata import normalize

PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""The 31 signs a civil plate begins with."""

NO_PLATE: Final = "~"
"""A made-up name of a vehicle without a plate begins with it."""

_P = f"[{PROVINCES}]"
_L = "[A-HJ-NP-Z]"
_C = "[A-HJ-NP-Z0-9]"

_FORMS: Final = (
    ("police", rf"{_P}[A-Z]{_C}{{4}}警"),
    ("police", rf"WJ{_P}?{_C}{{4,5}}|WJ\d{{7}}"),
    ("emergency", rf"{_P}{_L}{_C}{{4,5}}应急"),
    ("embassy", r"使\d{6}|\d{6}使"),
    ("embassy", rf"{_P}{_L}{_C}{{4}}[使领]|{_P}{_L}[使领]{_C}{{4}}|领\d{{6}}"),
    ("learner", rf"{_P}{_L}{_C}{{4}}学"),
    ("trailer", rf"{_P}{_L}{_C}{{4}}挂"),
    ("hk_macau", rf"{_P}{_L}{_C}{{4}}[港澳]"),
    ("temporary", rf"{_P}.*[临试超].*|临.+"),
    ("military", rf"[军空海北沈兰济南广成]{_L}{_C}{{5}}"),
    ("new_energy_small", rf"{_P}{_L}[A-HJK]{_C}\d{{4}}"),
    ("new_energy_large", rf"{_P}{_L}\d{{5}}[A-HJK]"),
)
_BY_TEXT: Final = tuple((name, re.compile(form)) for name, form in _FORMS)
_CIVIL: Final = re.compile(rf"{_P}{_L}{_C}{{5}}")
_ARMY: Final = re.compile(rf"{_L}{{2}}{_C}{{5}}")
_BY_COLOUR: Final = {"yellow": "large", "moto_yellow": "moto", "moto_blue": "moto"}

_TARIFF: Final = {
    "new_energy_small": ("new_energy_small", "new_energy", "small"),
    "new_energy_large": ("new_energy_large", "new_energy", "large"),
    "large": ("large",),
    "trailer": ("trailer", "large"),
    "small": ("small",),
}

_ALIKE: Final = ("0DOQ", "8B", "1IL7T", "2Z7", "5S", "6G", "CG", "4A", "VYU", "MNHW", "EF", "PR", "KX", "36")


def normal(text: str) -> str:
    """One spelling: half width, upper case, nothing but letters, digits and signs. A made-up name stays as it is."""
    if text.startswith(NO_PLATE):
        return text
    return "".join(each for each in normalize("NFKC", text).upper() if each.isalnum())


def no_plate_identity(session: str) -> str:
    """The name of the vehicle without a plate of this stay: no two stays share one, and none is a real plate."""
    return NO_PLATE + session.replace("/", ".")


def plate_class(text: str, colour: str = "") -> str:
    """What kind of vehicle wears it: `small`, `large`, `moto`, `new_energy_small`, `new_energy_large`, `military`,
    `police` (the armed police too), `emergency`, `embassy` (consulates too), `learner`, `trailer`, `hk_macau`,
    `temporary`, `no_plate` or `unknown`.

    Colours are `blue`, `yellow`, `green`, `yellow_green`, `white`, `black`; `moto_blue` and `moto_yellow` come from
    readers that see the smaller size, for the text of a motorcycle's plate is that of a car's.
    """
    if text.startswith(NO_PLATE):
        return "no_plate"
    plate = normal(text)
    for name, form in _BY_TEXT:
        if form.fullmatch(plate):
            return name
    if _CIVIL.fullmatch(plate):
        return _BY_COLOUR.get(colour, "small")
    if _ARMY.fullmatch(plate) and colour in ("white", ""):
        return "military"
    return "unknown"


def tariff_classes(plate_class: str) -> tuple[str, ...]:
    """The vehicle classes under which a tariff may price a plate of this class; the first one that it knows counts."""
    return _TARIFF.get(plate_class) or (plate_class, "small")


def near(a: str, b: str) -> int | None:
    """How unlike two plates are: 0 the same, 1 for each sign or character that is easily mistaken for the other, 2 for
    each other one and for one that is missing; None if more than two are wrong.
    """
    shorter, longer = sorted((a, b), key=len)
    if len(longer) - len(shorter) > 1:
        return None
    if len(longer) == len(shorter):
        return _unlike(a, b, 2)
    gaps = (_unlike(shorter, longer[:i] + longer[i + 1 :], 1) for i in range(len(longer)))
    least = min((each for each in gaps if each is not None), default=None)
    return None if least is None else least + 2


def _unlike(a: str, b: str, most: int) -> int | None:
    wrong = [pair for pair in zip(a, b, strict=True) if pair[0] != pair[1]]
    return sum(1 if _mistaken(*pair) else 2 for pair in wrong) if len(wrong) <= most else None


def _mistaken(a: str, b: str) -> bool:
    return (a in PROVINCES and b in PROVINCES) or any(a in group and b in group for group in _ALIKE)


class Match(NamedTuple):
    """Which of the plates that are there was seen: `one` of them, `several` it may be (nearest first), or `none`."""

    verdict: Literal["one", "several", "none"]
    plates: tuple[str, ...] = ()
    distance: int = 0


def best_match(seen: str, there: Iterable[str]) -> Match:
    """Looks for a plate that may have been misread. It is one if it is the same, or if no other is about as near: a
    second one is in question when it is less than 2 farther (`near`).
    """
    found = sorted((far, plate) for plate in set(there) if (far := near(seen, plate)) is not None)
    if not found:
        return Match("none")
    least = found[0][0]
    close = tuple(plate for far, plate in found if far < least + 2)
    if least == 0 or len(close) == 1:
        return Match("one", (found[0][1],), least)
    return Match("several", close, least)
