"""The law of actors: what breaks it fails when its class is made, or in the turn that breaks it."""

from typing import Any

import pytest

from actors.engine.actor import Actor
from actors.engine.catalogue import Catalogue
from actors.engine.law import LawBroken
from actors.engine.references import References
from actors.engine.turn import Turn
from actors.messages.forms import Command, Face, Fact, Query, Reply, Request
from actors.values import Ref


class Go(Command, frozen=True, gc=False):
    """Go."""


class Stray(Command, frozen=True, gc=False):
    """Nobody hears this."""


class Ask(Query, frozen=True, gc=False):
    """Where are you?"""


class Gone(Fact, frozen=True, gc=False):
    """It went."""


class Here(Reply, frozen=True, gc=False):
    """Here."""


class Walked(Command, frozen=True, gc=False):
    """The map answers."""


class AskWay(Request, frozen=True, gc=False):
    """Which way?"""

    port = "map"
    answers = (Walked,)


class NoFace(Face, frozen=True, gc=False):
    """Nothing to see."""


class Shown(Actor):
    """What the actors of these tests have in common."""

    def face(self) -> NoFace:
        return NoFace()


def test_one_message_has_one_handler() -> None:
    with pytest.raises(LawBroken, match="two methods for Go"):

        class Twice(Shown, kind="twice"):
            def on_go(self, go: Go, turn: Turn) -> None: ...

            def on_go_again(self, go: Go, turn: Turn) -> None: ...


def test_every_recorded_fact_is_remembered() -> None:
    with pytest.raises(LawBroken, match="records Gone but no fold_"):

        class Forgetful(Shown, kind="forgetful"):
            def on_go(self, go: Go, turn: Turn) -> None:
                turn.record(Gone())


def test_a_handler_names_a_message() -> None:
    with pytest.raises(LawBroken, match="must name a Message"):

        class Deaf(Shown, kind="deaf"):
            def on_go(self, go: Gone, turn: Turn) -> None: ...


def test_an_actor_shows_a_face() -> None:
    with pytest.raises(LawBroken, match="shows no face"):

        class Hidden(Actor, kind="hidden"):
            def on_go(self, go: Go, turn: Turn) -> None: ...


def test_what_is_sent_is_heard_by_somebody() -> None:
    class Shouter(Shown, kind="shouter"):
        def on_go(self, go: Go, turn: Turn) -> None:
            turn.send(Ref("shouter", "a"), Stray())

    with pytest.raises(LawBroken, match="sends Stray, which nobody hears"):
        Catalogue((Shouter,))


class Lost(Shown, kind="lost"):
    """Asks the map for its way, and hears the answer."""

    def on_go(self, go: Go, turn: Turn) -> None:
        turn.outside(AskWay())

    def on_walked(self, walked: Walked, turn: Turn) -> None: ...


class Walker(Shown, kind="walker"):
    """Goes; what it does with a turn is given to it by the test."""

    def on_go(self, go: Go, turn: Turn) -> None: ...

    def on_ask(self, ask: Ask, turn: Turn) -> None:
        turn.outside(AskWay())

    def on_walked(self, walked: Walked, turn: Turn) -> None: ...

    def fold_gone(self, gone: Gone) -> None: ...


def test_what_is_asked_outside_is_asked_of_a_port_that_is_there() -> None:
    with pytest.raises(LawBroken, match="AskWay of the port 'map', which is not there"):
        Catalogue((Walker, Lost), frozenset({"maps"}))
    assert Catalogue((Walker, Lost), frozenset({"map"})).decode_request(b"\x91\xa6AskWay") == AskWay()


def test_whoever_asks_outside_hears_every_answer() -> None:
    class Deaf(Shown, kind="deaf"):
        def on_go(self, go: Go, turn: Turn) -> None:
            turn.outside(AskWay())

    with pytest.raises(LawBroken, match="asks AskWay and does not hear the answer Walked"):
        Catalogue((Walker, Deaf), frozenset({"map"}))


def test_two_kinds_have_two_names() -> None:
    with pytest.raises(LawBroken, match="one name"):
        Catalogue((Walker, Walker))


def turn_of(query: bool = False) -> Turn:
    """A turn of a walker."""
    return Turn(Ref("walker", "a"), 0, Walker(), Catalogue((Walker, Lost), frozenset({"map"})), References(), query)


def test_a_refusal_stands_alone() -> None:
    turn = turn_of()
    turn.refuse("no", "No.")
    turn.check()
    turn.facts.append(Gone())
    with pytest.raises(LawBroken, match="refused and acted"):
        turn.check()
    turn.facts.clear()
    turn.outside(AskWay())
    with pytest.raises(LawBroken, match="refused and acted"):
        turn.check()


@pytest.mark.parametrize(
    "act",
    [
        lambda turn: turn.record(Gone()),
        lambda turn: turn.send(Ref("walker", "b"), Go()),
        lambda turn: turn.wake("later", 1, Go()),
        lambda turn: turn.cancel("later"),
        lambda turn: turn.outside(AskWay()),
    ],
    ids=["records", "sends", "wakes", "cancels", "asks outside"],
)
def test_a_query_changes_nothing(act: Any) -> None:
    act(turn_of())
    with pytest.raises(LawBroken, match="while it answers a query"):
        act(turn_of(query=True))


def test_what_a_kind_does_not_say_that_it_asks_it_may_not_ask() -> None:
    class Whim(Request, frozen=True, gc=False):
        """Nobody has said that a walker asks this: its answer might find no ears."""

    with pytest.raises(LawBroken, match="may not ask Whim"):
        turn_of().outside(Whim())


def test_an_actor_answers_once() -> None:
    turn = turn_of()
    turn.reply(Here())
    with pytest.raises(LawBroken, match="answered twice"):
        turn.reply(Here())


def test_a_fact_of_another_kind_is_not_recorded() -> None:
    class Other(Fact, frozen=True, gc=False):
        """Of another kind."""

    with pytest.raises(LawBroken, match="cannot remember Other"):
        turn_of().record(Other())


def test_a_message_goes_only_to_who_hears_it() -> None:
    with pytest.raises(LawBroken, match="does not hear Stray"):
        turn_of().send(Ref("walker", "b"), Stray())


def test_chance_is_the_same_when_a_turn_is_decided_again() -> None:
    assert turn_of().rng.random() == turn_of().rng.random()
