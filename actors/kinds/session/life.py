"""A session's life: it begins, gets a plate and a standing, ends, is corrected, reminded, given up."""

from copy import copy

from actors.engine.turn import Turn
from actors.kinds.known import factor_of, rules_of, tariff_of
from actors.kinds.session.correct import Correcting
from actors.kinds.session.follow import ARREARS
from actors.messages.passes import TakeSeat
from actors.messages.session import (
    ArrearsDue,
    Charging,
    Covered,
    EndSession,
    NotePlate,
    OpenSession,
    RemindDue,
    ScheduleQuery,
    SeenElsewhere,
    SessionQuery,
    SightAgain,
    Standing,
)
from actors.messages.session_facts import (
    ChargingNoted,
    CoverNoted,
    EntryMoved,
    PlateNoted,
    Reminded,
    SessionLeft,
    SessionOpened,
    SightedAgain,
    StandingNoted,
)
from actors.messages.session_shown import PlateTaken, Schedule, SessionAnswer, Step
from actors.plates import no_plate_identity, normal, plate_class
from actors.tariffs.problems import TariffError
from actors.tariffs.registry import TARIFF
from actors.values import Micros, Ref

SURER = ("lane", "camera", "pile", "sensor", "loop", "lock", "patrol", "pda", "owner")
"""Who is believed about when a vehicle came, the surest first."""
STEPS_MOST = 200


