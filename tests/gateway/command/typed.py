"""A command line typed in this process."""

from collections.abc import Sequence

from click.testing import Result
from typer.testing import CliRunner

from gateway.command import app_for


def typed(words: Sequence[str]) -> Result:
    """What `yunparking` says to these words, and its status."""
    return CliRunner().invoke(app_for(words), list(words))
