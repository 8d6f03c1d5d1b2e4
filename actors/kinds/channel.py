"""A channel: what of the money that it keeps for us it has paid out, each payout once."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.channel import ChannelFace, NotePayout, PaidOut, PayoutKnown


class Channel(Actor, kind="channel"):
    """A channel's payouts by the provider's number: what came into the bank, and the fee. Some hundreds a year."""

    payouts: dict[str, tuple[int, int]] = {}

    def on_note_payout(self, said: NotePayout, turn: Turn) -> None:
        sums = (said.fen, said.fee_fen)
        known = self.payouts.get(said.payout)
        if known is not None and known != sums:
            booked = {"fen": str(known[0]), "fee_fen": str(known[1])}
            turn.refuse("payout_differs", "This payout is booked with other sums", payout=said.payout, **booked)
            return
        transit_fen = None if said.taken_fen is None else said.taken_fen - self._paid_out_fen()
        if known is None and transit_fen is not None and sum(sums) > transit_fen:
            left = str(max(transit_fen, 0))
            turn.refuse("payout_too_large", "More than the channel keeps for us", transit_fen=left)
            return
        if known is None:
            turn.record(PaidOut(said.payout, *sums, said.paid_us, said.person, turn.now, said.taken_fen))
        turn.reply(PayoutKnown(said.payout, *sums))

    def fold_paid_out(self, fact: PaidOut) -> None:
        self.payouts[fact.payout] = (fact.fen, fact.fee_fen)

    def _paid_out_fen(self) -> int:
        """What has left the channel, its fees too."""
        return sum(fen + fee_fen for fen, fee_fen in self.payouts.values())

    def face(self) -> ChannelFace:
        fen, fee_fen = (sum(each[i] for each in self.payouts.values()) for i in (0, 1))
        return ChannelFace(len(self.payouts), fen, fee_fen)
