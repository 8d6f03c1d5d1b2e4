"""`yunparking settings`: every setting, its value now, and how to change it."""

from rich.table import Table

from gateway.command.say import Say
from gateway.settings import TABLE, Settings


def settings_command(settings: Settings, say: Say) -> None:
    """Show every setting, its value here and now, its environment variable and what it means."""
    rows = [
        {
            "key": entry.key,
            "value": shown_value(entry.key, settings),
            "default": entry.default,
            "allowed": entry.allowed,
            "variable": entry.variable,
            "meaning": entry.meaning,
        }
        for entry in TABLE
    ]

    def shown() -> Table:
        table = Table("setting", "value", "allowed", box=None, header_style="bold")
        table.add_column("environment", no_wrap=True)
        table.add_column("meaning", min_width=20)
        for row in rows:
            table.add_row(row["key"], row["value"], row["allowed"], row["variable"], row["meaning"])
        return table

    say.answer(rows, shown)


def shown_value(key: str, settings: Settings) -> str:
    """The value as it may be shown to anybody: a URL without its password."""
    value = settings.get(key)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return without_password(text) if key.endswith(".url") else text


def without_password(url: str) -> str:
    """A URL in which the password is stars."""
    scheme, mark, rest = url.partition("://")
    login, at, host = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{scheme}{mark}{user}{':***' if colon else ''}{at}{host}"
