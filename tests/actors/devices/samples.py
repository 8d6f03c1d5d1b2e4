"""Frames as real devices send them, and how the tests read them."""

import json

import pytest

from actors.devices import Reading, Undecodable, kind_of

NOW = 1_780_000_000_000_000
EUI = "00aa11bb22cc33dd"


def read(topic: str, payload: bytes | dict[str, object], at: int = NOW) -> Reading:
    found = kind_of(topic)
    assert found is not None, topic
    kind, parts = found
    return kind.decode(parts, payload if isinstance(payload, bytes) else json.dumps(payload).encode(), at)


def refusal(topic: str, payload: bytes | dict[str, object]) -> str:
    with pytest.raises(Undecodable) as caught:
        read(topic, payload)
    assert caught.value.sentence
    assert caught.value.code.isidentifier()
    return caught.value.code


TOPICS = {
    "yun-json": "yunparking/v1/mel-66222/up",
    "yun-loop": "yunparking/loop/loop-7/up",
    "yun-lane": "yunparking/lane/cam-1/up",
    "yun-radar": "yunparking/radar/radar-7/up",
    "yun-camera": "yunparking/camera/pole-7/up",
    "yun-pile": "yunparking/pile/pile-7/up",
    "yun-lock": "yunparking/lock/lock-7/up",
    "yun-barrier": "yunparking/barrier/arm-7/up",
    "yun-v1": "iot-topic/gw/bj-01/GW_00000666/17",
    "chirpstack-tps110": f"application/5bb92de6/device/{EUI}/event/up",
}

V1_TOPIC = "iot-topic/gw/bj-01/GW_00000666/17"
V1_TAKEN = {
    "msgType": 1,
    "2_devTypeCode": "212",
    "type": "U",
    "deviceId": "GM000123",
    "data": "01a0FF00",
    "countTopicId": "17",
    "2_spaceStatus": "1",
    "2_brighValue": "355",
    "2_rfRecStreng": "-71",
    "2_clockState": "1",
    "2_deviceTime": "2026-05-28 04:26:40",
    "2_packageSerialNumberHead": "17",
}

LORA_TOPIC = TOPICS["chirpstack-tps110"]
LORA_TAKEN: dict[str, object] = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "time": "2026-05-28T20:26:39.775023242+00:00",
    "deviceInfo": {
        "tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242",
        "tenantName": "City",
        "applicationId": "5bb92de6-49b3-49af-a366-34667f2230be",
        "applicationName": "parking",
        "deviceProfileName": "TPS110",
        "deviceName": "bay 66222",
        "devEui": EUI,
        "tags": {"street": "Collins"},
    },
    "devAddr": "00189440",
    "adr": True,
    "dr": 1,
    "fCnt": 4711,
    "fPort": 1,
    "data": "AQ==",
    "rxInfo": [
        {"gatewayId": "0016c001f153a14c", "uplinkId": 4217106255, "rssi": -107, "snr": -2.5},
        {"gatewayId": "0016c001f153a14d", "uplinkId": 4217106256, "rssi": -81, "snr": 7.25},
        {"gatewayId": "0016c001f153a14e", "uplinkId": 4217106257},
    ],
    "txInfo": {"frequency": 867100000, "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 11}}},
}
