"""What an import found: one tariff document, or why there is none."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from actors.tariffs.document import Tariff, read_tariff
from actors.tariffs.problems import Problem, TariffError
from actors.tariffs.sense import check_sense


class Found(NamedTuple):
    """One thing of a foreign file: its name there, and the document or the problems that stand against it."""

    name: str
    tariff: Tariff | None
    problems: tuple[Problem, ...] = ()


def each(things: Iterable[tuple[str, Any]], read: Callable[[str, Any], Tariff | None]) -> Iterator[Found]:
    """Read many things, none of which stops the others; what is no tariff at all (None) is passed over."""
    for name, thing in things:
        try:
            tariff = read(name, thing)
            if tariff is not None:
                tariff = read_tariff(msgspec.to_builtins(tariff))
                check_sense(tariff)
                yield Found(name, tariff)
        except TariffError as error:
            yield Found(name, None, error.problems)
        except KeyError as error:
            yield Found(
                name, None, (Problem("key_absent", "", f"there is no `{error.args[0]}`, which the form wants"),)
            )
        except (TypeError, ValueError, AttributeError):
            yield Found(name, None, (Problem("wrong_form", "", "it is not built as the form wants"),))


def refuse(code: str, where: str, sentence: str) -> TariffError:
    """Something that a foreign form says and our document cannot."""
    return TariffError(Problem(code, where, sentence))


def hundredths(amount: Any, where: str) -> int:
    """An amount in currency units as whole hundredths."""
    try:
        fen = Decimal(str(amount)) * 100
    except InvalidOperation:
        raise refuse("no_amount", where, f"`{amount}` is no amount") from None
    if not fen.is_finite() or fen < 0 or fen != int(fen):
        raise refuse("no_amount", where, f"`{amount}` is no amount of whole hundredths")
    return int(fen)


def whole_list(value: Any, where: str) -> list[Any]:
    """A list where the form wants one."""
    if not isinstance(value, list):
        raise refuse("wrong_form", where, "a list is needed here")
    return value


def whole_object(value: Any, where: str) -> dict[str, Any]:
    """An object where the form wants one."""
    if not isinstance(value, dict):
        raise refuse("wrong_form", where, "an object is needed here")
    return value
