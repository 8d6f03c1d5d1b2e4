"""The settings of one YunParking: a single typed object out of flags, environment, a TOML file and defaults.

A flag wins over the environment, the environment over the file, the file over the default. `http.port` is
`[http] port = 8080` in the file and `YUNPARKING_HTTP_PORT=8080` in the environment.
"""

import difflib
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta

from gateway.http.proxies import networks
from gateway.ingress.shares import Misdivided, Share, division

PREFIX = "YUNPARKING_"
CONFIG = f"{PREFIX}CONFIG"
FILE = "yunparking.toml"

T = TypeVar("T")
Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Days = Annotated[int, Meta(ge=0, le=36_500)]
World = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,47}$")]
Name = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]
Placed = Literal["packed", "dedicated"]


class SettingsError(Exception):
    """A setting that cannot be: the text names it, says what is wrong and what would be right."""


def default_data_dir() -> str:
    """The user's data folder; root's server may not run as root, so root's lies where `nobody` can pass."""
    if home := os.environ.get("XDG_DATA_HOME"):
        return str(Path(home) / "yunparking")
    if os.geteuid() == 0:
        return "/var/lib/yunparking"
    if sys.platform == "darwin":
        return str(Path.home() / "Library/Application Support/yunparking")
    return str(Path.home() / ".local/share/yunparking")


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Gateway(_Section, frozen=True):
    """Who this gateway is among several of one city."""

    name: Annotated[Name, "gateways that run at the same time need different names"] = "gateway"
    count: Annotated[Count, "how many gateways up starts; each further one has ports that are two higher"] = 1


class Http(_Section, frozen=True):
    """Where pages and the HTTP interface are served."""

    host: Annotated[str, "the address to listen on; 0.0.0.0 for every network"] = "127.0.0.1"
    port: Annotated[Port, "the port of the pages and of /api"] = 8080
    trusted_proxies: Annotated[str, "addresses or networks, by commas, whose X-Forwarded-For is believed"] = ""


class Live(_Section, frozen=True):
    """Where screens get their live frames."""

    host: Annotated[str, "the address to listen on; 0.0.0.0 for every network"] = "127.0.0.1"
    port: Annotated[Port, "the port of the websockets"] = 8081
    url: Annotated[str, "what browsers are told to connect to, behind a proxy; empty: by host and port"] = ""
    max_clients: Annotated[Count, "how many screens one gateway serves"] = 2000


class Database(_Section, frozen=True):
    """Which PostgreSQL keeps the city."""

    url: Annotated[str, "postgresql://user:password@host/database; empty: our own server"] = ""
    port: Annotated[Port, "the port of our own server; 0: a free one, kept"] = 0


class Broker(_Section, frozen=True):
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


class Ingest(_Section, frozen=True):
    """How gateways divide the frames of devices among them; the same for all gateways of a city."""

    enabled: Annotated[bool, "whether this gateway takes frames from devices"] = True
    parts: Annotated[
        Annotated[int, Meta(ge=1, le=64)], "into how many shares our own broker divides the devices, by hash"
    ] = 1
    lease_s: Annotated[Annotated[int, Meta(ge=3, le=600)], "after so many seconds unheard a gateway is dead"] = 10
    topics: Annotated[str, "shares at a broker of yours: name=filter,filter; name=filter; empty: one of all"] = ""


class Ray(_Section, frozen=True):
    """Which Ray cluster carries the cells."""

    address: Annotated[str, "host:port of a running cluster; empty: our own on this machine"] = ""
    cells: Annotated[Count, "how many processes share the actors of a new world; later: yunparking cells N"] = 2


class City(_Section, frozen=True):
    """Which city is loaded into an empty world."""

    file: Annotated[str, "a city file; empty: the Melbourne that comes with the product"] = ""


class Replay(_Section, frozen=True):
    """The recorded readings that keep a demonstration city alive."""

    enabled: Annotated[bool, "publish recorded readings, then simulated ones"] = True
    speed: Annotated[Annotated[float, Meta(gt=0)], "how many times faster than they happened"] = 60.0


class Retention(_Section, frozen=True):
    """How long what only grows is kept; whole months are dropped."""

    journal_days: Annotated[Days, "how long facts can be read one by one; 0: for ever"] = 90
    frames_days: Annotated[Days, "how long raw frames are kept; 0: for ever"] = 90
    passages_days: Annotated[Days, "how long arrivals and departures are listed; 0: for ever"] = 400
    evidence_days: Annotated[Days, "how long pictures and video are kept; 0: for ever"] = 400


class Evidence(_Section, frozen=True):
    """Where pictures and video lie, and how large they may be."""

    folder: Annotated[str, "a folder that all gateways share; empty: evidence in data_dir"] = ""
    s3_url: Annotated[str, "https://host/bucket/prefix of an S3-compatible store; empty: the folder"] = ""
    s3_region: Annotated[str, "the region that requests are signed for"] = "us-east-1"
    s3_key: Annotated[str, "the id of the access key"] = ""
    s3_secret_file: Annotated[str, "a file with the access key's secret"] = ""
    picture_bytes: Annotated[Count, "the most bytes of a picture"] = 5 << 20
    video_bytes: Annotated[Count, "the most bytes of a video"] = 50 << 20


class Placement(_Section, frozen=True):
    """Whether actors of a kind share cells (packed) or have a Ray actor each (dedicated; for small sites)."""

    bay: Annotated[Placed, "how bays are carried"] = "packed"
    lot: Annotated[Placed, "how lots are carried"] = "packed"
    device: Annotated[Placed, "how devices are carried"] = "packed"

    def dedicated(self) -> list[str]:
        """The kinds whose actors have a Ray actor each."""
        return [kind for kind in self.__struct_fields__ if getattr(self, kind) == "dedicated"]


