"""What must be true when a generated day is over: of stays by the truth and the tariff, of money by its facts alone."""

from collections import defaultdict
from typing import NamedTuple

from actors.messages.account import WalletMoved
from actors.messages.bay import Missed
from actors.messages.payment_facts import PaymentContradicted, PaymentRefunded, PaymentSucceeded
from actors.messages.session_facts import Priced, Received, Returned
from actors.messages.session_shown import SessionFace
from actors.tariffs import Days, Plan, Stay, Versions, covers_until, quote
from actors.tariffs.document import read_tariff
from actors.values import Micros, Ref
from storage.ledger.booking import BOOKED, Entry, book, sums
from tests.actors.kinds.one_bay import TARIFF
from tests.days.cells import Cells
from tests.days.generated import CONTRADICTS, LIES, OWNER, OWNER_PCT, SHARED, Day, Frame, People
from tests.days.provider import Doubted

PLAN, DAYS = Plan(read_tariff(TARIFF)), Days()


class Seen(NamedTuple):
    """A stay as the bay's sensor could know it; no exit if it never said so."""

    entry_us: Micros
    exit_us: Micros | None


class Facts:
    """All that became true, by who recorded it."""

    def __init__(self, cells: Cells) -> None:
        self.all = cells.turned()
        self.of: dict[Ref, list[object]] = defaultdict(list)
        for ref, _, fact in self.all:
            self.of[ref].append(fact)


def audit(cells: Cells, people: People, day: Day) -> None:
    """Raises AssertionError at the first thing that is not as it must be."""
    facts = Facts(cells)
    faces = cells.faces_of("session", SessionFace)
    for bay, frames in day.frames.items():
        seen = sensed(frames)
        mine = [faces[Ref("session", f"{bay.key}-{n}")] for n in range(1, len(seen) + 1)]
        assert Ref("session", f"{bay.key}-{len(seen) + 1}") not in faces, "a stay that nobody made"
        assert [Seen(face.entry_us, face.exit_us) for face in mine] == seen
        charged_by_the_tariff(mine, day, bay)
        exact_or_listed(mine, day, bay, facts.of[bay])
    _books_balance(facts, faces)
    _provider_agrees(facts, people)
    _lies_are_listed(facts, people, day)


def sensed(frames: list[Frame]) -> list[Seen]:
    """What a sensor's frames say, by their numbers and its clock; one that comes after a newer one says nothing."""
    newest, found = 0, [Seen(0, 0)]
    for frame in sorted(frames, key=lambda each: each.comes_us[0]):
        if frame.n < newest:
            continue
        newest, last = frame.n, found[-1]
        if frame.occupied and last.exit_us is not None:
            found.append(Seen(frame.seen_us, None))
        elif not frame.occupied and last.exit_us is None:
            found[-1] = Seen(last.entry_us, frame.seen_us)
    return found[1:]


def charged_by_the_tariff(sessions: list[SessionFace], day: Day, bay: Ref) -> None:
    """Each stay that ended costs what the tariff says for its times, and owes what of that has not come."""
    plates = {stay.plate for stay in day.stays[bay]}
    for face in sessions:
        if face.exit_us is None:
            continue
        right = {fee(face.entry_us, face.exit_us)}
        for stay in day.stays[bay] if face.received_fen else ():  # of several where the frames between were lost
            if face.entry_us <= stay.pays_us <= face.exit_us <= covered(face.entry_us, stay.pays_us):
                right.add(fee(face.entry_us, stay.pays_us))
        assert face.charge_fen in right, face
        assert face.due_fen == face.charge_fen - face.off_fen - face.received_fen, face
        assert face.due_fen >= 0, face
        assert face.plate == "" or face.plate in plates, "a wrong plate was not put right"


def exact_or_listed(sessions: list[SessionFace], day: Day, bay: Ref, told: list[object]) -> None:
    """Each true stay has a session of exactly its times, or one that says what is missing; `told`: the bay's facts."""
    exact = {(face.entry_us, face.exit_us) for face in sessions}
    for stay in day.stays[bay]:
        if (stay.entry_us, stay.exit_us) in exact:
            continue
        met = [
            face
            for face in sessions
            if face.entry_us <= stay.exit_us and stay.entry_us <= (face.exit_us or stay.exit_us)
        ]
        missed = [fact for fact in told if isinstance(fact, Missed) and fact.seen_us >= stay.entry_us]
        assert met or missed, f"nobody knows of {stay}"
        assert all("frames_lost" in face.flags for face in met if face.exit_us), f"{stay} is not listed: {met}"


