"""The `yunparking` command: one file per sub-command, and this list of them."""

import typer

from gateway.command.carriers import carriers_command
from gateway.command.cells import cells_command
from gateway.command.city import export_command, load_command
from gateway.command.doctor import doctor_command
from gateway.command.metrics import metrics_command
from gateway.command.options import with_settings
from gateway.command.password import password_command
from gateway.command.programs import gateway_command, replay_command, sandbox_command
from gateway.command.settings import settings_command
from gateway.command.tariff import tariff
from gateway.command.tour import tour_command
from gateway.command.up import up_command

app = typer.Typer(
    name="yunparking",
    help="A city's parking as actors: live, durable, explainable.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
city = typer.Typer(help="The city's records, in and out of a file.", no_args_is_help=True)
app.add_typer(city, name="city")
app.add_typer(tariff, name="tariff")

app.command("up")(with_settings(up_command))
city.command("load")(with_settings(load_command))
city.command("export")(with_settings(export_command))
app.command("replay")(with_settings(replay_command))
app.command("sandbox")(with_settings(sandbox_command))
app.command("cells")(with_settings(cells_command))
app.command("doctor")(with_settings(doctor_command))
app.command("password")(with_settings(password_command))
app.command("tour")(with_settings(tour_command))
app.command("settings")(with_settings(settings_command))
app.command("metrics")(with_settings(metrics_command))
app.command("gateway")(with_settings(gateway_command))
app.command("carriers", hidden=True)(with_settings(carriers_command))


def main() -> None:
    """Run the command line."""
    app()
