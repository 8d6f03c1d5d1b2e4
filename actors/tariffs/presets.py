"""Tariffs to begin with: the three classic rules of YunParking, and what cities do; each a document to edit."""

from collections.abc import Mapping

from actors.tariffs.document import Cap, Charging, Free, Period, Rounding, Stage, Tariff, Turns, Visit

_FREE_15 = Free(minutes=15)
_FREE_30 = Free(minutes=30)

INDOOR_15 = Tariff(
    name={"zh": "室内 15 分钟计费", "en": "Indoor, by 15 minutes"},
    stages_restart="stay",
    periods=[
        Period(
            name="day",
            hours=["07:00-21:00"],
            stages=[
                Stage(upto_minutes=60, unit_minutes=15, price_fen=150, arrival="occurrence"),
                Stage(unit_minutes=15, price_fen=225),
            ],
        ),
        Period(name="night", hours=["21:00-07:00"], stages=[Stage(unit_minutes=120, price_fen=100)], counts=False),
    ],
)

POOLED_30 = Tariff(
    name={"zh": "昼夜与周末，按半小时合并计费", "en": "Day, night and weekend, half hours pooled"},
    at_period_end="pool",
    stages_restart="period",
    seconds="cut",
    free=[_FREE_15],
    periods=[
        Period(
            name="weekday day",
            hours=["08:00-20:00"],
            days=["working"],
            stages=[
                Stage(upto_minutes=60, unit_minutes=30, price_fen=200, arrival="period"),
                Stage(unit_minutes=30, price_fen=300),
            ],
        ),
        Period(
            name="weekday night",
            hours=["00:00-08:00", "20:00-24:00"],
            days=["working"],
            stages=[Stage(unit_minutes=30, price_fen=100)],
        ),
        Period(
            name="weekend",
            days=["rest"],
            stages=[
                Stage(upto_minutes=60, unit_minutes=30, price_fen=500, arrival="period"),
                Stage(unit_minutes=30, price_fen=600),
            ],
        ),
    ],
)


def _three(first: int, second: int, third: int) -> list[Stage]:
    return [
        Stage(upto_minutes=60, unit_minutes=30, price_fen=first),
        Stage(upto_minutes=180, unit_minutes=30, price_fen=second),
        Stage(unit_minutes=30, price_fen=third),
    ]


STAGED_30 = Tariff(
    name={"zh": "收费时段内三阶段计费", "en": "Three stages within charging hours"},
    seconds="cut",
    at_period_end="pool",
    stages_restart="period",
    free=[
        Free(minutes=15, measure="charged", days=["working"]),
        Free(minutes=30, measure="charged", days=["rest"]),
    ],
    periods=[
        Period(name="weekday", hours=["08:00-20:00"], days=["working"], stages=_three(200, 300, 400)),
        Period(name="weekend", hours=["09:00-21:00"], days=["rest"], stages=_three(500, 600, 700)),
    ],
)

DAY_NIGHT = Tariff(
    name={"zh": "昼夜计费，24 小时封顶", "en": "Day and night, capped per 24 hours"},
    free=[_FREE_15],
    periods=[
        Period(name="day", hours=["08:00-20:00"], stages=[Stage(unit_minutes=30, price_fen=250)]),
        Period(name="night", hours=["20:00-08:00"], stages=[Stage(unit_minutes=60, price_fen=100)], cap_fen=800),
    ],
    caps=[Cap(window="hours", hours=24, amount_fen=5000)],
)

FIRST_HOUR = Tariff(
    name={"zh": "首小时与后续，自然日封顶", "en": "First hour, then hourly, capped per calendar day"},
    classes=["small", "large", "new_energy"],
    free=[Free(minutes=120, mode="deduct", classes=["new_energy"]), _FREE_30],
    at_period_end="run_on",
    stages_restart="cycle",
    periods=[
        Period(
            name="all day",
            stages=[
                Stage(upto_minutes=60, unit_minutes=60, price_fen={"large": 1000, "*": 500}),
                Stage(unit_minutes=60, price_fen={"large": 400, "*": 200}),
            ],
        )
    ],
    caps=[Cap(window="day", at="00:00", amount_fen={"large": 6000, "*": 3000})],
)

KERB = Tariff(
    name={"zh": "路内分类分时，节假日优惠", "en": "Kerb: stages by day, flat nights, holidays by the hour"},
    classes=["small", "large", "other"],
    free=[_FREE_15],
    factors={"large": "2", "other": "1.5"},
    stages_restart="occurrence",
    periods=[
        Period(
            name="holiday",
            hours=["09:00-19:00"],
            days=["holiday"],
            stages=[Stage(unit_minutes=60, price_fen=300)],
            cap_fen=1500,
        ),
        Period(
            name="day",
            hours=["08:00-19:00"],
            stages=[
                Stage(upto_minutes=60, unit_minutes=15, price_fen=150),
                Stage(unit_minutes=15, price_fen=225),
            ],
        ),
        Period(name="night", hours=["19:00-08:00"], flat_fen=500, counts=False),
    ],
    rounding=Rounding(to_fen=50, mode="half_up"),
)

PER_VISIT = Tariff(
    name={"zh": "按次计费", "en": "Per visit"},
    free=[_FREE_30],
    visit=Visit(price_fen={"large": 1000, "*": 500}),
)

PER_DAY = Tariff(
    name={"zh": "按天计费（每 24 小时）", "en": "Per started 24 hours"},
    free=[_FREE_30],
    at_period_end="run_on",
    periods=[Period(name="all day", stages=[Stage(unit_minutes=1440, price_fen=1500)])],
)

OVERNIGHT_TURN = Tariff(
    name={"zh": "入场收费，过清晨六点加收", "en": "At entry, and again at each 6:00"},
    visit=Visit(price_fen=1000, turns=Turns(at="06:00", price_fen=3000, first="next_day", inclusive=True)),
)

CHARGING_BAY = Tariff(
    name={"zh": "充电车位，充满后占位加价", "en": "Charger bay: dearer once the car is full"},
    classes=["ev_charging", "ev_idle"],
    periods=[
        Period(
            name="all day",
            stages=[Stage(unit_minutes=30, price_fen={"ev_charging": 200, "ev_idle": 600})],
        )
    ],
    at_period_end="run_on",
    charging=Charging(charging="ev_charging", idle="ev_idle", grace_minutes=15, plug_in_minutes=10),
)

FREE_OF_CHARGE = Tariff(name={"zh": "不收费", "en": "No charge"}, visit=Visit(price_fen=0))

PRESETS: Mapping[str, Tariff] = {
    "indoor-15": INDOOR_15,
    "pooled-30": POOLED_30,
    "staged-30": STAGED_30,
    "day-night": DAY_NIGHT,
    "first-hour": FIRST_HOUR,
    "kerb": KERB,
    "per-visit": PER_VISIT,
    "per-day": PER_DAY,
    "overnight-turn": OVERNIGHT_TURN,
    "charging-bay": CHARGING_BAY,
    "free": FREE_OF_CHARGE,
}
"""What the page and `tariff presets` offer."""
