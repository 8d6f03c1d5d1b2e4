"""What is said to a channel (a provider, or a card terminal's bank, that keeps money for us), and what becomes true."""

from actors.messages.forms import Command, Face, Fact, Reply
from actors.values import Micros


class NotePayout(Command, frozen=True, gc=False):
    """Finance has seen a payout, by the provider's own number: `fen` came into the bank, and `fee_fen` were kept. The
    same number again with other sums is refused with `payout_differs`; what with the payouts before it is more than the
    channel has taken for us (`taken_fen`, refunds deducted, payouts not; None: not known) with `payout_too_large`.
    """

    payout: str
    fen: int
    fee_fen: int
    paid_us: Micros
    person: str
    taken_fen: int | None = None


class PaidOut(Fact, frozen=True, gc=False):
    """So much of what the channel kept for us is in the bank, and so much of it is the channel's fee."""

    payout: str
    fen: int
    fee_fen: int
    paid_us: Micros
    person: str
    at_us: Micros
    taken_fen: int | None = None


class ChannelFace(Face, frozen=True, gc=False):
    """A channel as others see it: how many payouts are known, what came by them and what was kept."""

    n: int
    fen: int
    fee_fen: int


class PayoutKnown(Reply, frozen=True, gc=False):
    """The payout is booked."""

    payout: str
    fen: int
    fee_fen: int
