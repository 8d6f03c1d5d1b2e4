"""The part of the table that is about plates as machines read them."""

from typing import Final

from gateway.http import readings
from gateway.http.route import API, Route, Words

READINGS: Final = (
    Route(
        "GET",
        f"{API}/readings/rates",
        "readings",
        "devices.read",
        readings.rates,
        Words("识别输出率", "How many of the vehicles that came on a day each camera read"),
        query=readings.WhichCameras,
        reply=readings.CameraRates,
    ),
    Route(
        "GET",
        f"{API}/readings/unsure",
        "readings",
        "sessions.read",
        readings.listed,
        Words("待复核车牌", "Plates that wait for a second look, those that wait longest first"),
        query=readings.WhichUnsure,
        reply=readings.UnsurePlates,
    ),
    Route(
        "POST",
        f"{API}/readings/unsure/{{lot}}/{{id}}",
        "readings",
        "sessions.write",
        readings.answer,
        Words("车牌复核结果", "The plate of a stay as it was read again"),
        body=readings.SecondReading,
        reply=readings.ReadAgain,
        idempotent=True,
        errors=("not_found", "clock_ahead", "refused", "busy", "outcome_unknown"),
    ),
)
