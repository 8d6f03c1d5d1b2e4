"""The law of actors, checked when a class is made: who hears what, and that every recorded fact is remembered."""

import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any, TypeVar

from actors.messages.forms import Fact, Message, Request

T = TypeVar("T")


class LawBroken(TypeError):
    """A class or a turn breaks the law of actors; the message says how."""


def heard(cls: type, prefix: str, form: type[T]) -> dict[type[T], Callable[..., None]]:
    """The methods of a class that begin with `prefix`, by the type of their first argument."""
    found: dict[type[T], Callable[..., None]] = {}
    for name in dir(cls):
        if not name.startswith(prefix):
            continue
        method = getattr(cls, name)
        subject = _first_argument(method)
        if not (isinstance(subject, type) and issubclass(subject, form)):
            raise LawBroken(f"{cls.__name__}.{name} must name a {form.__name__} as its first argument")
        if subject in found:
            raise LawBroken(
                f"{cls.__name__} has two methods for {subject.__name__}: {name} and {found[subject].__name__}"
            )
        found[subject] = method
    return found


def _first_argument(method: Callable[..., None]) -> Any:
    notes = inspect.get_annotations(method, eval_str=True)
    names = [name for name in inspect.signature(method).parameters if name != "self"]
    return notes.get(names[0]) if names else None


def must_remember(cls: type, folds: dict[type[Fact], Callable[..., None]]) -> None:
    """Fails if a method of the class names a fact that no `fold_` method of it remembers."""
    for fact in named_types(cls, Fact):
        if fact not in folds:
            raise LawBroken(f"{cls.__name__} records {fact.__name__} but no fold_ method remembers it")


def must_be_heard(kinds: dict[str, type], handlers: Callable[[type], set[type[Message]]]) -> None:
    """Fails if an actor names a message that no kind hears."""
    everyone = {message for cls in kinds.values() for message in handlers(cls)}
    for cls in kinds.values():
        for message in named_types(cls, Message):
            if message not in everyone:
                raise LawBroken(f"{cls.__name__} sends {message.__name__}, which nobody hears")


def must_be_answered(
    kinds: dict[str, type], ports: frozenset[str], handlers: Callable[[type], set[type[Message]]]
) -> None:
    """Fails if an actor asks something of a port that is not there, or does not hear all that may be answered."""
    for cls in kinds.values():
        for request in named_types(cls, Request):
            if request.port not in ports:
                raise LawBroken(
                    f"{cls.__name__} asks {request.__name__} of the port {request.port!r}, which is not there"
                )
            deaf = [answer.__name__ for answer in request.answers if answer not in handlers(cls)]
            if deaf or not request.answers:
                raise LawBroken(f"{cls.__name__} asks {request.__name__} and does not hear the answer {' '.join(deaf)}")


def named_types(cls: type, form: type[T]) -> set[type[T]]:
    """The subclasses of `form` that the class's methods (and the module's functions they call) name."""
    found: set[type[T]] = set()
    for function in _functions(cls):
        for value in _named_values(function):
            if isinstance(value, type) and issubclass(value, form) and value is not form:
                found.add(value)
    return found


def parts(cls: type) -> list[type]:
    """The class and those it is made of, as far as they are its own: a kind may be written in several files."""
    return [each for each in cls.__mro__ if each.__module__.startswith(cls.__module__.rpartition(".")[0])]


def _functions(cls: type) -> Iterator[FunctionType]:
    modules = {each.__module__ for each in parts(cls)}
    waiting = [m for _, m in inspect.getmembers(cls, inspect.isfunction) if m.__module__ in modules]
    seen: set[FunctionType] = set()
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        yield function
        waiting += [
            value
            for value in _named_values(function)
            if isinstance(value, FunctionType) and value.__module__ in modules
        ]


def _named_values(function: FunctionType) -> list[Any]:
    cells = inspect.getclosurevars(function)
    reachable = {**function.__globals__, **cells.nonlocals}
    return [reachable[name] for name in _names(function.__code__) if name in reachable]


def _names(code: CodeType) -> set[str]:
    names = set(code.co_names) | set(code.co_freevars)
    for const in code.co_consts:
        if isinstance(const, CodeType):
            names |= _names(const)
    return names
