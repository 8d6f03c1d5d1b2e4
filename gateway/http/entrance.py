"""The routes by which people sign in, stay signed in, and leave."""

from gateway.http.forms import Call, NoQuery
from gateway.http.house import House
from gateway.http.session import Refresh, Session, SignIn


async def sign_in(house: House, call: Call[NoQuery, SignIn]) -> Session:
    """A new session."""
    return await house.doorkeeper.sign_in(call.body, call.client, house.live_at(call.host))


async def refresh(house: House, call: Call[NoQuery, Refresh]) -> Session:
    """The same session, with new tokens."""
    return await house.doorkeeper.refresh(call.body, call.client, house.live_at(call.host))


async def sign_out(house: House, call: Call[NoQuery, None]) -> None:
    """The end of the session."""
    await house.doorkeeper.sign_out(call.user)