def _books_balance(facts: Facts, faces: dict[Ref, SessionFace]) -> None:
    entries: list[Entry] = []
    for ref, at, fact in facts.all:
        if type(fact) in BOOKED and (entry := book(ref, at, fact)):
            entries.append(entry)
        if isinstance(fact, WalletMoved):
            assert min(fact.balance_fen, fact.balance_gift_fen) >= 0, "a wallet below zero"
    left = sums(entries)
    assert sum(left.values()) == 0
    assert left.get("receivable", 0) + left.get("arrears", 0) == sum(face.due_fen for face in faces.values())
    assert (left.get("clearing", 0), left.get("owed_back", 0)) == (0, 0), left
    owed = {account: fen for account, fen in left.items() if fen and account.startswith("merchants:")}
    assert owed == _borne(facts, faces), "merchants owe what their coupons take off, and get their part of what came"
    for ref, face in faces.items():
        mine = facts.of[ref]
        assert face.charge_fen == sum(fact.more_fen for fact in mine if isinstance(fact, Priced))
        came: dict[str, int] = defaultdict(int)
        for fact in mine:
            if isinstance(fact, Received):
                came[fact.payment] += fact.fen
            elif isinstance(fact, Returned):
                came[fact.payment] -= fact.fen
        assert all(fen >= 0 for fen in came.values()), f"more went back than came: {ref} {came}"
        assert sum(came.values()) == face.received_fen


def _borne(facts: Facts, faces: dict[Ref, SessionFace]) -> dict[str, int]:
    """By merchant's account, what coupons take off by the last price of each stay, less the part of a bay's owner."""
    borne: dict[str, int] = defaultdict(int)
    for ref, face in faces.items():
        if ref.key.startswith(f"{SHARED.key}-"):
            borne[f"merchants:{OWNER}"] -= face.received_fen * OWNER_PCT // 100
    for mine in facts.of.values():
        prices = [fact for fact in mine if isinstance(fact, Priced)]
        for each in prices[-1].off if prices else ():
            if each.merchant:
                borne[f"merchants:{each.merchant}"] += each.fen
    return {account: fen for account, fen in borne.items() if fen}


def _provider_agrees(facts: Facts, people: People) -> None:
    """All that was paid there came here once, whatever was notified; nothing came of an order that nobody paid."""
    for order in people.provider.book.orders.values():
        mine = facts.of[Ref("payment", order.trade)]
        came = [(fact.fen, fact.provider_ref) for fact in mine if isinstance(fact, PaymentSucceeded)]
        assert came == ([(order.fen, order.ref)] if order.state == "paid" else []), order
        back = sum(fact.fen for fact in mine if isinstance(fact, PaymentRefunded))
        assert back == people.provider.given_back(order.trade) <= order.fen


def _lies_are_listed(facts: Facts, people: People, day: Day) -> None:
    """What was false, or was sent again too late, is on the list with its reason, once, and nothing else is."""
    wrong: list[Doubted] = []
    false: set[str] = set()
    for stay in (stay for stays in day.stays.values() for stay in stays):
        payment = f"p{stay.n}"
        if not (order := people.provider.book.orders.get(("wechat", payment))):
            continue
        if stay.lie:
            wrong.append(Doubted(payment, LIES[stay.lie]))
        if stay.notice == "doubled" and order.state == "paid":
            wrong.append(Doubted(payment, "stale"))
        if stay.lie in CONTRADICTS:
            false.add(payment)
    assert sorted(people.door.doubted) == sorted(wrong)
    assert {ref.key for ref, _, fact in facts.all if isinstance(fact, PaymentContradicted)} == false


def fee(entry_us: Micros, exit_us: Micros) -> int:
    """What the tariff takes for these times."""
    return quote(PLAN, Stay(entry_us=entry_us, exit_us=exit_us), DAYS).charge_fen


def covered(entry_us: Micros, paid_us: Micros) -> Micros:
    """Until when who pays then may leave."""
    return covers_until(Versions([(0, PLAN)]), Stay(entry_us=entry_us, exit_us=paid_us), DAYS)
