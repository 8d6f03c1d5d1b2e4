"""`yunparking password`: a new password for whoever has lost theirs."""

from typing import Annotated

import typer

from gateway.command import wiring
from gateway.command.city import with_database
from gateway.command.say import Say
from gateway.settings import Settings


def password_command(
    settings: Settings,
    say: Say,
    name: Annotated[str | None, typer.Argument(help="Who; without it, the administrator of the settings.")] = None,
) -> None:
    """Give a user a new password, shown this once, and end all their sessions."""
    user = name or settings.auth.administrator
    with with_database(settings, say) as ready:
        wiring.prepare_world(ready)
        password = wiring.renewed_password(ready, user)
    say.note("info", f"This is not shown again. All sessions of {user} have ended.")
    say.answer({"kind": "password", "name": user, "password": password}, lambda: f"{user} {password}")
