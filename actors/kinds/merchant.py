"""A merchant: what was settled with them, each settlement once, and never more paid out than is owed to them."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.merchant import MerchantFace, MerchantSettled, NoteSettlement, SettlementKnown


class Merchant(Actor, kind="merchant"):
    """A merchant's settlements by number, in fen that they paid (negative: that they got). Some a month."""

    settled: dict[str, int] = {}

    def on_note_settlement(self, said: NoteSettlement, turn: Turn) -> None:
        known = self.settled.get(said.settlement)
        if known is not None and known != said.fen:
            why = {"settlement": said.settlement, "fen": str(known)}
            turn.refuse("settlement_differs", "This settlement is booked with another sum", **why)
            return
        owed_fen = max(sum(self.settled.values()) - said.booked_fen, 0)
        if known is None and -said.fen > owed_fen:
            turn.refuse("settlement_too_large", "So much is not owed to the merchant", owed_fen=str(owed_fen))
            return
        if known is None:
            fact = MerchantSettled(said.settlement, said.fen, said.paid_us, said.person, turn.now, said.booked_fen)
            turn.record(fact)
        turn.reply(SettlementKnown(said.settlement, said.fen))

    def fold_merchant_settled(self, fact: MerchantSettled) -> None:
        self.settled[fact.settlement] = fact.fen

    def face(self) -> MerchantFace:
        return MerchantFace(len(self.settled), sum(self.settled.values()))
