"""Instants as WeChat writes them: RFC 3339, in China's time."""

from datetime import datetime, timedelta, timezone

from actors.values import SECOND_US, Micros

CHINA = timezone(timedelta(hours=8))


def micros_of(text: str) -> Micros:
    """`2026-11-26T13:29:35+08:00` as an instant; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} names no zone")
    return int(moment.timestamp()) * SECOND_US


def text_of(instant: Micros) -> str:
    """The same the other way."""
    return china(instant).isoformat()


def china(instant: Micros) -> datetime:
    """An instant on China's clocks, to the second."""
    return datetime.fromtimestamp(instant // SECOND_US, CHINA)
