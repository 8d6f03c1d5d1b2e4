"""The part of the table that is about the engine itself: how it is, and what it set aside."""

from typing import Final

from gateway.http import parked, watching
from gateway.http.route import API, Route, Words
from gateway.http.shown_engine import Engine, Parked, ParkedShown, Recoveries, Settled

ENGINE: Final = (
    Route(
        "GET",
        f"{API}/engine",
        "engine",
        "engine.read",
        watching.engine,
        Words("引擎健康", "How cells, views, projections and ingest are"),
        reply=Engine,
    ),
    Route(
        "GET",
        f"{API}/recoveries",
        "engine",
        "engine.read",
        watching.recoveries,
        Words("恢复记录", "Workers that died lately, and when they were back"),
        reply=Recoveries,
    ),
    Route(
        "GET",
        f"{API}/parked",
        "engine",
        "engine.read",
        parked.listed,
        Words("搁置消息列表", "Messages that broke an actor, newest first"),
        query=parked.WhichParked,
        reply=Parked,
    ),
    Route(
        "GET",
        f"{API}/parked/{{id}}",
        "engine",
        "engine.read",
        parked.one,
        Words("搁置消息", "One message that broke an actor"),
        reply=ParkedShown,
        errors=("not_found",),
    ),
    Route(
        "POST",
        f"{API}/parked/{{id}}/retry",
        "engine",
        "parked.write",
        parked.retry,
        Words("重发搁置消息", "Tell the message to its actor again; pressed twice, it is told once"),
        body=parked.Note,
        reply=Settled,
        errors=("not_found", "busy", "outcome_unknown", "retry_expired", "unreadable_message"),
    ),
    Route(
        "POST",
        f"{API}/parked/{{id}}/dismiss",
        "engine",
        "parked.write",
        parked.dismiss,
        Words("了结搁置消息", "Settle the message without telling it"),
        body=parked.Note,
        reply=Settled,
        errors=("not_found",),
    ),
)
