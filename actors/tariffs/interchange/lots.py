"""Lot tables of Taipei and Seoul, as far as their structured columns go; what only their prose says is not guessed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from actors.tariffs.document import Cap, Period, Stage, Tariff, Visit
from actors.tariffs.interchange.found import Found, each, hundredths, refuse, whole_list, whole_object

FARES = {"WorkingDay": ["working"], "Holiday": ["rest"]}
_PERIOD = re.compile(r"(\d\d?)~(\d\d?)")
_NUMBER = re.compile(r"\d+(\.\d+)?")


def read_taipei(lots: Any) -> Iterator[Found]:
    """Lots whose fares stand in a table of hours for working days and for holidays; fares are per started hour."""
    things = [(str(lot.get("id")), lot) for lot in whole_list(lots, "lots") if lot.get("FareInfo")]
    return each(things, _taipei)


def _taipei(name: str, lot: dict[str, Any]) -> Tariff:
    fares = whole_object(lot["FareInfo"], "FareInfo")
    if unknown := fares.keys() - FARES.keys():
        raise refuse("fare_days", "FareInfo", f"`{sorted(unknown)[0]}` names no kind of day")
    if fares.keys() != FARES.keys():
        raise refuse("fare_days", "FareInfo", "fares are given for some days only")
    periods = []
    for kind, days in FARES.items():
        for n, fare in enumerate(fares[kind]):
            match = _PERIOD.fullmatch(fare.get("Period") or "")
            if not match or not _NUMBER.fullmatch(str(fare.get("Fare"))):
                raise refuse("fare_form", f"FareInfo.{kind}[{n}]", f"`{fare}` is no fare for hours of the day")
            start, end = (f"{int(hour):02}:00" for hour in match.groups())
            stage = Stage(unit_minutes=60, price_fen=hundredths(fare["Fare"], f"FareInfo.{kind}[{n}]"))
            periods.append(Period(name=f"{kind} {start}-{end}", hours=[f"{start}-{end}"], days=days, stages=[stage]))
    return Tariff(
        name={"zh": str(lot.get("name") or name)},
        currency="TWD",
        zone="Asia/Taipei",
        periods=periods,
        at_period_end="run_on",
    )


SEOUL = {
    "id": "주차장코드",
    "name": "주차장명",
    "paid": "유무료구분",
    "opens": "평일 운영 시작시각(HHMM)",
    "closes": "평일 운영 종료시각(HHMM)",
    "first_price": "기본 주차 요금",
    "first_minutes": "기본 주차 시간(분 단위)",
    "more_price": "추가 단위 요금",
    "more_minutes": "추가 단위 시간(분 단위)",
    "day_most": "일 최대 요금",
}
"""Our words → the table's columns."""


def read_seoul(rows: Iterable[Mapping[str, str]]) -> Iterator[Found]:
    """Lots by columns: first price, price of further units, the most for a day, hours outside which parking is free."""
    things = []
    for row in rows:
        if missing := set(SEOUL.values()) - row.keys():
            raise refuse("column_missing", sorted(missing)[0], "the table lacks a column")
        things.append((row[SEOUL["id"]], {word: row[column] for word, column in SEOUL.items()}))
    return each(things, _seoul)


def _seoul(name: str, row: dict[str, str]) -> Tariff:
    known = {"name": {"ko": row["name"] or name}, "currency": "KRW", "zone": "Asia/Seoul"}
    if row["paid"] == "N":
        return Tariff(visit=Visit(price_fen=0), **known)  # type: ignore[arg-type]
    first, more = ((_number(row[f"{rung}_minutes"]), row[f"{rung}_price"]) for rung in ("first", "more"))
    if not first[0] or not more[0]:
        raise refuse("prices_missing", "기본 주차 요금", "the columns do not say what first or further time costs")
    stages = [Stage(unit_minutes=more[0], price_fen=hundredths(more[1], "추가 단위 요금"))]
    base = Stage(unit_minutes=first[0], price_fen=hundredths(first[1], "기본 주차 요금"), upto_minutes=first[0])
    if (base.unit_minutes, base.price_fen) != (stages[0].unit_minutes, stages[0].price_fen):
        stages.insert(0, base)
    most = hundredths(row["day_most"] or "0", "일 최대 요금")
    hours = _hours(row["opens"], row["closes"])
    return Tariff(
        periods=[Period(name="open", hours=[hours], stages=stages)],
        at_period_end="run_on" if hours == "00:00-24:00" else "cut",
        caps=[Cap(window="day", amount_fen=most)] if most else [],
        **known,  # type: ignore[arg-type]
    )


def _hours(opens: str, closes: str) -> str:
    """Opening hours; none, and a day that ends a minute early, are the whole day."""
    start, end = (f"{int(text or 0):04}" for text in (opens, closes))
    if start == "0000" and end in ("0000", "2359", "2400"):
        return "00:00-24:00"
    return f"{start[:2]}:{start[2:]}-{end[:2]}:{end[2:]}"


def _number(text: str) -> float:
    return float(text) if _NUMBER.fullmatch(text or "") else 0
