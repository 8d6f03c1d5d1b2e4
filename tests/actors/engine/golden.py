"""The bytes of everything the city may ever have written: one pinned example of each entry, message and fact.

`python -m tests.actors.engine.golden` pins what is new; what is pinned already stays as it is, for ever.
"""

import json
import types
import typing
from pathlib import Path
from typing import Any

import msgspec

from actors.engine import entries
from actors.engine.catalogue import Catalogue
from actors.kinds import KINDS
from actors.messages.forms import Refused
from actors.values import Ref

PINS = Path(__file__).with_name("golden.json")
CITY = Catalogue(KINDS)
ENTRIES = (
    *("FromSlot", "FromDevice", "ByKey", "FromWake", "FromStream", "FromOutside"),
    *("Turned", "Ask", "Acked", "Opened", "Parked"),
)
ASKING = "entries.Turned that asks"


def example(kind: Any, name: str = "x") -> Any:
    """A value of a type, the same each time; of several types the first that is not None."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return example(next(arg for arg in args if arg is not type(None)), name)
    if origin in (list, tuple, dict) or kind in (list, tuple, dict):
        return _many(origin or kind, args, name)
    if kind is Ref:
        return Ref("bay", f"20042/{name}")
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = msgspec.structs.fields(kind)
        return kind(**{field.name: example(field.type, field.name) for field in fields})
    plain = {bool: True, int: sum(name.encode()), float: 0.5, str: name, bytes: name.encode()}
    return plain[kind]


def _many(origin: Any, args: tuple[Any, ...], name: str) -> Any:
    if origin is dict:
        return {example(args[0], name): example(args[1], name)}
    if origin is list or args[1:] == (...,):
        return origin([example(args[0], name)])
    return tuple(example(arg, name) for arg in args)


def said() -> dict[str, type[msgspec.Struct]]:
    """Every message and fact of the city, and the entries of pages, by name."""
    own: set[Any] = {*CITY.messages, *CITY.facts, *CITY.replies, Refused}
    found = {f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}": cls for cls in own}
    found |= {f"entries.{name}": getattr(entries, name) for name in ENTRIES}
    return found | {ASKING: entries.Turned}


def written(name: str, cls: type[msgspec.Struct]) -> bytes:
    """An example of a type as bytes."""
    if cls is entries.Turned:
        asks = [entries.Ask(4, "port", b"request")] if name == ASKING else []
        return msgspec.msgpack.encode(msgspec.structs.replace(_turned(), asks=asks))
    return msgspec.msgpack.encode(example(cls))


def _turned() -> entries.Turned[Any, Any]:
    message = example(sorted(CITY.messages, key=lambda cls: cls.__name__)[0])
    fact = example(sorted(CITY.facts, key=lambda cls: cls.__name__)[0])
    ref = Ref("bay", "20042/1")
    sends = [entries.Send(879, 5, 7, ref, Ref("lot", "20042"), message, True)]
    wakes = [entries.CancelWake(2), entries.SetWake(3, 9, "settle", message)]
    return entries.Turned(entries.FromSlot(1, 2), ref, 7, [fact], sends, wakes, b"reply")


def pinned() -> dict[str, str]:
    """Name → bytes as hexadecimal digits."""
    return json.loads(PINS.read_text()) if PINS.exists() else {}


if __name__ == "__main__":
    pins = {name: written(name, cls).hex() for name, cls in said().items()} | pinned()
    PINS.write_text(json.dumps(dict(sorted(pins.items())), indent=1) + "\n")
