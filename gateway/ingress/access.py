"""Who may say what at the broker: the device kinds' declarations, written as rules for a broker."""

from typing import Any, NamedTuple

from actors.devices import DEVICE_KINDS, DOWN, KIND_NAMED, SUBSCRIPTIONS
from gateway.ingress.shares import PART, nats_mappings


class DeviceLogin(NamedTuple):
    """A device that has a password of its own; its user name is its id."""

    device: str
    kind: str
    password: str


def mosquitto_acl(reader: str = "yunparking") -> str:
    """The access list of a mosquitto broker: `reader` is this platform's own user, others write their own topics and
    read the orders that are for them.

    A rule with `%u` holds for every user and confines it to the topics that bear its name; a class of writers
    without one is a trusted system with a user of its own.
    """
    writers = dict.fromkeys(kind.writer for kind in DEVICE_KINDS)
    lines = [f"pattern write {writer.filter}" for writer in writers if writer.own]
    for writer in writers:
        if not writer.own:
            lines += ["", f"user {writer.name}", f"topic write {writer.filter}"]
    lines += ["", f"pattern read {DOWN}/%u"]
    lines += ["", f"user {reader}", *(f"topic read {topic}" for topic in SUBSCRIPTIONS), f"topic write {DOWN}/#"]
    return "\n".join(lines) + "\n"


def nats_subjects(parts: int = 1) -> list[str]:
    """What the sensors' one user may publish at a nats-server: every kind's topics, as subjects.

    The server asks for the permission of what it has made of a topic, so that is listed too.
    """
    divided = [f"{PART}.*.{source}" for source in nats_mappings(parts)]
    return [_subject(filter) for filter in dict.fromkeys(kind.writer.filter for kind in DEVICE_KINDS)] + divided


def nats_user(login: DeviceLogin, parts: int = 1) -> dict[str, Any]:
    """A device's own user at a nats-server: it may publish below its own name, and hear the orders that are for it."""
    kind = KIND_NAMED.get(login.kind)
    own = [_subject(kind.writer.filter, login.device)] if kind and kind.writer.own else []
    divided = [f"{PART}.*.{subject}" for subject in own] if parts > 1 else []
    heard = [_subject(f"{DOWN}/%u", login.device), "$MQTT.sub.>"]
    permissions = {"publish": [*own, *divided] or {"deny": ">"}, "subscribe": heard}
    return {"user": login.device, "password": login.password, "permissions": permissions}


def may_wait(login: DeviceLogin) -> bool:
    """Whether this device can say later what it has to say, and nobody waits for it to hear."""
    kind = KIND_NAMED.get(login.kind)
    return kind is None or not (kind.obeys or kind.at_once)


def _subject(filter: str, user: str = "*") -> str:
    """A topic filter as the server sees it: there a dot of ours becomes two strokes."""
    words = {"%u": user.replace(".", "//"), "+": "*", "#": ">"}
    return ".".join(words.get(word, word) for word in filter.split("/"))
