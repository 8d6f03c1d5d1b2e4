"""`yunparking metrics`: every metric that a gateway tells at /metrics, from the declarations it is made of."""

from rich.table import Table

from gateway.command.say import Say
from gateway.metrics import TABLE
from gateway.settings import Settings


def metrics_command(settings: Settings, say: Say) -> None:
    """Show every metric of /metrics: its name, its kind, its labels and what it means."""
    rows = [
        {"name": each.name, "kind": each.kind, "labels": list(each.labels), "meaning": each.words} for each in TABLE
    ]

    def shown() -> Table:
        table = Table("metric", "kind", "labels", "meaning", box=None, header_style="bold")
        for each in TABLE:
            table.add_row(each.name, each.kind, " ".join(each.labels), each.words)
        return table

    say.answer(rows, shown)
