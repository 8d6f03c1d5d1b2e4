"""A generated day of a small city: true stays, and what sensors, collectors, owners and provider say of them, badly.

All chances are drawn up front from one seed, so the same day can be had again, with and without kills.
"""

from random import Random
from typing import NamedTuple

import msgspec

from actors.engine.entries import FromDevice
from actors.messages.account import OpenTopUp, PayFromWallet
from actors.messages.bay import BayAnswer, BayQuery, InstallBay
from actors.messages.device import InstallDevice, Uplinked
from actors.messages.holding import ApplyShare, DecideShare, Share, Window
from actors.messages.money import Due
from actors.messages.payment import CNY, OrderCreated, PaymentAnswer, PaymentQuery, ProviderSaid, StartPayment
from actors.messages.session import NotePlate, OpenBill, PayByHand, RefundPart, SessionQuery
from actors.messages.session_shown import BillOpened, SessionAnswer
from actors.values import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Micros, Ref
from gateway.outside.sandbox.book import Sold
from tests.actors.kinds.one_bay import TARIFF
from tests.actors.kinds.streets import T0
from tests.days.cells import Cells, Versions
from tests.days.provider import Door, Provider

LOTS = ("7", "8")
BAYS = 4
OWNERS = 3
BEAT_US = 10 * MINUTE_US
DAY_OVER_US = T0 + 2 * DAY_US
WAYS = ("wechat", "wechat", "wallet", "cash", "offline", "none")
TRUE = ("good", "late", "doubled", "lost", "out_of_order")
LIES = {
    "forged": "forged",
    "stale": "stale",
    "unknown_key": "unknown_key",
    "unreadable": "unreadable",
    "other_merchant": "wrong_merchant",
    "other_amount": "amount",
    "other_currency": "currency",
    "never_begun": "unknown_payment",
}
"""What is notified of an order before anybody has paid it, and for which reason nothing moves."""
CONTRADICTS = ("other_amount", "other_currency")
"""Sealed rightly, for us, of a payment of ours, and false: that payment hears it, and says so."""
SHOPS = ("", "", "cafe", "bakery")
SHARED, OWNER, OWNER_PCT = Ref("holding", "7/b0"), "owen", 33
"""A bay that its owner shares all the time, and what he gets of what comes."""


class Stay(NamedTuple):
    """A true stay: whose, where and when, how it is paid, and what goes wrong with that."""

    n: int
    bay: Ref
    entry_us: Micros
    exit_us: Micros
    plate: str
    way: str
    notice: str
    lie: str
    before: bool
    wrong: bool
    refund: bool
    shop: str = ""
    """Whose coupon its owner uses."""
    pays: bool = True
    """Whether the owner of an order goes on and pays it."""

    @property
    def pays_us(self) -> Micros:
        """When its driver pays, if at all: a minute before leaving, or ten after."""
        return self.exit_us - MINUTE_US if self.before else self.exit_us + 10 * MINUTE_US


class Frame(NamedTuple):
    """What a sensor saw, and when that comes, once or twice."""

    n: int
    seen_us: Micros
    occupied: bool
    comes_us: tuple[Micros, ...]


class Day(NamedTuple):
    """The truth of a day: each bay's stays and its sensor's frames that were not lost."""

    stays: dict[Ref, list[Stay]]
    frames: dict[Ref, list[Frame]]


def versions() -> Versions:
    """The city's rules and its tariff."""
    named: dict[str, object] = {"tariff/a": TARIFF}
    for lot in LOTS:
        named |= {f"rules/{lot}": {"mode": "sensor_pda", "operator": "north"}, f"tariff-of/{lot}": {"tariff": "a"}}
    return [(name, 1, msgspec.msgpack.encode(value)) for name, value in named.items()]


def generate(seed: int) -> Day:
    """The day of this seed."""
    rng = Random(seed)
    stays: dict[Ref, list[Stay]] = {}
    frames: dict[Ref, list[Frame]] = {}
    for lot in LOTS:
        for number in range(BAYS):
            bay = Ref("bay", f"{lot}/b{number}")
            stays[bay] = _stays(bay, 100 * len(stays), rng)
            frames[bay] = _frames(stays[bay], rng)
    return Day(stays, frames)


def _stays(bay: Ref, first: int, rng: Random) -> list[Stay]:
    found: list[Stay] = []
    at_us = T0 + rng.randrange(BEAT_US)
    while at_us < T0 + DAY_US:
        n = first + len(found)
        exit_us = at_us + rng.choice([4, 20, 70, 200]) * MINUTE_US + rng.randrange(30 * MINUTE_US)
        chances = (rng.random() < chance for chance in (0.3, 0.2, 0.15))
        paid = (rng.choice(WAYS), rng.choice(TRUE), rng.choice(("", *LIES)))
        said = (f"京A{n:05d}", *paid, *chances, rng.choice(SHOPS), rng.random() < 0.85)
        found.append(Stay(n, bay, at_us, exit_us, *said))
        at_us = exit_us + rng.randrange(MINUTE_US, 4 * HOUR_US)
    return found


