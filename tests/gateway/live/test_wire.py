"""Frames: what is written is what any MessagePack and websocket library reads; what is read is bounded."""

import msgpack  # type: ignore[import-untyped]
import msgspec
import pytest
from websockets.frames import Frame, Opcode

from gateway.identity import ROLES, Claims
from gateway.live import wire
from gateway.live.rights import TOPIC_RULES, TopicRule, refusal, rule_of
from gateway.live.topics import Piece
from tests.gateway.live.stage import NOON, Bearer

NESTED = b"\x91" * 9_000 + b"\xc0"
BAD = {
    "text": ("[]", "not_binary"),
    "empty": (b"", "not_messagepack"),
    "garbage": (b"\xc1\xff\x00", "not_messagepack"),
    "two objects": (b"\x90\x90", "not_messagepack"),
    "nested": (NESTED, None),
    "a map": (msgpack.packb({"t": "ping", "id": 1}), "not_a_message"),
    "a number": (msgpack.packb(7), "not_a_message"),
    "unknown message": (msgpack.packb([{"t": "dance"}]), "not_a_message"),
    "no message": (msgpack.packb([{"topic": "city"}]), "not_a_message"),
    "wrong type": (msgpack.packb([{"t": "sub", "topic": 7}]), "not_a_message"),
    "long text": (msgpack.packb([{"t": "hello", "v": 1, "token": "x" * 5_000}]), "not_messagepack"),
    "many messages": (msgpack.packb([{"t": "ping", "id": 1}] * 65), "not_messagepack"),
    "wide map": (msgpack.packb([{"t": "ping", "id": 1} | {str(n): n for n in range(8)}]), "not_messagepack"),
    "number keys": (msgpack.packb([{1: "ping"}]), "not_messagepack"),
    "bytes": (msgpack.packb([{"t": "ping", "id": b"1"}]), "not_messagepack"),
    "extension": (msgpack.packb([msgpack.ExtType(4, b"1")]), "not_messagepack"),
    "claimed size": (b"\xdd\xff\xff\xff\xff", "not_messagepack"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_frame_is_refused_with_a_stable_word(name: str) -> None:
    frame, code = BAD[name]
    with pytest.raises(wire.Bad) as refused:
        wire.said(frame, wire.Limits())
    assert refused.value.close == wire.BAD_FRAME
    assert code in (None, refused.value.code)


def test_messages_are_typed_and_unknown_fields_passed_over() -> None:
    frame = msgpack.packb([{"t": "sub", "topic": "city", "new": 1}, {"t": "ping", "id": "a"}])
    assert wire.said(frame, wire.Limits()) == [wire.Sub("city"), wire.Ping("a")]


@pytest.mark.parametrize("count", [1, 15, 16, 300, 70_000])
def test_a_prebuilt_frame_is_a_websocket_frame_around_one_array(count: int) -> None:
    chunk = wire.pong(wire.Ping(1), NOON)
    written = wire.frame([chunk] * count)
    payload = msgpack.unpackb(written[_header(written) :])
    assert payload == [{"t": "pong", "id": 1, "at": NOON}] * count
    theirs = Frame(Opcode.BINARY, written[_header(written) :]).serialize(mask=False)
    assert written == theirs


def _header(frame: bytes) -> int:
    return {126: 4, 127: 10}.get(frame[1], 2)


def test_a_piece_is_written_with_its_body_as_it_is() -> None:
    body = msgspec.msgpack.encode({"bays": {"1": None}})
    whole = msgpack.unpackb(wire.chunk_of(Piece("map", "e", None, 5, 9, body)))
    assert whole == {"t": "snap", "topic": "map", "epoch": "e", "seq": 5, "at": 9, "body": {"bays": {"1": None}}}
    delta = msgpack.unpackb(wire.chunk_of(Piece("map", "e", 4, 5, 9, body)))
    assert delta == whole | {"t": "delta", "prev": 4}


@pytest.mark.parametrize("rule", TOPIC_RULES, ids=lambda rule: rule.name)
def test_every_topic_has_a_permission_and_nobody_follows_without_it(rule: TopicRule) -> None:
    topic = rule.name + ("20001" if rule.name.endswith("/") else "")
    assert rule_of(topic) == rule
    assert refusal(topic, Bearer(frozenset())) == "forbidden"
    assert refusal(topic, Bearer(frozenset({rule.permission}))) is None


@pytest.mark.parametrize("rule", TOPIC_RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("role", ROLES)
def test_every_role_follows_exactly_what_it_may(rule: TopicRule, role: str) -> None:
    bearer = Claims("u", role, role, "s", NOON)
    id = ("u" if rule.own else "/".join(["20001"] * rule.parts)) if rule.name.endswith("/") else ""
    assert (refusal(rule.name + id, bearer) is None) == (rule.permission in ROLES[role])
    if rule.own:
        assert refusal(f"{rule.name}other", bearer) == "forbidden"


def test_what_is_one_bearers_own_is_nobody_elses() -> None:
    mine = TopicRule("own/", "own.read", "what is mine", own=True)
    bearer = Bearer(frozenset({"own.read"}), user="ann")
    assert [mine.admits(topic, bearer) for topic in ("own/ann", "own/bob", "own/")] == [True, False, False]
    assert not mine.admits("own/ann", Bearer(frozenset(), user="ann"))


@pytest.mark.parametrize("topic", ["", "cities", "city/", "lot", "lot/", "lot/a/b", "region/" + "x" * 101, "lot/a b"])
def test_no_other_topic_exists(topic: str) -> None:
    assert refusal(topic, Bearer(frozenset({"live.watch"}))) == "unknown_topic"
