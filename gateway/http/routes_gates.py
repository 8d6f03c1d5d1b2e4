"""The part of the table that is about lanes and gates, for staff and for whoever stands before one with a phone."""

from typing import Any, Final

from gateway.http import gates, lanes
from gateway.http.own import gates as own
from gateway.http.own.shown import MaskedPayment
from gateway.http.route import API, Route, Words
from gateway.http.routes_own import PAYING
from gateway.http.shown_gates import (
    AllForced,
    CodeShown,
    Decision,
    Emergencies,
    EmergencyStays,
    Force,
    Insiders,
    LaneChange,
    LanePassages,
    Lanes,
    LaneStands,
    Lift,
    Lifters,
    Lifts,
    NewLane,
    Queue,
    WhichEmergencies,
    WhichEmergency,
    WhichInside,
    WhichLanePassages,
    WhichLanes,
    WhichLifters,
    WhichLifts,
    WhichQueue,
)
from gateway.identity import PUBLIC
from storage.gates import LaneRow

ASKED: Final = ("not_found", "refused", "busy", "outcome_unknown")
DEVICES: Final = ("unknown_parent", "device_elsewhere")
CODED: Final = ("code_unknown", "code_expired")


def _route(method: str, path: str, permission: str, handler: Any, words: Words, **more: Any) -> Route:
    return Route(method, f"{API}{path}", "gates", permission, handler, words, **more)


LANES: Final = (
    _route(
        "GET",
        "/lanes",
        "records.read",
        lanes.listed,
        Words("车道列表", "Lanes"),
        query=WhichLanes,
        reply=Lanes,
    ),
    _route(
        "POST",
        "/lanes",
        "records.write",
        lanes.create,
        Words("新增车道", "Register a lane"),
        body=NewLane,
        reply=LaneRow,
        status=201,
        errors=("id_taken", *DEVICES),
        idempotent=True,
    ),
    _route(
        "GET",
        "/lanes/{id}",
        "records.read",
        lanes.one,
        Words("车道", "One lane"),
        reply=LaneRow,
        errors=("not_found",),
    ),
    _route(
        "PATCH",
        "/lanes/{id}",
        "records.write",
        lanes.change,
        Words("修改车道", "Change a lane's record"),
        body=LaneChange,
        reply=LaneRow,
        errors=("not_found", "version_conflict", *DEVICES),
    ),
    _route(
        "GET",
        "/lanes/{id}/code",
        "records.read",
        lanes.code,
        Words("车道静态二维码", "The code that hangs at a lane"),
        reply=CodeShown,
        errors=("not_found",),
    ),
)

DESK: Final = (
    _route(
        "GET",
        "/gate-queue",
        "sessions.read",
        gates.queue,
        Words("岗亭待处理车辆", "Cars at gates that need a person"),
        query=WhichQueue,
        reply=Queue,
    ),
    _route(
        "GET",
        "/lane-passages",
        "sessions.read",
        gates.passages,
        Words("过车记录", "Vehicles that lanes saw come and go, newest first"),
        query=WhichLanePassages,
        reply=LanePassages,
    ),
    _route(
        "POST",
        "/lanes/{id}/decision",
        "gates.write",
        gates.decide,
        Words("岗亭处理车辆", "Decide on the car at a lane"),
        body=Decision,
        reply=LaneStands,
        errors=ASKED,
        idempotent=True,
    ),
    _route(
        "GET",
        "/lots/{id}/inside",
        "sessions.read",
        gates.inside,
        Words("场内车辆", "Cars inside a lot"),
        query=WhichInside,
        reply=Insiders,
        errors=ASKED,
    ),
    _route(
        "POST",
        "/lanes/{id}/lift",
        "gates.write",
        gates.lift,
        Words("手动抬杆", "Lift a barrier by hand, with reason and picture"),
        body=Lift,
        errors=("unknown_picture", *ASKED),
        idempotent=True,
    ),
    _route(
        "GET",
        "/gate-lifts",
        "sessions.read",
        gates.lifts,
        Words("手动抬杆记录", "Barriers lifted by hand"),
        query=WhichLifts,
        reply=Lifts,
    ),
    _route(
        "GET",
        "/gate-lifts/people",
        "sessions.read",
        gates.lifters,
        Words("手动抬杆按人统计", "Barriers lifted by hand, by person"),
        query=WhichLifters,
        reply=Lifters,
    ),
)

EMERGENCY: Final = (
    _route(
        "POST",
        "/lots/{id}/gates",
        "gates.write",
        gates.force_lot,
        Words("车场应急全开", "Force all gates of a lot open, or back"),
        body=Force,
        reply=AllForced,
        errors=("not_found", "no_gates", "needs_confirmation"),
        idempotent=True,
    ),
    _route(
        "POST",
        "/regions/{id}/gates",
        "gates.write",
        gates.force_region,
        Words("区域应急全开", "Force all gates of a region open, or back"),
        body=Force,
        reply=AllForced,
        errors=("not_found", "no_gates", "needs_confirmation"),
        idempotent=True,
    ),
    _route(
        "GET",
        "/emergencies",
        "sessions.read",
        gates.emergencies,
        Words("应急全开记录", "Times in which gates were forced open"),
        query=WhichEmergencies,
        reply=Emergencies,
    ),
    _route(
        "GET",
        "/emergency-stays",
        "sessions.read",
        gates.emergency_stays,
        Words("应急期间订单复核", "The stays of an emergency, for review"),
        query=WhichEmergency,
        reply=EmergencyStays,
    ),
)

SCANNED: Final = (
    _route(
        "GET",
        "/gate-codes/{code}",
        PUBLIC,
        own.look,
        Words("扫码查看车道", "What a scanned code stands for: the lane, and the car that waits there to pay"),
        reply=own.GateShown,
        errors=(*CODED, *ASKED),
    ),
    _route(
        "POST",
        "/gate-codes/{code}/payment",
        PUBLIC,
        own.pay_there,
        Words("扫码缴费出场", "Pay for the car that waits at the lane"),
        body=own.GatePayment,
        reply=MaskedPayment,
        status=201,
        errors=(*CODED, *PAYING),
        idempotent=True,
    ),
    _route(
        "POST",
        "/gate-codes/{code}/entry",
        PUBLIC,
        own.enter,
        Words("无牌车扫码入场", "Come in without a plate"),
        body=own.ComesIn,
        reply=own.CameIn,
        status=201,
        errors=(*CODED, "turned_away", *ASKED),
        idempotent=True,
    ),
    _route(
        "POST",
        "/gate-codes/{code}/exit",
        PUBLIC,
        own.leave,
        Words("无牌车扫码出场", "Leave without a plate"),
        body=own.GoesOut,
        reply=own.GateShown,
        errors=(*CODED, "turned_away", *ASKED),
        idempotent=True,
    ),
)

GATES: Final = (*LANES, *DESK, *EMERGENCY, *SCANNED)