class Session(Correcting, kind="session"):
    """One stay of one vehicle: from its arrival to the last fen."""

    def on_open_session(self, came: OpenSession, turn: Turn) -> None:
        if self.entry_us:
            return
        after = copy(self)
        found = tariff_of(turn, turn.me.place, came.entry_us)
        tariff, version = (found.name.removeprefix(TARIFF), found.version) if found else ("", 0)
        where = (came.bay, came.entry_us, came.source, came.device, came.operator, came.mode, came.street)
        how = (came.person, came.lost, came.lane, came.fixed_fen, factor_of(turn, turn.me.place, came.entry_us))
        after.learn(SessionOpened(*where, tariff, version, *how, came.charger), turn)
        if came.lost:
            after.flag("frames_lost", f"{came.lost} before the arrival", turn)
        if came.plate:
            said = (came.source, came.device, came.confidence_pct, came.entry_us, came.person)
            after.note_plate(NotePlate(came.plate, came.colour, *said), turn)

    def on_note_plate(self, said: NotePlate, turn: Turn) -> None:
        if self.void or not self.entry_us:
            turn.refuse("session_void", "There is no such stay", session=turn.me.key)
            return
        after = copy(self)
        taken = after.note_plate(said, turn)
        turn.reply(PlateTaken(turn.me.key, after.plate, after.plate_class, taken))

    def on_sight_again(self, seen: SightAgain, turn: Turn) -> None:
        if not self.entry_us:
            return
        surer = SURER.index(seen.source) < SURER.index(self.source) if self.source in SURER else True
        if surer and seen.seen_us < self.entry_us and self.exit_us is None:
            after = copy(self)
            after.learn(EntryMoved(seen.seen_us, seen.source, seen.device), turn)
            after.tell_bay(turn)
        else:
            turn.record(SightedAgain(seen.source, seen.device, seen.seen_us))

    def on_standing(self, said: Standing, turn: Turn) -> None:
        if said.plate != self.plate:
            return  # the plate was corrected meanwhile
        after, asked = copy(self), self.passes
        # Who was asked for a seat is told when the stay is over, whether or not it has the plate still.
        passes = (*asked, *(each for each in said.passes if each not in asked))
        how = (said.plate, said.list, said.why, passes, said.account, said.automatic, said.owes_fen, said.owes)
        after.learn(StandingNoted(*how, said.disabled, said.company, said.visits), turn)
        if (self.list, self.owes, self.owes_fen) != (said.list, said.owes, said.owes_fen):
            after.tell_bay(turn)
        for each in passes[len(asked) :]:  # the others have said whether they cover it, and say anew what changes
            seat = TakeSeat(turn.me.key, self.plate, turn.me.place, self.entry_us, self.exit_us or 0)
            turn.send(Ref("pass", each), seat)
        after.price_again("standing", turn)

    def on_covered(self, said: Covered, turn: Turn) -> None:
        if said.pass_ not in self.passes:
            return
        after = copy(self)
        after.learn(CoverNoted(said.pass_, said.from_us, said.until_us, said.why), turn)
        after.price_again("pass", turn)

    def on_charging(self, said: Charging, turn: Turn) -> None:
        if self._gone(turn):
            return
        after = copy(self)
        if said.on != bool(self.charging and not self.charging[-1][1]):
            after.learn(ChargingNoted(said.on, max(said.at_us, self.entry_us)), turn)
            after.price_again("charging", turn)
        after._say_done(turn)

    def on_seen_elsewhere(self, seen: SeenElsewhere, turn: Turn) -> None:
        if self.exit_us is None and not self.void:
            copy(self).flag("seen_elsewhere", f"{seen.lot} {seen.session} {seen.at_us}", turn)

    def on_end_session(self, left: EndSession, turn: Turn) -> None:
        if self.entry_us and not self.void and self.exit_us is None:
            after = copy(self)
            after.leave(left, turn)
            turn.reply(after.answer(turn, 0, b""))
        else:
            turn.reply(self.answer(turn, 0, b""))

    def on_arrears_due(self, wake: ArrearsDue, turn: Turn) -> None:
        if self.void or self.exit_us is None or self.due_fen <= 0:
            return
        if self.bill:  # somebody is paying: look again when that is decided
            turn.wake(ARREARS, self.bill.until_us, ArrearsDue())
            return
        after = copy(self)
        after.move_arrears(self.due_fen - self.arrears_fen, "unpaid", turn)
        after.set_reminder(1, turn)

    def on_remind_due(self, wake: RemindDue, turn: Turn) -> None:
        if self.arrears_fen > 0 and wake.n > self.reminded:
            after = copy(self)
            after.learn(Reminded(wake.n, self.arrears_fen, turn.now), turn)
            after.set_reminder(wake.n + 1, turn)

    def on_session_query(self, ask: SessionQuery, turn: Turn) -> None:
        if not self.entry_us:
            turn.refuse("session_unknown", "There is no such stay", session=turn.me.key)
            return
        try:
            turn.reply(self.answer(turn, ask.at_us, ask.coupons))
        except TariffError as error:
            turn.refuse("coupon_invalid", str(error))

    def on_schedule_query(self, ask: ScheduleQuery, turn: Turn) -> None:
        if not self.entry_us:
            turn.refuse("session_unknown", "There is no such stay", session=turn.me.key)
            return
        at_us, end_us = self.now_or_exit(turn), turn.now + ask.for_us
        steps: tuple[Step, ...] = ()
        while len(steps) < STEPS_MOST:
            due_fen = self.price(turn, at_us).fen - self.paid_fen - self.written_off_fen
            until_us, _ = self.next_change(turn, at_us)
            steps = (*steps, Step(min(until_us or end_us, end_us), max(due_fen, 0)))
            if until_us is None or until_us >= end_us:
                break
            at_us = until_us + 1
        turn.reply(Schedule(turn.me.key, self.face(), steps))

    # -- deciding; all of these but `answer` are called on the copy of a handler

    def note_plate(self, said: NotePlate, turn: Turn) -> bool:
        """Keeps a word on the plate, and takes it if it is the first, surer, or a person's; whether it was taken."""
        plate = no_plate_identity(turn.me.key) if said.no_plate else normal(said.plate)
        surer = said.confidence_pct >= self.plate_pct and not self.plate_person
        taken = bool(plate) and (not self.plate or bool(said.person) or surer)
        kind = plate_class(plate, said.colour) if not said.no_plate else "no_plate"
        read = (said.source, said.device, said.confidence_pct, said.at_us, said.person)
        before, known = self.plate, (self.plate, self.plate_class)
        if taken and before and before != plate:
            self.let_go("plate_corrected", turn)
        self.learn(PlateNoted(plate, said.colour, kind, *read, taken), turn)
        if taken and said.confidence_pct < rules_of(turn, turn.me.place).confidence_pct and not said.person:
            self.flag("plate_unsure", f"{plate} {said.confidence_pct}", turn)
        elif taken and "plate_unsure" in self.flags:
            self.clear_flag("plate_unsure", said.person, "", turn)
        if taken and before != plate:
            self.tell_bay(turn)
            self.meet(turn)
        if taken and known != (plate, kind):
            self.price_again("plate", turn)
            self.tell_lot(turn)
        return taken

    def leave(self, left: EndSession, turn: Turn) -> None:
        """The vehicle is gone: the stay gets its price."""
        exit_us = max(left.exit_us, self.entry_us)
        who = (left.source, left.device, left.person, left.lost, left.lane, left.remote)
        self.learn(SessionLeft(exit_us, *who), turn)
        if left.lost:
            self.flag("frames_lost", f"{left.lost} during the stay", turn)
        if not self.plate:
            self.flag("left_unplated", "", turn)
        self.let_go("left", turn)
        self.price_again("exit", turn)
        if self.due_fen <= 0 < self.paid_fen:
            self.tell_paid(False, turn)

    def answer(self, turn: Turn, at_us: Micros, coupons: bytes) -> SessionAnswer:
        """The stay as whoever asks gets to know it."""
        now_us = self.now_or_exit(turn)
        past, there = 0 < at_us < now_us, self.exit_us is None
        then_us = at_us if past or (there and at_us) else now_us
        price = self.price(turn, then_us, coupons) if there or past or coupons else None
        charge_fen = price.charge_fen if price else self.charge_fen
        gone_fen = self.paid_by(then_us) if past else self.paid_fen + self.written_off_fen
        due_fen = price.fen - gone_fen if price else self.due_fen
        change = self.next_change(turn, then_us)
        quote = price.quote if price else self.quote
        sums = (then_us, charge_fen, max(due_fen, 0), *change, quote)
        return SessionAnswer(turn.me.key, self.face(), *sums, self.bill, self.plates, tuple(self.got.values()))