class Auth(_Section, frozen=True):
    """How people stay signed in."""

    administrator: Annotated[str, "the name of the administrator made at first start"] = "admin"
    secret_file: Annotated[str, "what signs tokens: the same 32 bytes for all gateways; empty: made in data_dir"] = ""


class Settings(_Section, frozen=True):
    """All settings of one YunParking."""

    world: Annotated[World, "the PostgreSQL schema that this city lives in"] = "live"
    data_dir: Annotated[str, "the folder of our own servers' data, secrets and logs"] = msgspec.field(
        default_factory=default_data_dir
    )
    gateway: Gateway = Gateway()
    http: Http = Http()
    live: Live = Live()
    database: Database = Database()
    broker: Broker = Broker()
    ingest: Ingest = Ingest()
    ray: Ray = Ray()
    city: City = City()
    replay: Replay = Replay()
    retention: Retention = Retention()
    evidence: Evidence = Evidence()
    placement: Placement = Placement()
    auth: Auth = Auth()

    @property
    def folder(self) -> Path:
        """`data_dir` as an absolute path."""
        return Path(self.data_dir).expanduser().absolute()

    @property
    def shares(self) -> tuple[Share, ...]:
        """How the devices' frames are divided."""
        return division(self.ingest.parts, self.ingest.topics)

    def get(self, key: str) -> Any:
        """The value of a dotted key."""
        value: Any = self
        for part in key.split("."):
            value = getattr(value, part)
        return value

    def environment(self) -> dict[str, str]:
        """These settings as environment variables: how a child process is given them."""
        return {entry.variable: _as_text(self.get(entry.key)) for entry in TABLE}


class Entry(NamedTuple):
    """One row of the table of settings."""

    key: str
    variable: str
    default: str
    allowed: str
    meaning: str
    type: Any


def _entries(section: type[msgspec.Struct], prefix: str = "") -> Iterator[Entry]:
    hints = get_type_hints(section, include_extras=True)
    for field in msgspec.structs.fields(section):
        key = f"{prefix}{field.name}"
        if isinstance(field.type, type) and issubclass(field.type, _Section):
            yield from _entries(field.type, f"{key}.")
            continue
        kind, *_, meaning = get_args(hints[field.name])
        default = default_data_dir() if field.default is msgspec.NODEFAULT else field.default
        variable = PREFIX + key.replace(".", "_").upper()
        yield Entry(key, variable, _as_text(default), _allowed(kind), str(meaning), hints[field.name])


def _allowed(kind: Any) -> str:
    words = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    bare = get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    return words.get(bare) or " or ".join(get_args(bare))


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


TABLE: tuple[Entry, ...] = tuple(_entries(Settings))
_KEYS = {entry.key: entry for entry in TABLE}


def load_settings(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Settings:
    """The settings of this start. `flags` maps dotted keys to values; raises SettingsError.

    Without `file`, the environment's YUNPARKING_CONFIG is read, else yunparking.toml of this folder if it is there.
    """
    environment = os.environ if environment is None else environment
    values = {
        **dict(_from_file(file, environment)),
        **dict(_from_environment(environment)),
        **dict(_from_flags(flags or {})),
    }
    tree: dict[str, Any] = {}
    for key, value in values.items():
        *sections, name = key.split(".")
        branch = tree
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[name] = value
    settings = msgspec.convert(tree, Settings)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    """What a type cannot say."""
    try:
        division(settings.ingest.parts, settings.ingest.topics)
    except Misdivided as error:
        raise SettingsError(str(error)) from None
    try:
        networks(settings.http.trusted_proxies)
    except ValueError as error:
        raise SettingsError(f"http.trusted_proxies is no list of addresses and networks: {error}") from None
    if settings.evidence.s3_url and not (settings.evidence.s3_key and settings.evidence.s3_secret_file):
        raise SettingsError("evidence.s3_url needs evidence.s3_key and evidence.s3_secret_file.")


def _from_file(file: Path | None, environment: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    named = file or (Path(environment[CONFIG]) if environment.get(CONFIG) else None)
    path = named or Path(FILE)
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if named:
            raise SettingsError(f"There is no settings file {path}.") from None
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not a TOML file: {error}") from None
    for key, value in _flat(tree, str(path)):
        yield key, _typed(key, value, f"{path}: {key}", strict=True)


def _flat(tree: Mapping[str, Any], where: str, prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in tree.items():
        key = f"{prefix}{name}"
        is_section = any(known.startswith(f"{key}.") for known in _KEYS)
        if is_section and not isinstance(value, dict):
            raise SettingsError(f"{where}: {key} is a section: write [{key}] and its settings below.")
        if is_section:
            yield from _flat(value, where, f"{key}.")
        elif key in _KEYS:
            yield key, value
        else:
            raise SettingsError(f"{where}: {_unknown(key, _KEYS)}")


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    variables = {entry.variable: entry.key for entry in TABLE}
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable == CONFIG:
            continue
        if variable not in variables:
            raise SettingsError(f"environment: {_unknown(variable, variables)}")
        key = variables[variable]
        yield key, _typed(key, environment[variable], f"environment: {variable}", strict=False)


def _from_flags(flags: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in flags.items():
        if key not in _KEYS:
            raise SettingsError(f"flags: {_unknown(key, _KEYS)}")
        yield key, _typed(key, value, f"flags: {key}", strict=False)


def _typed(key: str, value: object, where: str, strict: bool) -> object:
    entry = _KEYS[key]
    try:
        return msgspec.convert(value, entry.type, strict=strict)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where} is {value!r}, but must be {entry.allowed} ({error}).") from None


def _unknown(key: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
    return f"there is no setting {key}. Did you mean {near[0]}?"
