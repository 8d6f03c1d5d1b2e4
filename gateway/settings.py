"""The settings of one YunParking: a single typed object out of flags, environment, a TOML file and defaults.

A flag wins over the environment, the environment over the file, the file over the default. `http.port` is
`[http] port = 8080` in the file and `YUNPARKING_HTTP_PORT=8080` in the environment.
"""

import difflib
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta

from gateway.http.proxies import networks
from gateway.ingress.shares import Misdivided, Share, division
from gateway.sections import (
    Auth,
    Broker,
    City,
    Database,
    Evidence,
    Gateway,
    Http,
    Ingest,
    Lanes,
    Live,
    Payments,
    Placement,
    Ray,
    Replay,
    Retention,
    Section,
)

PREFIX = "YUNPARKING_"
CONFIG = f"{PREFIX}CONFIG"
FILE = "yunparking.toml"
POSTGRESQL = re.compile(r"postgres(ql)?(\+\w+)?://")

T = TypeVar("T")
World = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,47}$", description="a-z, 0-9 and _, a letter first, at most 48")]


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


class Settings(Section, frozen=True):
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
    payments: Payments = Payments()
    lanes: Lanes = Lanes()
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
        if isinstance(field.type, type) and issubclass(field.type, Section):
            yield from _entries(field.type, f"{key}.")
            continue
        kind, *limits, meaning = get_args(hints[field.name])
        default = default_data_dir() if field.default is msgspec.NODEFAULT else field.default
        variable = PREFIX + key.replace(".", "_").upper()
        yield Entry(key, variable, _as_text(default), _allowed(kind, limits), str(meaning), hints[field.name])


def _allowed(kind: Any, limits: list[Meta]) -> str:
    words = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    said = words.get(kind) or " or ".join(get_args(kind))
    for limit in limits:
        said = limit.description or said
        for word, bound in (("from", limit.ge), ("above", limit.gt), ("to", limit.le), ("below", limit.lt)):
            said += f" {word} {bound}" if bound is not None else ""
    return said


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
    if settings.database.url and not POSTGRESQL.match(settings.database.url):
        raise SettingsError("database.url is an address such as postgresql://user:password@host/database.")
    kept = settings.evidence
    if kept.s3_url and not (kept.s3_url.startswith(("https://", "http://")) and kept.s3_key and kept.s3_secret_file):
        raise SettingsError("evidence.s3_url is an https:// address, and needs evidence.s3_key and .s3_secret_file.")


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
    except msgspec.ValidationError:
        raise SettingsError(f"{where} is {value!r}; allowed: {entry.allowed}.") from None


def _unknown(key: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
    return f"there is no setting {key}. Did you mean {near[0]}?"
