"""What the desk says no with."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.exc import IntegrityError


class Declined(Exception):
    """A change that was not made: a stable machine word, a sentence, and what it is about.

    `not_found`, `version_conflict`, `id_taken`, `bay_number_taken`, `user_name_taken`, `unknown_parent`,
    `bay_elsewhere`, `fixed`, `invalid`.
    """

    def __init__(self, code: str, message: str, **details: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details


_TAKEN = {
    "bays_number_unique": ("bay_number_taken", "Another bay has this number"),
    "users_name_unique": ("user_name_taken", "Another user has this name"),
    "reference_pk": ("version_conflict", "Somebody has published another version since"),
}
_UNIQUE, _FOREIGN_KEY = "23505", "23503"


def declined(error: "IntegrityError") -> Declined:
    """The database's refusal in our words; `details` tells which value."""
    cause = getattr(error.orig, "__cause__", None)
    constraint = getattr(cause, "constraint_name", None) or ""
    detail = {"detail": getattr(cause, "detail", None) or ""}
    if constraint in _TAKEN:
        return Declined(*_TAKEN[constraint], **detail)
    state = getattr(cause, "sqlstate", "")
    if state == _FOREIGN_KEY:
        return Declined("unknown_parent", "It belongs to something that is not registered", **detail)
    if state == _UNIQUE:
        return Declined("id_taken", "Another record has this id", **detail)
    return Declined("invalid", "The record does not hold together", **detail)
