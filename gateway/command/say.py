"""What the command says: steps with their time and one answer, for people or, with --json, one JSON object a line."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from rich.console import Console, RenderableType

PIPE_WIDTH = 220
Shown = Callable[[], RenderableType]


class Say:
    """The voice of one command: progress and warnings go to stderr, the answer to stdout."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        # Into a pipe or a file, tables are as wide as they need to be: nobody can widen those.
        self._out = Console(soft_wrap=True, width=None if sys.stdout.isatty() else PIPE_WIDTH)
        self._side = Console(stderr=True, soft_wrap=True, highlight=False)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show that `name` is under way, then that it is done and how long it took; a failure passes through."""
        began = time.monotonic()
        if self.as_json or not self._side.is_terminal:
            yield
        else:
            with self._side.status(name):
                yield
        self.note("done", f"{name}", seconds=round(time.monotonic() - began, 1))

    def note(self, kind: str, text: str, **more: Any) -> None:
        """One line about what goes on: `kind` is done, info or warning."""
        if self.as_json:
            self._line({"kind": kind, "text": text, **more})
            return
        mark = {"done": "[green]✓[/]", "warning": "[yellow]![/]"}.get(kind, "·")
        seconds = f" [dim]{more['seconds']} s[/]" if "seconds" in more else ""
        self._side.print(f"{mark} {_escaped(text)}{seconds}")

    def answer(self, data: Any, shown: Shown | None = None) -> None:
        """The command's result: `data` as JSON, or what `shown` draws for people."""
        if self.as_json:
            self._line(data)
        elif shown:
            self._out.print(shown())

    def refuse(self, text: str) -> None:
        """Why the command cannot do what was asked, and what to do."""
        if self.as_json:
            self._line({"kind": "error", "text": text})
        else:
            self._side.print(f"[red]✗[/] {_escaped(text)}")

    def _line(self, data: Any) -> None:
        self._out.file.write(msgspec.json.encode(data).decode() + "\n")
        self._out.file.flush()


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
