"""Screens and readers against a running city: each user signs in once, then follows the live map or reads over HTTP.

`make load` runs it headless in a process of its own (never beside Ray: locust changes how sockets work). The address,
users and time come from the environment or from locust's own flags; the password only from YUNPARKING_LOAD_PASSWORD.
"""

import os
import time
from http import HTTPStatus
from typing import Any

import gevent
import msgspec
import requests
import websocket
from locust import FastHttpUser, between, constant, events, task
from locust.env import Environment

NAME = os.environ.get("YUNPARKING_LOAD_NAME", "admin")
PASSWORD = os.environ.get("YUNPARKING_LOAD_PASSWORD", "")
STAY_S = 30.0
RENEW_S = 60.0
API = "/api/v1"

_session: dict[str, Any] = {}


@events.test_start.add_listener
def _ready(environment: Environment, **_: Any) -> None:
    """Ends at once, with a sentence, if nobody could sign in."""
    if not PASSWORD:
        raise SystemExit("Set YUNPARKING_LOAD_PASSWORD to the password of a user of the running city.")
    _signed_in(environment.host)


def _signed_in(host: str | None) -> dict[str, Any]:
    """One session for all users, renewed before it ends: how often one may sign in is limited, and not measured."""
    if _session.get("expires_us", 0) < (time.time() + RENEW_S) * 1e6:
        try:
            answer = requests.post(f"{host}{API}/session", json={"name": NAME, "password": PASSWORD}, timeout=30)
        except requests.ConnectionError:
            raise SystemExit(f"Nobody answers at {host}. Start a city first: make run.") from None
        if answer.status_code != HTTPStatus.OK:
            raise SystemExit(f"{NAME} cannot sign in at {host}: {answer.status_code} {answer.text}")
        _session.update(answer.json())
    return _session


class Reader(FastHttpUser):
    """Somebody who looks things up: the city, lists of bays and devices, the curve of the day."""

    weight = 1
    wait_time = between(0.5, 2)

    @task(3)
    def bays(self) -> None:
        """A page of bays with what they show."""
        self._get("/bays?limit=50")

    @task(2)
    def devices(self) -> None:
        """A page of devices with their health."""
        self._get("/devices?limit=50")

    @task
    def city(self) -> None:
        """The city as a whole."""
        self._get("/city")

    @task
    def occupancy(self) -> None:
        """How full the city was today."""
        now_us = time.time_ns() // 1000
        self._get(f"/occupancy?place=city&from_us={now_us - 86_400_000_000}&to_us={now_us}", "/occupancy")

    def _get(self, path: str, name: str | None = None) -> None:
        bearer = {"Authorization": f"Bearer {_signed_in(self.host)['access_token']}"}
        self.client.get(API + path, headers=bearer, name=name or path.partition("?")[0])


class LiveScreen(FastHttpUser):
    """A screen: follows the city, the map and the events for half a minute, then comes back as another one."""

    weight = 4
    wait_time = constant(0)

    @task
    def watch(self) -> None:
        """One visit: `live snap` is how long a first whole picture took, `live delta` how late a change came."""
        began = time.perf_counter()
        session = _signed_in(self.host)
        line = websocket.create_connection(session["live_url"], timeout=10)
        try:
            topics = [{"t": "sub", "topic": topic} for topic in ("city", "map", "events")]
            hello = {"t": "hello", "v": 1, "token": session["access_token"]}
            line.send_binary(msgspec.msgpack.encode([hello, *topics]))
            with gevent.Timeout(STAY_S, False):
                self._follow(line, began)
        except (OSError, websocket.WebSocketException) as error:
            self._note("live line", began, 0, error)
        finally:
            line.close()

    def _follow(self, line: websocket.WebSocket, began: float) -> None:
        while True:
            frame = line.recv()
            if not isinstance(frame, bytes) or not frame:
                raise websocket.WebSocketException(f"the line was closed: {frame!r}")
            for message in msgspec.msgpack.decode(frame):
                if message["t"] == "snap":
                    self._note(f"live snap {message['topic']}", began, len(frame))
                elif message["t"] == "delta":
                    self._note("live delta", None, len(frame), late_us=time.time_ns() // 1000 - message["at"])

    def _note(
        self, name: str, began: float | None, size: int, error: Exception | None = None, late_us: int = 0
    ) -> None:
        took_ms = (time.perf_counter() - began) * 1000 if began is not None else late_us / 1000
        self.environment.events.request.fire(
            request_type="WS", name=name, response_time=took_ms, response_length=size, exception=error
        )
