"""Who may say what at the broker: the device kinds' declarations, written as rules for a broker."""

from actors.devices import DEVICE_KINDS, SUBSCRIPTIONS
from gateway.ingress.shares import PART, nats_mappings


def mosquitto_acl(reader: str = "yunparking") -> str:
    """The access list of a mosquitto broker: `reader` is this platform's own user, others write their own topics.

    A rule with `%u` holds for every user and confines it to the topics that bear its name; a class of writers
    without one is a trusted system with a user of its own.
    """
    writers = dict.fromkeys(kind.writer for kind in DEVICE_KINDS)
    lines = [f"pattern write {writer.filter}" for writer in writers if writer.own]
    for writer in writers:
        if not writer.own:
            lines += ["", f"user {writer.name}", f"topic write {writer.filter}"]
    lines += ["", f"user {reader}", *(f"topic read {topic}" for topic in SUBSCRIPTIONS)]
    return "\n".join(lines) + "\n"


def nats_subjects(parts: int = 1) -> list[str]:
    """What the sensors' one user may publish at a nats-server: every kind's topics, as subjects.

    The server asks for the permission of what it has made of a topic, so that is listed too.
    """
    divided = [f"{PART}.*.{source}" for source in nats_mappings(parts)]
    return [_subject(filter) for filter in dict.fromkeys(kind.writer.filter for kind in DEVICE_KINDS)] + divided


def _subject(filter: str) -> str:
    words = {"%u": "*", "+": "*", "#": ">"}
    return ".".join(words.get(word, word) for word in filter.split("/"))