def _frames(stays: list[Stay], rng: Random) -> list[Frame]:
    """Every change and a heartbeat between; some are lost, late or doubled."""
    seen = [(T0 - 1, False)]
    for stay in stays:
        beats = range(stay.entry_us, stay.exit_us, BEAT_US)
        seen += [(at_us, True) for at_us in beats] + [(stay.exit_us, False), (stay.exit_us + 30 * SECOND_US, False)]
    found: list[Frame] = []
    for n, (at_us, occupied) in enumerate(seen, 1):
        chance = rng.random()
        late_us = rng.randrange(25 * MINUTE_US) if n > 1 and chance < 0.1 else 0
        comes = (at_us + late_us + 1,) if chance < 0.9 else (at_us + 1, at_us + rng.randrange(2, HOUR_US))
        if n == 1 or not 0.1 < chance < 0.16:
            found.append(Frame(n, at_us, occupied, comes))
    return found


class People:
    """What collectors and owners do about stays, and the provider's notifications of it."""

    def __init__(self, cells: Cells, provider: Provider) -> None:
        self.cells, self.provider = cells, provider
        self.door = Door(cells, provider)

    def meet(self, day: Day) -> None:
        """Plans a day: the register, the sensors' frames, and who comes to which stay."""
        for number in range(OWNERS):
            self.cells.at(T0 - 3 * SECOND_US, lambda here, number=number: _top_up(here, number))
        self.cells.at(T0 - 3 * SECOND_US, _share)
        for bay, frames in day.frames.items():
            self.cells.at(T0 - 2 * SECOND_US, lambda here, bay=bay: _install(here, bay))
            for frame in frames:
                for comes_us in frame.comes_us:
                    self.cells.at(comes_us, lambda here, bay=bay, frame=frame: _hear(here, bay, frame))
            for stay in day.stays[bay]:
                self.cells.at(stay.entry_us + 2 * MINUTE_US, lambda here, stay=stay: self._note(stay))

    def _note(self, stay: Stay) -> None:
        """The collector walks by. He reads wrongly now and then, and sees it later."""
        face = self.cells.look(stay.bay, BayQuery())
        if not (isinstance(face, BayAnswer) and face.face.session):
            return  # the sensor has said nothing yet
        session = Ref("session", face.face.session)
        now, first = self.cells.now, f"京B{stay.n:05d}" if stay.wrong else stay.plate
        self.cells.say(f"n{stay.n}", session, NotePlate(first, "blue", "pda", "p1", 100, now, "li"))
        if stay.wrong:
            again = NotePlate(stay.plate, "blue", "staff", "", 100, now, "boss")
            self.cells.at(stay.exit_us + 5 * MINUTE_US, lambda here: here.say(f"c{stay.n}", session, again))
        self.cells.at(stay.pays_us, lambda here: self._pay(stay, session))

    def _pay(self, stay: Stay, session: Ref) -> None:
        shown = self.cells.look(session, SessionQuery())
        assert isinstance(shown, SessionAnswer)
        payment, owner = f"p{stay.n}", f"a{stay.n % OWNERS}"
        if stay.way == "offline":
            self._by_hand(stay, session, shown.due_fen or 250, offline=True)
        elif stay.way == "cash" and shown.due_fen:
            self._by_hand(stay, session, shown.due_fen, offline=False)
        elif stay.way in ("wechat", "wallet"):
            bill = self.cells.say(f"b{stay.n}", session, OpenBill(payment, stay.way, owner, _coupon(stay)))
            if isinstance(bill, BillOpened) and stay.way == "wallet":
                dues = (Due("session", session.key, bill.bill.due_fen),)
                self.cells.say(f"w{stay.n}", Ref("account", owner), PayFromWallet(payment, dues))
            elif isinstance(bill, BillOpened):
                self._order(stay, session, bill.bill.due_fen, bill.bill.until_us)
        if stay.refund:
            part = RefundPart(payment, 100, "sorry", "boss", f"k{stay.n}")
            self.cells.at(self.cells.now + HOUR_US, lambda here: here.say(f"r{stay.n}", session, part))

    def _by_hand(self, stay: Stay, session: Ref, fen: int, offline: bool) -> None:
        paid = PayByHand(f"p{stay.n}", "cash", fen, "li", "s1", self.cells.now, offline)
        later = self.cells.now + (40 * MINUTE_US if offline else 0)
        for delay in (0, MINUTE_US):  # the device hears no answer, and says it again
            self.cells.at(later + delay + 1, lambda here: here.say(f"h{stay.n}", session, paid))

    def _order(self, stay: Stay, session: Ref, fen: int, until_us: Micros) -> None:
        """The owner scans and pays, perhaps when the order's time is nearly over; then the provider notifies us."""
        payment = Ref("payment", f"p{stay.n}")
        due = (Due("session", session.key, fen),)
        merchant = self.provider.merchant
        start = StartPayment("wechat", "native", due, "", "parking", until_us, merchant=merchant)
        self.cells.say(f"s{stay.n}", payment, start)
        self.cells.say(f"o{stay.n}", payment, OrderCreated(merchant, "weixin://x"))
        self.provider.now = self.cells.now
        self.provider.order(payment.key, fen, until_us)
        paid_us = until_us - SECOND_US if stay.notice == "late" else self.cells.now + 20 * SECOND_US + stay.n
        if stay.lie:
            self.cells.at(self.cells.now + 5 * SECOND_US, lambda here: self._lies(stay, payment.key))
        if stay.pays:
            self.cells.at(paid_us, lambda here: self._pays(stay, payment.key))

    def _lies(self, stay: Stay, payment: str) -> None:
        """Somebody says of an order that it is paid, and it is not."""
        self.provider.now = self.cells.now
        claimed = self.provider.claimed(payment)
        if stay.lie == "never_begun":
            claimed = msgspec.structs.replace(claimed, trade=f"x{payment}")
        self.door.told(payment, claimed, stay.lie, f"l{stay.n}")
        answer = self.cells.look(Ref("payment", payment), PaymentQuery())
        assert isinstance(answer, PaymentAnswer)
        assert answer.face.state == "created", f"{stay.lie} was believed"

    def _pays(self, stay: Stay, payment: str) -> None:
        """The owner pays, and the provider tells of it, or of how it was before, or never."""
        unpaid = self.provider.book.orders["wechat", payment]
        self.provider.now = self.cells.now
        paid = self.provider.pay(payment)
        old = [msgspec.structs.replace(unpaid, state=state) for state in ("unpaid", "closed")]
        told: dict[str, list[tuple[Micros, Sold]]] = {
            "good": [(SECOND_US, paid)],
            "late": [(40 * MINUTE_US, paid)],
            "doubled": [(SECOND_US, paid), (2 * SECOND_US, paid)],
            "lost": [],
            "out_of_order": [(SECOND_US, paid), *((2 * SECOND_US, each) for each in old)],
        }
        for n, (delay_us, order) in enumerate(told[stay.notice]):
            again = stay.notice == "doubled" and n == 0
            tell = lambda here, n=n, order=order, again=again: self._tells(payment, order, f"x{stay.n}-{n}", again)  # noqa: E731
            self.cells.at(self.cells.now + delay_us, tell)

    def _tells(self, payment: str, order: Sold, key: str, again: bool) -> None:
        """A true notification; somebody may have kept it, and sends it once more an hour later."""
        self.provider.now = self.cells.now
        sent = self.door.told(payment, order, "", key)
        if again:
            self.cells.at(self.cells.now + HOUR_US, lambda here: self.door.hears(payment, sent, f"{key}-again"))


