"""Routes of devices and of what they send."""

from typing import Final

from gateway.http import devices
from gateway.http.paging import Paged
from gateway.http.query import WhichDevices, WhichFrames
from gateway.http.route import API, Route, Words
from gateway.http.shown import Devices, Frames, Ingest
from storage.rows import DeviceRow

DEVICES: Final = (
    Route(
        "GET",
        f"{API}/devices",
        "devices",
        "devices.read",
        devices.listed,
        Words("设备列表", "Devices"),
        query=WhichDevices,
        reply=Devices,
    ),
    Route(
        "GET",
        f"{API}/devices/{{id}}",
        "devices",
        "devices.read",
        devices.one,
        Words("设备", "One device"),
        reply=DeviceRow,
        errors=("not_found",),
    ),
    Route(
        "PUT",
        f"{API}/devices/{{id}}/bays",
        "devices",
        "records.write",
        devices.bind,
        Words("绑定车位", "Bind a camera's numbers to bays"),
        body=devices.Binding,
        reply=DeviceRow,
        errors=("not_found", "version_conflict", "too_many_bays", "one_bay_only", "bay_elsewhere", "unknown_parent"),
    ),
    Route(
        "GET",
        f"{API}/devices/{{id}}/frames",
        "devices",
        "devices.read",
        devices.frames_of,
        Words("设备原始报文", "A device's raw frames, newest first"),
        query=Paged,
        reply=Frames,
        errors=("not_found",),
    ),
    Route(
        "GET",
        f"{API}/frames",
        "devices",
        "ingest.read",
        devices.frames,
        Words("原始报文", "Raw frames, newest first"),
        query=WhichFrames,
        reply=Frames,
    ),
    Route(
        "GET",
        f"{API}/ingest",
        "devices",
        "ingest.read",
        devices.ingest,
        Words("接入统计", "What became of the frames"),
        reply=Ingest,
    ),
)
