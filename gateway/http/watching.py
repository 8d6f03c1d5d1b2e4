"""How the engine is: cells, views, projections, ingest; who died lately and came back."""

from gateway.http.figures import (
    cell_lines,
    gateway_of,
    ingest_shown,
    lags,
    lines,
    live_shown,
    store_shown,
    worker_shown,
)
from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.shown_engine import Engine, Recoveries, RecoveryShown

RECENT = 50


async def engine(house: House, call: Call[NoQuery, None]) -> Engine:
    """Everything as this gateway last heard it."""
    lookout = house.lookout
    own = gateway_of(lookout)
    return Engine(
        at_us=lookout.clock(),
        gateway=own.name if own else "",
        workers=[worker_shown(lookout, seen) for seen in lookout.seen.values()],
        ingest=ingest_shown(own) if own else None,
        live=live_shown(own) if own else None,
        store=store_shown(own) if own else None,
        lags=lags(lookout, own),
        lines=[*lines(lookout, own), *cell_lines(lookout)],
    )


async def recoveries(house: House, call: Call[NoQuery, None]) -> Recoveries:
    """The newest of them."""
    return Recoveries([RecoveryShown(*row) for row in await house.recoveries.recent(RECENT)])
