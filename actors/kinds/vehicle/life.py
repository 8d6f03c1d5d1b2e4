"""A vehicle decides: which stays are open for it, what it owes, on which lists it is, and how it stands in a lot."""

from copy import copy
from typing import Final

from actors.engine.turn import Turn
from actors.kinds.known import rules_of, special_plates
from actors.kinds.vehicle.owner import Owned
from actors.kinds.vehicle.standing import ListWord, Place, list_word, passes_here
from actors.messages.session import FlagSession, SeenElsewhere, Standing
from actors.messages.vehicle import (
    ArrearsNoted,
    ArrearsOwed,
    Contradicted,
    DropListing,
    DropPass,
    EntryAnswer,
    EntryQuery,
    ListingDropped,
    ListingPut,
    Owed,
    PassForgotten,
    PassNoted,
    PlateArrived,
    PlateWent,
    Present,
    PutListing,
    PutPass,
    SessionBegan,
    SessionGone,
    VehicleAnswer,
    VehicleChanged,
    VehicleQuery,
)
from actors.plates import plate_class
from actors.values import MINUTE_US, Micros, Ref

CLONE_US: Final = 10 * MINUTE_US
"""Nobody parks in one lot, drives to another and is let in there in less."""


class Vehicle(Owned, kind="vehicle"):
    """One plate: its open stays, arrears, lists, passes and owner. It answers how it stands without asking anybody."""

    def on_session_began(self, began: SessionBegan, turn: Turn) -> None:
        after = copy(self)
        lot = began.session.partition("/")[0]
        new = Present(began.session, lot, began.bay, began.entry_us, began.street, began.source)
        known = self.present.get(began.session)
        if new != known and not began.exit_us:
            after.learn(PlateArrived(new), turn)
        if known is None and not began.exit_us:
            for other in self.present.values():
                older, newer = sorted((other, new), key=lambda each: (each.entry_us, each.session))
                after._contradict(older, newer, turn)
        after._stand(began.session, Place(lot, began.groups, began.entry_us), turn)

    def on_session_gone(self, gone: SessionGone, turn: Turn) -> None:
        if gone.session in self.present:
            turn.record(PlateWent(gone.session, gone.at_us, gone.why))

    def on_arrears_owed(self, arrears: ArrearsOwed, turn: Turn) -> None:
        known = self.owed.get(arrears.session)
        owed = Owed(arrears.session, arrears.fen, arrears.since_us, arrears.operator)
        if owed != known and (known or owed.fen):
            turn.record(ArrearsNoted(owed))

    def on_put_listing(self, put: PutListing, turn: Turn) -> None:
        after = copy(self)
        if self.lists.get(put.listing.id) != put.listing:
            after.learn(ListingPut(put.listing, put.person, turn.now), turn)
            after.tell_stays(turn)
        turn.reply(VehicleChanged(turn.me.key))

    def on_drop_listing(self, drop: DropListing, turn: Turn) -> None:
        if drop.id not in self.lists:
            turn.refuse("not_listed", "The plate does not stand there")
            return
        after = copy(self)
        after.learn(ListingDropped(drop.id, drop.person, turn.now), turn)
        after.tell_stays(turn)
        turn.reply(VehicleChanged(turn.me.key))

    def on_put_pass(self, put: PutPass, turn: Turn) -> None:
        after = copy(self)
        if self.passes.get(put.pass_.id) != put.pass_:
            after.learn(PassNoted(put.pass_), turn)
        if put.inside:
            after.tell_stays(turn)

    def on_drop_pass(self, drop: DropPass, turn: Turn) -> None:
        if drop.id in self.passes:
            turn.record(PassForgotten(drop.id))

    def on_entry_query(self, query: EntryQuery, turn: Turn) -> None:
        place = Place(query.lot, query.groups, query.at_us)
        word, plate = self._word(place, turn), turn.me.key
        turn.reply(
            EntryAnswer(
                plate,
                plate_class(plate, query.colour),
                word.list,
                word.why,
                passes_here(self.passes.values(), place, begun=True),
                self.account,
                self._owes_fen(),
                len(self.owed),
                tuple(self.present.values()),
                self.locked,
            )
        )

    def on_vehicle_query(self, query: VehicleQuery, turn: Turn) -> None:
        turn.reply(VehicleAnswer(turn.me.key, self.face()))

    def tell_stays(self, turn: Turn) -> None:
        """Tells the open stays how the vehicle stands now; passes count from their entry, lists from now."""
        for stay in self.present.values():
            self._stand(stay.session, Place(stay.lot, rules_of(turn, stay.lot).groups, stay.entry_us), turn, turn.now)

    def _stand(self, session: str, place: Place, turn: Turn, listed_us: Micros | None = None) -> None:
        word = self._word(place if listed_us is None else place._replace(at_us=listed_us), turn)
        standing = Standing(
            turn.me.key,
            word.list,
            word.why,
            passes_here(self.passes.values(), place, begun=False),
            self.account,
            self.automatic,
            self._owes_fen(),
            len(self.owed),
            word.disabled,
            word.company,
            tuple((v.entry_us, v.left_us) for v in self.visits if v.lot == place.lot and v.left_us <= place.at_us),
        )
        turn.send(Ref("session", session), standing)

    def _word(self, place: Place, turn: Turn) -> ListWord:
        kind = plate_class(turn.me.key)
        special = kind if kind in special_plates(turn).classes else ""
        return list_word(self.lists.values(), special, place)

    def _owes_fen(self) -> int:
        return sum(each.fen for each in self.owed.values())

    def _contradict(self, older: Present, newer: Present, turn: Turn) -> None:
        """One plate stands in two places: the exit from the older one was lost, or one of the two is a copy."""
        cloned = older.lot != newer.lot and newer.entry_us - older.entry_us < CLONE_US
        why = "cloned" if cloned else "lost_exit"
        self.learn(Contradicted(older.session, newer.session, why, newer.entry_us), turn)
        if cloned:
            for one, other in ((older, newer), (newer, older)):
                turn.send(Ref("session", one.session), FlagSession("cloned_plate", other.session))
        else:
            seen = SeenElsewhere(newer.session, newer.lot, newer.entry_us)
            turn.send(Ref("session", older.session), seen)
