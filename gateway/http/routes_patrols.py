"""The part of the table that is for patrols, and for whoever reads what they saw."""

from typing import Final

from gateway.http import enforcement, patrols
from gateway.http.route import API, Route, Words
from storage.patrols import CheckRow

ASKS: Final = ("refused", "busy", "outcome_unknown")

PATROLS: Final = (
    Route(
        "POST",
        f"{API}/patrol/reports",
        "patrol",
        "inspections.write",
        patrols.report,
        Words("巡检上报", "What a patrol car saw in a bay"),
        body=patrols.PatrolReport,
        reply=patrols.PatrolTaken,
        idempotent=True,
        errors=(*ASKS, "not_found", "clock_ahead", "unknown_picture", "bay_full"),
    ),
    Route(
        "GET",
        f"{API}/inspections",
        "patrol",
        "inspections.read",
        patrols.listed,
        Words("巡检抓拍记录", "Vehicles that stood wrongly or unpaid, newest first"),
        query=patrols.WhichInspections,
        reply=patrols.Inspections,
    ),
    Route(
        "GET",
        f"{API}/inspections/{{id}}",
        "patrol",
        "inspections.read",
        patrols.one,
        Words("巡检抓拍详情", "One of them with its pictures"),
        reply=patrols.InspectionParts,
        errors=("not_found",),
    ),
    Route(
        "POST",
        f"{API}/enforcement/checks",
        "patrol",
        "inspections.write",
        enforcement.check,
        Words("执法核查", "May this vehicle stand here at this time? What was answered is kept"),
        body=enforcement.PlateCheck,
        reply=CheckRow,
        idempotent=True,
        errors=(*ASKS, "not_found", "clock_ahead"),
    ),
    Route(
        "GET",
        f"{API}/enforcement/checks",
        "patrol",
        "inspections.read",
        enforcement.listed,
        Words("执法核查记录", "What inspectors were told, newest first"),
        query=enforcement.WhichChecks,
        reply=enforcement.Checks,
    ),
)
