"""The door, as a table: label x recipient x purpose x who holds it. The tables are the standard's, written out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachsorge.locale import speaking
from nachsorge.model.labels import (
    MOST_RESTRICTIVE_LAST,
    Audience,
    Consent,
    Label,
    Pap,
    Party,
    Permission,
    Purpose,
    Release,
    Withheld,
)
from nachsorge.model.words import Tlp
from nachsorge.sharing.door import may_leave

A, P = Audience, Purpose
ACME = Party(A.ORGANISATION, "acme")
OTHER = Party(A.ORGANISATION, "other")
CERT = Party(A.CERT, "the CERT")
PARTNER = Party(A.CERT, "a partner")
ADA = Party(A.NAMED, "ada")
EVE = Party(A.NAMED, "eve")
CONSTITUENCY, COMMUNITY, PUBLIC = Party(A.CONSTITUENCY), Party(A.COMMUNITY), Party(A.PUBLIC)
ALL = (ACME, OTHER, CERT, PARTNER, ADA, CONSTITUENCY, COMMUNITY, PUBLIC)
EVERYTHING = Consent(count=True, pass_to=frozenset({"constituency", "community", "partners"}), name=True)


def goes(label: Label, recipient: Party, purpose: Purpose = P.USE_OWN, consent: Consent | None = None, *,
         origin: Party = ACME, holder: Party | None = CERT) -> bool:  # fmt: skip
    answer = may_leave(label, origin, recipient, purpose, consent, holder=holder)
    assert answer.why if isinstance(answer, Release) else answer.reason, "every answer says why"
    return isinstance(answer, Release)


FROM_CERT = {
    Tlp.RED: {ACME},
    Tlp.AMBER_STRICT: {ACME, CERT},
    Tlp.AMBER: {ACME, CERT, OTHER, CONSTITUENCY},
    Tlp.GREEN: set(ALL) - {PUBLIC},
    Tlp.CLEAR: set(ALL),
}
"""What a CERT holds of acme, and who may have it to defend itself: by the label alone."""

FROM_ACME = {
    Tlp.RED: {ACME, ADA},
    Tlp.AMBER_STRICT: {ACME, OTHER, CERT, PARTNER, ADA},
    Tlp.AMBER: {ACME, OTHER, CERT, PARTNER, ADA, CONSTITUENCY},
    Tlp.GREEN: set(ALL) - {PUBLIC},
    Tlp.CLEAR: set(ALL),
}
"""What acme itself may hand to one that it chooses: the label then binds whoever gets it."""


@pytest.mark.parametrize("tlp", list(Tlp))
@pytest.mark.parametrize("recipient", ALL, ids=str)
def test_by_the_label_alone(tlp: Tlp, recipient: Party) -> None:
    assert goes(Label(tlp), recipient) == (recipient in FROM_CERT[tlp])
    assert goes(Label(tlp), recipient, holder=ACME) == (recipient in FROM_ACME[tlp])


@pytest.mark.parametrize("tlp", list(Tlp))
def test_nothing_without_a_label(tlp: Tlp) -> None:
    for recipient in ALL:
        for purpose in Purpose:
            answer = may_leave(None, ACME, recipient, purpose, EVERYTHING, holder=ACME)
            assert isinstance(answer, Withheld) and "no label" in answer.reason


@pytest.mark.parametrize("recipient", [OTHER, PARTNER, CONSTITUENCY, COMMUNITY, PUBLIC], ids=str)
@pytest.mark.parametrize("tlp", list(Tlp))
def test_what_was_reported_is_passed_on_only_with_consent(tlp: Tlp, recipient: Party) -> None:
    """CERT.at: confidential; passed on only with consent."""
    assert not goes(Label(tlp), recipient, P.PASS_ON, Consent())
    if tlp is not Tlp.CLEAR:
        assert not goes(Label(tlp), recipient, P.PASS_ON)
    allowed = recipient in FROM_CERT[tlp] and recipient is not PUBLIC
    assert goes(Label(tlp), recipient, P.PASS_ON, EVERYTHING) == allowed, "consent does not widen the label"


@pytest.mark.parametrize("tlp", list(Tlp))
@pytest.mark.parametrize("recipient", ALL, ids=str)
def test_nobody_is_named_without_having_agreed(tlp: Tlp, recipient: Party) -> None:
    """GovCERT: single organisations are named only in agreement with them."""
    assert not goes(Label(tlp), recipient, P.NAME)
    assert not goes(Label(tlp), recipient, P.NAME, Consent(count=True, pass_to=EVERYTHING.pass_to))
    assert goes(Label(tlp), recipient, P.NAME, EVERYTHING) <= (recipient in FROM_CERT[tlp])


@pytest.mark.parametrize("tlp", list(Tlp))
def test_nothing_reported_is_published_without_express_consent(tlp: Tlp) -> None:
    """CERT.at: nothing to authorities or press without prior express consent."""
    assert not goes(Label(tlp), PUBLIC, P.PUBLISH, EVERYTHING)
    assert goes(Label(tlp), PUBLIC, P.PUBLISH) == (tlp is Tlp.CLEAR), "a pack's author says it by the label"
    said = Consent(wider=(Permission(A.PUBLIC, "acme's press office", "2026-11-01"),))
    assert goes(Label(tlp), PUBLIC, P.PUBLISH, said)


@pytest.mark.parametrize("tlp", list(Tlp))
def test_counting_needs_consent_and_then_no_more(tlp: Tlp) -> None:
    assert goes(Label(tlp), PUBLIC, P.COUNT, Consent(count=True))
    assert not goes(Label(tlp), CERT, P.COUNT, Consent())
    assert goes(Label(tlp), PUBLIC, P.COUNT) == (tlp is Tlp.CLEAR)


def test_red_is_for_the_persons_named() -> None:
    red = Label(Tlp.RED, restrictions=("named:ada",))
    assert goes(red, ADA, P.HELP)
    assert not goes(red, EVE, P.HELP)
    assert not goes(red, CERT, P.HELP), "not even for all of the house that holds it"


def test_a_permission_names_who_gave_it_and_when() -> None:
    strict = Label(Tlp.AMBER_STRICT)
    assert goes(strict, COMMUNITY, P.PASS_ON, Consent(wider=(Permission(A.COMMUNITY, "acme", "2026-11-01"),)))
    assert not goes(strict, COMMUNITY, P.PASS_ON, Consent(wider=(Permission(A.COMMUNITY, "", "2026-11-01"),)))
    assert not goes(strict, PUBLIC, P.PASS_ON, Consent(wider=(Permission(A.COMMUNITY, "acme", "2026-11-01"),)))


def test_two_sources_of_the_same_label_are_two_circles() -> None:
    amber = Label(Tlp.AMBER_STRICT)
    assert goes(amber, ACME) and not goes(amber, OTHER)
    assert goes(amber, OTHER, origin=OTHER) and not goes(amber, ACME, origin=OTHER)


def test_a_source_without_a_name_is_nobody_to_give_it_back_to() -> None:
    assert not goes(Label(Tlp.AMBER_STRICT), Party(A.ORGANISATION), origin=Party(A.ORGANISATION))


def test_a_sources_own_restrictions_hold() -> None:
    assert not goes(Label(Tlp.GREEN, restrictions=("not:partners",)), PARTNER)
    assert goes(Label(Tlp.GREEN, restrictions=("not:partners",)), COMMUNITY)
    for words in ("not before March", "embargo"):
        assert not goes(Label(Tlp.CLEAR, restrictions=(words,)), COMMUNITY), "a person has to judge it"
        assert goes(Label(Tlp.CLEAR, restrictions=(words,)), CERT), "it has it already"


LABELS = st.builds(Label, st.sampled_from(Tlp), st.sampled_from(Pap))
PARTIES = st.sampled_from(ALL)
HOLDERS = st.sampled_from([None, ACME, CERT])


@given(LABELS, PARTIES, st.sampled_from(Purpose), st.sampled_from([None, Consent(), EVERYTHING]), HOLDERS)
def test_a_stricter_label_never_reaches_further(label: Label, to: Party, what: Purpose, consent: Consent | None,
                                                holder: Party | None) -> None:  # fmt: skip
    reached = [goes(Label(tlp, label.pap), to, what, consent, holder=holder) for tlp in MOST_RESTRICTIVE_LAST]
    if to is not ADA and what is not P.COUNT:  # RED to one person is its very use
        assert reached == sorted(reached, reverse=True)


@given(LABELS, PARTIES, st.sampled_from(Purpose), HOLDERS)
def test_more_consent_never_holds_back(label: Label, to: Party, what: Purpose, holder: Party | None) -> None:
    assert goes(label, to, what, Consent(), holder=holder) <= goes(label, to, what, EVERYTHING, holder=holder)


@given(LABELS, PARTIES, st.sampled_from(Purpose), st.sampled_from([None, Consent(), EVERYTHING]))
def test_an_unknown_holder_gets_nothing_more(label: Label, to: Party, what: Purpose, consent: Consent | None) -> None:
    assert goes(label, to, what, consent, holder=None) <= goes(label, to, what, consent, holder=CERT)


def test_only_the_door_makes_a_release() -> None:
    source = Path(__file__).parents[2] / "src" / "nachsorge"
    made = [
        path.relative_to(source).as_posix()
        for path in sorted(source.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")) == "Release"
        and not path.is_relative_to(source / "cert" / "picture")  # a release of statistics, by other rules
    ]
    assert set(made) == {"sharing/door.py"}


@pytest.mark.parametrize("tlp", list(Tlp))
def test_every_answer_is_german_for_those_who_speak_it(tlp: Tlp) -> None:
    asked = [
        (label, to, what, consent)
        for label in (
            Label(tlp),
            Label(tlp, restrictions=("named:eve", "not:partners")),
            Label(tlp, restrictions=("x",)),
        )
        for to in ALL
        for what in Purpose
        for consent in (None, Consent(), EVERYTHING, Consent(wider=(Permission(to.audience, "acme", "2026"),)))
    ]

    def said() -> list[str]:
        answers = [may_leave(label, ACME, to, what, consent, holder=CERT) for label, to, what, consent in asked]
        return [each.why if isinstance(each, Release) else each.reason for each in answers]

    english = said()
    with speaking("de"):
        german = said()
    assert not {*english} & {*german}
    assert not any(word in text for text in german for word in ("not ", "its ", "allow", "the "))
