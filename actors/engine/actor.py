"""An actor: one identity of the city, its state, what it hears and what it remembers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from actors.engine.law import LawBroken, heard, must_remember
from actors.messages.forms import Face, Fact, Message
from actors.values import Micros

Handler = Callable[..., None]


class ActorMeta(msgspec.StructMeta):
    """Makes an actor class and holds it to the law: one handler per message, a fold for every fact."""

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any], kind: str = "", **options: Any) -> Any:
        if kind:
            options["tag"] = kind
        cls: Any = super().__new__(mcs, name, bases, body, **{"array_like": True, "gc": False, **options})
        if kind:
            cls.kind = kind
            cls.handlers = heard(cls, "on_", Message)
            cls.folds = heard(cls, "fold_", Fact)
            must_remember(cls, cls.folds)
            cls.leaves = cls.over_us is not Actor.over_us
            if cls.face is Actor.face:
                raise LawBroken(f"{name} shows no face")
        return cls

    def __init__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any], kind: str = "", **options: Any) -> None:
        super().__init__(name, bases, body)


class Actor(msgspec.Struct, metaclass=ActorMeta):
    """One identity of the city. Its fields (all with defaults) are its state; only `fold_` methods write them.

    `on_…(message, turn)` decides: total, deterministic, without I/O, clock or chance but the turn's.
    `fold_…(fact)` remembers; recovery is folding again.
    """

    kind: ClassVar[str] = ""
    leaves: ClassVar[bool] = False
    handlers: ClassVar[dict[type[Message], Handler]] = {}
    folds: ClassVar[dict[type[Fact], Handler]] = {}

    if TYPE_CHECKING:  # the metaclass takes the keyword; a type checker looks for it here

        def __init_subclass__(cls, kind: str = "", **options: Any) -> None: ...

    def face(self) -> Face:
        """What others may see of it."""
        raise NotImplementedError

    def over_us(self) -> Micros | None:
        """Since when nothing more is expected of it, so that it may leave its slot's memory before long (`gone.py`), if
        no wake and no request of it is open; None: something is. A kind that never says so stays.
        """
        return None

    def remember(self, fact: Fact) -> None:
        """Folds one fact; KeyError for a fact that is not this kind's."""
        type(self).folds[type(fact)](self, fact)