def _coupon(stay: Stay) -> bytes:
    """The coupon of 1.00 that this stay's owner has of a shop, if any."""
    coupon = {"id": f"k{stay.n}", "kind": "amount", "amount_fen": 100, "merchant": stay.shop}
    return msgspec.msgpack.encode([coupon]) if stay.shop else b""


def _top_up(here: Cells, number: int) -> None:
    account = Ref("account", f"a{number}")
    here.say(f"t{number}", account, OpenTopUp(f"t{number}", 2_000))
    payment = Ref("payment", f"t{number}")
    due = (Due("account", account.key, 2_000),)
    here.say(f"ts{number}", payment, StartPayment("wechat", "native", due, "", "top-up", here.now + HOUR_US))
    here.say(f"tx{number}", payment, ProviderSaid("paid", 2_000, CNY, "", f"w{number}", here.now))


def _share(here: Cells) -> None:
    windows = tuple(Window(day, 0, 24 * 60) for day in range(7))
    share = Share("s", OWNER, "Asia/Shanghai", windows, T0 - DAY_US, T0 + 9 * DAY_US)
    here.say("share", SHARED, ApplyShare(share))
    here.say("agreed", SHARED, DecideShare(True, "boss", "seen", OWNER_PCT))


def _install(here: Cells, bay: Ref) -> None:
    device = _sensor(bay)
    here.say(f"i{bay.key}", bay, InstallBay(bay.own_id, "common"))
    here.say(f"d{bay.key}", device, InstallDevice("yun-json", bay.own_id, 0))


def _hear(here: Cells, bay: Ref, frame: Frame) -> None:
    up = Uplinked(frame.seen_us, here.now, frame.occupied, serial=frame.n, boot=1)
    here.say(FromDevice(_sensor(bay), 1, frame.n), _sensor(bay), up)


def _sensor(bay: Ref) -> Ref:
    return Ref("device", f"{bay.place}/d-{bay.own_id}")
