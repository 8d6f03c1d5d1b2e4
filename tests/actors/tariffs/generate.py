"""Generated tariffs and stays: anything that a document can say, near the edges where it matters."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from actors.tariffs.document import read_tariff
from actors.tariffs.reach import out_of_reach

Document = dict[str, Any]
DAY_S = 86_400
GRANULES = (1, 30, 60, 300, 900, 900, 1800)
PLACES = (
    ("Asia/Shanghai", date(2025, 9, 26), 30),
    ("Asia/Shanghai", date(2024, 2, 26), 8),
    ("Europe/Berlin", date(2025, 10, 24), 4),
    ("Europe/Berlin", date(2026, 3, 27), 4),
    ("Australia/Lord_Howe", date(2026, 4, 3), 4),
    ("America/Santiago", date(2026, 4, 3), 4),
    ("America/Santiago", date(2025, 9, 5), 4),
)
"""Zone, first day and days: ordinary ones, a leap day, and clocks that are changed, by half an hour or at midnight."""

CALENDAR: Document = {
    "years": [2025],
    "days": {
        "2025-09-28": "makeup",
        **{f"2025-10-0{day}": "long_holiday" for day in range(1, 9)},
        "2025-10-11": "makeup",
        "2025-10-25": "short_holiday",
        "2026-03-28": "short_holiday",
    },
    "events": [{"name": "match", "dates": ["2025-09-29", "2025-10-04", "2026-04-04"]}],
}


class Case(NamedTuple):
    """A tariff (or its versions), a stay in seconds, and the tick that everything is a multiple of."""

    versions: list[tuple[int, Document]]
    stay: dict[str, Any]
    tick: int


def case(rng: Random, ticks: int = 220) -> Case:
    """One case of at most so many ticks."""
    tick = rng.choice(GRANULES)
    zone, first, days = rng.choice(PLACES)
    midnight = datetime.combine(first, datetime.min.time()) + timedelta(days=rng.randrange(days))
    time = rng.randrange(DAY_S // tick) * tick
    entry = int((midnight + timedelta(seconds=time)).replace(tzinfo=ZoneInfo(zone)).timestamp())
    length = rng.randrange(ticks) * tick
    document = tariff(rng, tick, time, length, zone)
    stay: dict[str, Any] = {"entry": entry, "exit": entry + length, "vehicle": rng.choice(["small", "small", "large"])}
    versions = [(0, document)]
    if rng.random() < 0.1 and length and document.get("at_period_end") != "pool":
        versions.append((entry + rng.randrange(1, length // tick + 1) * tick, repriced(rng, document)))
    if rng.random() < 0.1:
        stay["passes"] = spans(rng, entry, length, tick)
    if "charging" in document:
        stay["vehicle"] = rng.choice(["small", "large"])
        stay["charging"] = spans(rng, entry, length, tick)
    return Case(versions, stay, tick)


def spans(rng: Random, entry: int, length: int, tick: int) -> list[tuple[int, int]]:
    """Some spans of time around a stay."""
    found = []
    for _ in range(rng.randrange(1, 3)):
        start = entry + rng.randrange(-3, length // tick + 3) * tick
        found.append((start, start + rng.randrange(1, 30) * tick))
    return found


def repriced(rng: Random, document: Document) -> Document:
    """The next version of a tariff: the same periods, other prices, sometimes counted in another way."""
    periods = []
    for period in document.get("periods", []):
        later = dict(period)
        if "stages" in period:
            later["stages"] = [{**stage, "price_fen": rng.randrange(900)} for stage in period["stages"]]
        periods.append(later)
    made = {**document, "periods": periods}
    if "units" in made and "least_part_minutes" not in made and rng.random() < 0.3:
        made["units"] = rng.choice(["started", "completed", "exact"])
    return made


def tariff(rng: Random, tick: int, time: int, length: int, zone: str) -> Document:
    """A document whose edges lie where a stay of that length from that time of day on meets them."""
    made: Document = {"form": 1, "name": {"en": "generated"}, "zone": zone}
    if rng.random() < 0.1:
        made["visit"] = visit(rng, tick, time)
    if rng.random() < 0.95 or "visit" not in made:
        metered(rng, made, tick, time, length)
    if rng.random() < 0.4:
        made["free"] = [free(rng, tick) for _ in range(rng.randrange(1, 3))]
    if rng.random() < 0.15:
        made["least_fen"] = rng.randrange(1000)
    if rng.random() < 0.15:
        made["factors"] = {"large": rng.choice(["2", "1.5", "0.333", "0"])}
    if rng.random() < 0.15:
        made["rounding"] = {"to_fen": rng.choice([1, 10, 50, 100]), "mode": rng.choice(MODES)}
    if rng.random() < 0.1 and tick % 60 == 0:
        made["seconds"] = "cut"
    return in_reach(made)


MODES = ("half_up", "half_even", "up", "down")


def metered(rng: Random, made: Document, tick: int, time: int, length: int) -> None:
    """Periods with all that says how their units are counted."""
    span = max(2, length // tick)
    made["at_period_end"] = rng.choice(["cut", "cut", "run_on", "run_on", "pool"])
    pool = made["at_period_end"] == "pool"
    made["units"] = rng.choice(["started", "started", "started", "completed", "exact"])
    made["at_stage_end"] = rng.choice(["cut", "cut", "run_on"])
    made["caps"] = [] if rng.random() < 0.4 else caps(rng, time, tick, span, pool)
    scopes = ["stay", "occurrence", "period"] + ["cycle"] * (
        len({"hours", "day"} & {c["window"] for c in made["caps"]}) == 1
    )
    made["stages_restart"] = "period" if pool else rng.choice(scopes)
    if made["stages_restart"] in ("stay", "cycle") and rng.random() < 0.15:
        made["stage_clock"] = "elapsed"
    if made["units"] == "started" and rng.random() < 0.2:
        made["least_part_minutes"] = rng.randrange(4) * tick / 60
    if not pool and rng.random() < 0.15:
        made["on_change"] = rng.choice(["unit", "cut"])
    if not pool and rng.random() < 0.1:
        minutes = [rng.randrange(3) * tick / 60 for _ in range(2)]
        names = {"charging": "small", "idle": "large"}
        made["charging"] = {**names, "grace_minutes": minutes[0], "plug_in_minutes": minutes[1]}
    made["periods"] = [period(rng, made, n, time, tick, span) for n in range(rng.randrange(1, 4))]
    if rng.random() < 0.15:
        ladder = made["periods"][0].get("stages")
        if ladder:
            made["gaps"] = "count"
            for one in made["periods"]:
                one.pop("flat_fen", None)
                one["stages"] = [{**stage, "price_fen": rng.randrange(900)} for stage in ladder]


def in_reach(made: Document) -> Document:
    """The document without the periods and the free minutes that always come too late, for those are refused."""
    while lost := [problem.where for problem in out_of_reach(read_tariff(made))]:
        part, _, number = lost[-1].rstrip("]").partition("[")
        made[part] = [one for n, one in enumerate(made[part]) if n != int(number)]
    return made


def period(rng: Random, made: Document, number: int, time: int, tick: int, span: int) -> Document:
    """One period with its window, days and ladder."""
    pool = made["at_period_end"] == "pool"
    one: Document = {"name": f"p{number}"}
    if rng.random() < 0.75:
        one["hours"] = [f"{at(rng, time, tick, span)}-{at(rng, time, tick, span)}"]
    if rng.random() < 0.35:
        one["days"] = rng.choice(DAYS)
    if rng.random() < 0.15:
        one["classes"] = rng.choice([["small"], ["large"], ["small", "large"]])
    if rng.random() < 0.2 and not pool:
        one["cap_fen"] = rng.randrange(2500)
    if rng.random() < 0.1 and not pool and made.get("stage_clock") != "elapsed":
        one["counts"] = False
    if rng.random() < 0.08 and not pool:
        one["flat_fen"] = rng.randrange(2000)
    else:
        one["stages"] = ladder(rng, tick, span, pool)
    return one


DAYS = (
    ["working"],
    ["rest"],
    ["mon", "tue", "wed", "thu", "fri"],
    ["sat", "sun"],
    ["mon", "tue", "wed", "thu", "fri", "sat"],
    ["holiday"],
    ["long_holiday"],
    ["event:match"],
    ["makeup", "sun"],
)


def ladder(rng: Random, tick: int, span: int, pool: bool) -> list[Document]:
    """Stages with growing ends, the last one open."""
    ends = sorted(rng.sample(range(1, max(4, span)), rng.choice([0, 0, 1, 1, 2])))
    arrival = ["any", "any", "any", "period"] + ["occurrence"] * (not pool)
    stages = []
    for end in ends:
        stage: Document = {
            "unit_minutes": unit(rng, tick),
            "price_fen": rng.randrange(900),
            "upto_minutes": end * tick / 60,
        }
        if (only := rng.choice(arrival)) != "any":
            stage["arrival"] = only
        stages.append(stage)
    return [*stages, {"unit_minutes": unit(rng, tick), "price_fen": rng.randrange(900)}]


def unit(rng: Random, tick: int) -> float:
    """The length of a unit, often shorter than a stay and sometimes longer."""
    return rng.choice([1, 2, 3, 4, 7, 12, 48, 96]) * tick / 60


def caps(rng: Random, time: int, tick: int, span: int, pool: bool) -> list[Document]:
    """Caps of one or several windows."""
    windows = ["visit"] if pool else rng.sample(["visit", "hours", "day"], rng.choice([1, 1, 1, 2, 3]))
    made = []
    for window in windows:
        cap: Document = {
            "window": window,
            "amount_fen": rng.choice([rng.randrange(6000), {"small": rng.randrange(6000)}]),
        }
        if window == "hours":
            cap["hours"] = rng.choice([1, 3, 12, 24, 24])
        if window == "day":
            cap["at"] = rng.choice(["00:00", at(rng, time, tick, span, midnight=False)])
        if rng.random() < 0.25 and window != "visit":
            cap["cuts_units"] = False
        made.append(cap)
    return made


def visit(rng: Random, tick: int, time: int) -> Document:
    """A price per visit, sometimes with turns."""
    made: Document = {"price_fen": rng.randrange(1500)}
    if rng.random() < 0.6:
        made["turns"] = {
            "at": at(rng, time, tick, 100, midnight=False),
            "price_fen": rng.randrange(1, 1500),
            "first": rng.choice(["entry_day", "next_day"]),
            "inclusive": rng.random() < 0.5,
        }
    return made


def free(rng: Random, tick: int) -> Document:
    """Free minutes."""
    made: Document = {"minutes": rng.randrange(12) * tick / 60, "mode": rng.choice(["gate", "gate", "deduct"])}
    if rng.random() < 0.3:
        made["inclusive"] = False
    if made["mode"] == "gate" and rng.random() < 0.3:
        made["measure"] = "charged"
    if rng.random() < 0.2:
        made["days"] = rng.choice(DAYS)
    if rng.random() < 0.2:
        made["classes"] = ["large"]
    return made


def at(rng: Random, time: int, tick: int, span: int, midnight: bool = True) -> str:
    """A time of day that a stay from `time` on may meet."""
    second = (time + rng.randrange(-5, span + 5) * tick) % DAY_S
    if rng.random() < 0.25:
        second = rng.randrange(24) * 3600
    if midnight and second == 0 and rng.random() < 0.5:
        return "00:00"
    hours, rest = divmod(second, 3600)
    return f"{hours:02}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")
