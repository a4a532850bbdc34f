"""The pure rules of reading: few, and true over the whole matrix."""

import pytest

from nachsorge.cert.desk.roles import DEEDS, NOBODY, Deed, Role, Viewer
from nachsorge.cert.desk.rules import SILENT, TO_MACHINES, Way, may_name, may_see, named_labels, open_labels, table
from nachsorge.model.words import Tlp

STAFF = tuple(Viewer(role.value, frozenset({role}), strong=True) for role in (Role.ANALYST, Role.APPROVER, Role.ADMIN))
WEAK = tuple(Viewer(f"weak {each.name}", each.roles) for each in STAFF)
OUTSIDE = (NOBODY, Viewer("rep", frozenset({Role.REPORTER}), strong=True))
EVERYBODY = (*STAFF, *WEAK, *OUTSIDE)


def test_the_matrix_is_whole():
    assert len(list(table(EVERYBODY))) == len(EVERYBODY) * len(Tlp) * len(Way) * 2


@pytest.mark.parametrize("viewer", [*WEAK, *OUTSIDE], ids=lambda v: v.name or "nobody")
def test_without_role_or_second_factor_nothing_is_seen_even_when_named(viewer):
    assert not any(seen for *_, seen in table((viewer,)))
    assert not any(viewer.may(deed) for deed in Deed)


@pytest.mark.parametrize("viewer", STAFF, ids=lambda v: v.name)
def test_red_is_for_the_named_and_never_for_machines(viewer):
    for way in Way:
        assert not may_see(viewer, Tlp.RED, way)
        assert may_see(viewer, Tlp.RED, way, named=True) == (way not in SILENT | TO_MACHINES)


@pytest.mark.parametrize("viewer", STAFF, ids=lambda v: v.name)
def test_errors_and_file_names_say_nothing_to_anybody(viewer):
    assert not any(may_see(viewer, label, way, named=True) for label in Tlp for way in SILENT)


def test_a_more_restrictive_label_never_shows_more():
    order = [Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED]
    for viewer in EVERYBODY:
        for way in Way:
            for named in (False, True):
                seen = [may_see(viewer, label, way, named=named) for label in order]
                assert seen == sorted(seen, reverse=True)


def test_who_may_only_approve_exports_nothing_and_who_works_approves_nothing():
    assert not open_labels(STAFF[1], Way.EXPORT)
    assert not STAFF[1].may(Deed.WORK)
    assert Deed.APPROVE not in DEEDS[Role.ANALYST] | DEEDS[Role.ADMIN]


def test_being_named_adds_red_only():
    for viewer in STAFF:
        assert named_labels(viewer, Way.PAGE) - open_labels(viewer, Way.PAGE) == {Tlp.RED}


def test_the_first_to_take_a_red_record_is_named_and_then_only_the_named_name_others():
    analyst, approver, _ = STAFF
    assert may_name(analyst, named=False, anybody_named=False)
    assert not may_name(analyst, named=False, anybody_named=True)
    assert may_name(analyst, named=True, anybody_named=True)
    assert not may_name(approver, named=True, anybody_named=True)
    assert not may_name(WEAK[0], named=False, anybody_named=False)
