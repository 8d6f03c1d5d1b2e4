"""The sections of the settings: what each setting is called, what is allowed, its default and what it means."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Days = Annotated[int, Meta(ge=0, le=36_500)]
Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]
Placed = Literal["packed", "dedicated"]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the settings; an unknown name in it is an error."""


class Gateway(Section, frozen=True):
    """Who this gateway is among several of one city."""

    name: Annotated[Name, "gateways that run at the same time need different names"] = "gateway"
    count: Annotated[Count, "how many gateways up starts; each further one has ports that are two higher"] = 1


class Http(Section, frozen=True):
    """Where pages and the HTTP interface are served."""

    host: Annotated[str, "the address to listen on; 0.0.0.0 for every network"] = "127.0.0.1"
    port: Annotated[Port, "the port of the pages and of /api"] = 8080
    trusted_proxies: Annotated[str, "addresses or networks, by commas, whose X-Forwarded-For is believed"] = ""


class Live(Section, frozen=True):
    """Where screens get their live frames."""

    host: Annotated[str, "the address to listen on; 0.0.0.0 for every network"] = "127.0.0.1"
    port: Annotated[Port, "the port of the websockets"] = 8081
    url: Annotated[str, "what browsers are told to connect to, behind a proxy; empty: by host and port"] = ""
    max_clients: Annotated[Count, "how many screens one gateway serves"] = 2000


class Database(Section, frozen=True):
    """Which PostgreSQL keeps the city."""

    url: Annotated[str, "postgresql://user:password@host/database; empty: our own server"] = ""
    port: Annotated[Port, "the port of our own server; 0: a free one, kept"] = 0


class Broker(Section, frozen=True):
    """Which MQTT broker devices speak to."""

    url: Annotated[str, "mqtt(s)://user:password@host:port; empty: our own broker"] = ""
    port: Annotated[Port, "the port of our own broker; 0: a free one, kept"] = 0
    max_frame_bytes: Annotated[Count, "frames above this size are kept as oversized"] = 8192
    in_flight: Annotated[
        Annotated[int, Meta(ge=1, le=13_000)], "how many frames may wait for their acknowledgement"
    ] = 8192
    sync_ms: Annotated[
        Annotated[int, Meta(ge=0, le=1000)],
        "our own broker writes to disk each so many ms; 0: each frame, before its sensor is told",
    ] = 0
    most_waiting: Annotated[
        Annotated[int, Meta(ge=20_000)], "above so many frames at our own broker, sensors wait until half are taken"
    ] = 2_000_000


class Ingest(Section, frozen=True):
    """How gateways divide the frames of devices among them; the same for all gateways of a city."""

    enabled: Annotated[bool, "whether this gateway takes frames from devices"] = True
    parts: Annotated[
        Annotated[int, Meta(ge=1, le=64)], "into how many shares our own broker divides the devices, by hash"
    ] = 1
    lease_s: Annotated[Annotated[int, Meta(ge=3, le=600)], "after so many seconds unheard a gateway is dead"] = 10
    topics: Annotated[str, "shares at a broker of yours: name=filter,filter; name=filter; empty: one of all"] = ""


class Ray(Section, frozen=True):
    """Which Ray cluster carries the cells."""

    address: Annotated[str, "host:port of a running cluster; empty: our own on this machine"] = ""
    cells: Annotated[Count, "how many processes share the actors of a new world; later: yunparking cells N"] = 2


class City(Section, frozen=True):
    """Which city is loaded into an empty world."""

    file: Annotated[str, "a city file; empty: the Melbourne that comes with the product"] = ""
    presets: Annotated[
        Literal["melbourne", "any", "none"], "which cities' lots get rules and preset tariffs to begin with"
    ] = "melbourne"


class Replay(Section, frozen=True):
    """The recorded readings that keep a demonstration city alive."""

    enabled: Annotated[bool, "publish readings of the city that comes with it: recorded, then simulated"] = True
    speed: Annotated[Annotated[float, Meta(gt=0)], "how many times faster than they happened"] = 60.0


class Payments(Section, frozen=True):
    """How people pay by their phones."""

    merchants_file: Annotated[str, "our accounts at providers; empty: secrets/merchants.json in data_dir"] = ""
    notify_url: Annotated[str, "where providers reach us, https://host; empty: this gateway on this machine"] = ""
    sandbox: Annotated[bool, "while there is no such file, pay at a sandbox of ours on this machine"] = True
    sandbox_port: Annotated[Port, "the port of the sandbox; 0: a free one, kept"] = 0


class Lanes(Section, frozen=True):
    """Which lanes this gateway works; each lot's are worked by one gateway, best by one that stands in the lot."""

    lots: Annotated[str, "the ids of the lots, by commas; empty: none"] = ""

    @property
    def named(self) -> tuple[str, ...]:
        """The lots."""
        return tuple(filter(None, (each.strip() for each in self.lots.split(","))))


class Retention(Section, frozen=True):
    """How long what only grows is kept; whole months are dropped."""

    journal_days: Annotated[Days, "how long facts can be read one by one; 0: for ever"] = 90
    frames_days: Annotated[Days, "how long raw frames are kept; 0: for ever"] = 90
    passages_days: Annotated[Days, "how long arrivals and departures are listed; 0: for ever"] = 400
    evidence_days: Annotated[Days, "how long pictures and video are kept; 0: for ever"] = 400


class Evidence(Section, frozen=True):
    """Where pictures and video lie, and how large they may be."""

    folder: Annotated[str, "a folder that all gateways share; empty: evidence in data_dir"] = ""
    s3_url: Annotated[str, "https://host/bucket/prefix of an S3-compatible store; empty: the folder"] = ""
    s3_region: Annotated[str, "the region that requests are signed for"] = "us-east-1"
    s3_key: Annotated[str, "the id of the access key"] = ""
    s3_secret_file: Annotated[str, "a file with the access key's secret"] = ""
    picture_bytes: Annotated[Count, "the most bytes of a picture"] = 5 << 20
    video_bytes: Annotated[Count, "the most bytes of a video"] = 50 << 20


class Placement(Section, frozen=True):
    """Whether actors of a kind share cells (packed) or have a Ray actor each (dedicated; for small sites)."""

    bay: Annotated[Placed, "how bays are carried"] = "packed"
    lot: Annotated[Placed, "how lots are carried"] = "packed"
    device: Annotated[Placed, "how devices are carried"] = "packed"

    def dedicated(self) -> list[str]:
        """The kinds whose actors have a Ray actor each."""
        return [kind for kind in self.__struct_fields__ if getattr(self, kind) == "dedicated"]


class Auth(Section, frozen=True):
    """How people stay signed in."""

    administrator: Annotated[str, "the name of the administrator made at first start"] = "admin"
    secret_file: Annotated[str, "what signs tokens: the same 32 bytes for all gateways; empty: made in data_dir"] = ""
