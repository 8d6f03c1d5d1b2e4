"""`yunparking tariff …`: tariffs from files, without a city: checked, quoted, shown, imported, compared."""

import typer

from gateway.command.options import spoken
from gateway.command.tariff_check import check_command
from gateway.command.tariff_compare import compare_command
from gateway.command.tariff_import import import_command
from gateway.command.tariff_quote import calendar_command, presets_command, quote_command, show_command

tariff = typer.Typer(help="Tariffs, in and out of files; no city is needed.", no_args_is_help=True)

tariff.command("check")(spoken(check_command))
tariff.command("quote")(spoken(quote_command))
tariff.command("show")(spoken(show_command))
tariff.command("presets")(spoken(presets_command))
tariff.command("import")(spoken(import_command))
tariff.command("compare")(spoken(compare_command))
tariff.command("calendar")(spoken(calendar_command))
