"""The ports to the outside, name → adapter, as each gateway makes them of its settings; `Request.port` is the name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from actors.messages.forms import Command, Request

Adapter = Callable[[Request, str], Awaitable[Command]]
"""`await adapter(request, key)`: asks the provider; one of `request.answers`. Whatever it raises is tried again.

The key is the same whenever the same thing is asked again (another envoy, another day): providers that are given it
do the thing once.
"""

Ports = Mapping[str, Adapter]

DEVICES: Final = "devices"
"""Its name stands in requests (`Request.port`); a gateway has an adapter for each that kinds ask (`kinds.PORTS`)."""
