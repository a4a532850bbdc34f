"""What counts and what does not, from submissions in the database."""

from __future__ import annotations

import pytest
from tests.cert.desk.made import case_of, person


def gathered(campaign):
    from nachsorge.cert.picture.units import gather

    return gather(person("ada"), campaign)


def test_a_report_counts_for_all_circles_if_its_reporter_allows_counting(campaign):
    from nachsorge.cert.picture.rules import Circle

    for label in ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT"):
        case_of(label=label)
    found = gathered(campaign)
    assert [one.circles for one in found.told] == [frozenset(Circle)] * 4
    assert found.left_out == {}


def test_red_counts_only_if_its_source_said_so(campaign):
    case_of(label="RED", purposes={"count": False, "pass_to": [], "name": False})
    assert gathered(campaign).told == ()
    case_of(label="RED", purposes={"count": True, "pass_to": [], "name": False})
    assert len(gathered(campaign).told) == 1


def test_without_consent_it_does_not_count_and_that_is_said(campaign):
    case_of(purposes={"count": False, "pass_to": [], "name": False})
    found = gathered(campaign)
    assert (found.told, found.left_out) == ((), {"no-consent": 1})


@pytest.mark.parametrize("state", ["refuted", "duplicate"])
def test_what_the_desk_ruled_out_does_not_count(campaign, state):
    case = case_of()
    case.state = state
    case.save()
    assert (gathered(campaign).told, gathered(campaign).left_out) == ((), {state: 1})


def test_an_exercise_never_counts(campaign):
    from nachsorge.cert.intake.models import Submission

    campaign.packs = ["3cx-2023", "test"]
    campaign.save()
    case_of(incident={"pack": "test", "version": "", "sha256": "", "title": ""})
    assert Submission.objects.get().campaign == campaign
    assert (gathered(campaign).told, gathered(campaign).left_out) == ((), {"test": 1})


def test_an_update_takes_the_place_of_what_it_updates(campaign):
    ident = "8f14e45f-ceea-467f-a8cf-0e5f5f3c9a11"
    case_of(id=ident)
    case_of(id=ident, sequence=2, organisation={"region": "AT-2"})
    assert [one.region for one in gathered(campaign).told] == ["AT-2"]


def test_organisations_under_one_control_are_one(campaign):
    from nachsorge.cert.intake.models import Submission
    from nachsorge.cert.picture.told import units
    from nachsorge.cert.registry.models import Group, Organisation

    group = Group.objects.create(name="Holding")
    for place in range(3):
        case = case_of()
        owner = Organisation.objects.create(name=f"Part {place}", group=group)
        Submission.objects.filter(pk=case.submission_id).update(organisation=owner)
    case_of()
    assert len(units(gathered(campaign).told)) == 2


def test_whoever_may_not_read_counts_nothing(campaign):
    from nachsorge.cert.desk.roles import Role
    from nachsorge.cert.picture.units import gather

    case_of()
    assert gather(person("rita", Role.REPORTER), campaign).told == ()
    assert gather(person("ada", strong=False), campaign).told == ()


def test_verified_is_what_the_desk_verified(campaign):
    from nachsorge.cert.picture.told import Basis

    case_of()
    case = case_of()
    case.state = "verified"
    case.save()
    assert sorted(one.basis for one in gathered(campaign).told) == [Basis.REPORTED, Basis.VERIFIED]


def test_a_partners_number_is_spoken_of_only_if_the_partner_allows_it(campaign):
    from nachsorge.cert.picture.rules import Circle
    from nachsorge.cert.picture.units import known_to_partners, partners
    from nachsorge.cert.registry.models import PartnerCount

    plain = {"campaign": campaign, "label": "GREEN", "entered_by": "ada"}
    PartnerCount.objects.create(**plain, partner="A", number=14)
    PartnerCount.objects.create(**plain, partner="B", number=30, publishable=True)
    PartnerCount.objects.create(**plain, partner="B", number=40, publishable=True)
    PartnerCount.objects.create(**plain | {"label": "RED", "entered_by": "bea"}, partner="C", number=99)
    found = partners(person("ada"), campaign)
    assert known_to_partners(found, Circle.PUBLIC) == (40,)
