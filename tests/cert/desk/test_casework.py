"""Work on a case: each deed needs the role, follows the table, and leaves an entry."""

import threading
from datetime import timedelta

import pytest

pytest.importorskip("django")

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone
from tests.cert.desk.made import case_of, person, user

from nachsorge.cert.desk import casework, duplicates, log, scope
from nachsorge.cert.desk.casework import Refused
from nachsorge.cert.desk.deadlines import Clock
from nachsorge.cert.desk.models import Entry, Forward, Milestone
from nachsorge.cert.desk.roles import Role
from nachsorge.cert.desk.states import State
from nachsorge.model.words import Tlp


def acts(case):
    return list(Entry.objects.filter(subject=case.submission.number).values_list("act", flat=True))


def test_the_straight_way_is_logged_with_who_and_why(db):
    ana, case = person("ana"), case_of()
    for there in (State.ACKNOWLEDGED, State.IN_VERIFICATION):
        casework.move(ana, case, there)
    casework.move(ana, case, State.VERIFIED, "seen the DNS log")
    case.refresh_from_db()
    assert case.state == "verified"
    last = Entry.objects.last()
    assert (last.who, last.why, last.details) == (
        "ana",
        "seen the DNS log",
        {"before": "in verification", "after": "verified"},
    )
    assert acts(case) == ["received", "state", "state", "state"]
    assert not log.verify().breaks


def test_steps_that_the_table_lacks_are_refused_and_leave_nothing(db):
    ana, case = person("ana"), case_of()
    for there in (State.VERIFIED, State.REFUTED, State.IN_VERIFICATION, State.RECEIVED, State.DUPLICATE):
        with pytest.raises(Refused):
            casework.move(ana, case, there, "why")
    assert acts(case) == ["received"]


def test_settling_needs_a_reason_that_is_more_than_blanks(db):
    ana, case = person("ana"), case_of()
    casework.move(ana, case, State.ACKNOWLEDGED)
    casework.move(ana, case, State.IN_VERIFICATION)
    with pytest.raises(Refused):
        casework.move(ana, case, State.REFUTED, " \n\t")


def test_whoever_saw_an_older_state_is_told_instead_of_overwriting(db):
    ana, bea, case = person("ana"), person("bea"), case_of()
    casework.move(ana, case, State.ACKNOWLEDGED, seen=State.RECEIVED)
    with pytest.raises(Refused):
        casework.move(bea, case, State.ACKNOWLEDGED, seen=State.RECEIVED)


@pytest.mark.parametrize(("role", "strong"), [(Role.APPROVER, True), (Role.REPORTER, True), (Role.ANALYST, False)])
def test_who_may_not_work_changes_nothing(db, role, strong):
    someone, case = person("eve", role, strong=strong), case_of()
    deeds = [
        lambda: casework.move(someone, case, State.ACKNOWLEDGED),
        lambda: casework.assign(someone, case, user("eve")),
        lambda: casework.name(someone, case, user("eve"), "why"),
        lambda: casework.note(someone, case, "text"),
        lambda: casework.became_aware(someone, case, timezone.now()),
        lambda: casework.met(someone, case, Clock.REPLY, timezone.now()),
        lambda: casework.belongs_to(someone, case, None, "why"),
        lambda: casework.forwarded(someone, case, "ref"),
        lambda: duplicates.link(someone, case, case_of(), "why"),
        lambda: duplicates.unlink(someone, case, "why"),
    ]
    for deed in deeds:
        with pytest.raises(PermissionDenied):
            deed()
    assert acts(case) == ["received"]


def test_red_is_closed_until_taken_and_then_opened_by_the_named_only(db):
    ana, bea, case = person("ana"), person("bea"), case_of(label="RED")
    with pytest.raises(PermissionDenied):
        casework.move(ana, case, State.ACKNOWLEDGED)
    with pytest.raises(Refused):
        casework.name(ana, case, user("bea"), "she is on duty")
    casework.name(ana, case, user("ana"), "on duty")
    casework.move(ana, case, State.ACKNOWLEDGED)
    with pytest.raises(PermissionDenied):
        casework.name(bea, case, user("bea"), "I want to")
    with pytest.raises(Refused):
        casework.assign(ana, case, user("bea"))
    casework.name(ana, case, user("bea"), "knows the firm")
    casework.assign(ana, case, user("bea"))
    assert acts(case) == ["received", "named", "state", "named", "assigned"]


def test_a_note_never_stands_in_the_log(db):
    ana, case = person("ana"), case_of()
    casework.note(ana, case, "MARKER-4711", Tlp.RED)
    assert not any("MARKER" in f"{each.why}{each.details}" for each in Entry.objects.all())


def test_writing_a_red_note_does_not_open_those_of_others(db):
    ana, bea, case = person("ana"), person("bea"), case_of()
    casework.note(ana, case, "for me alone", Tlp.RED)
    with pytest.raises(Refused):
        casework.note(bea, case, "let me in", Tlp.RED)
    assert not scope.notes(bea, case).exists()
    casework.note(bea, case, "for all of us", Tlp.AMBER)
    assert [each.text for each in scope.notes(bea, case)] == ["for all of us"]
    assert scope.notes(ana, case).count() == 2


def test_of_two_who_push_the_same_button_one_is_told(committed):
    ana, bea, case = person("ana"), person("bea"), case_of()
    told = []

    def push(who):
        try:
            casework.move(who, case, State.ACKNOWLEDGED, seen=State.RECEIVED)
            told.append("done")
        except Refused:
            told.append("refused")
        finally:
            connection.close()

    both = [threading.Thread(target=push, args=(who,)) for who in (ana, bea)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(told) == ["done", "refused"]
    assert acts(case) == ["received", "state"]
    assert not log.verify().breaks


def test_duplicates_are_linked_with_a_reason_and_taken_back(db):
    ana, case, original = person("ana"), case_of(), case_of()
    with pytest.raises(Refused):
        duplicates.link(ana, case, original, "")
    duplicates.link(ana, case, original, "same firm, same week")
    case.refresh_from_db()
    assert case.state == "duplicate"
    with pytest.raises(Refused):
        duplicates.link(ana, original, case, "round about")
    with pytest.raises(Refused):
        duplicates.link(ana, case, case_of(), "again")
    duplicates.unlink(ana, case, "another plant")
    case.refresh_from_db()
    assert case.state == "acknowledged"
    kept = case.links.get()
    assert (kept.by, kept.why, kept.undone_by, kept.undone_why) == (
        "ana",
        "same firm, same week",
        "ana",
        "another plant",
    )
    duplicates.link(ana, case, original, "the same after all")
    assert case.links.count() == 2


def test_nothing_is_its_own_duplicate_and_chains_are_not_made(db):
    ana, one, two, three = person("ana"), case_of(), case_of(), case_of()
    with pytest.raises(Refused):
        duplicates.link(ana, one, one, "self")
    duplicates.link(ana, one, two, "same")
    with pytest.raises(Refused):
        duplicates.link(ana, two, three, "would make a chain")


def test_a_mandatory_report_has_to_be_forwarded_and_a_voluntary_one_cannot_be(db):
    ana, admin = person("ana"), person("root", Role.ADMIN)
    due, free = case_of(channel="mandatory"), case_of()
    assert Forward.objects.get().case == due
    assert acts(due) == ["received", "duty to forward"]
    for someone in (ana, admin):
        with pytest.raises(Refused):
            casework.forwarded(someone, free, "ref")
    casework.forwarded(ana, due, "NIS-2026-1")
    with pytest.raises(Refused):
        casework.forwarded(ana, due, "twice")
    duty = Forward.objects.get()
    assert (duty.by, duty.reference) == ("ana", "NIS-2026-1")
    assert "forwarded" in acts(due)


def test_times_of_the_clocks_are_noted_and_later_words_win(db):
    ana, case = person("ana"), case_of(channel="mandatory")
    assert Milestone.objects.get(case=case).clock == "early warning"
    with pytest.raises(Refused):
        casework.became_aware(ana, case, timezone.now() + timedelta(hours=1))
    casework.became_aware(ana, case, case.submission.received - timedelta(hours=30))
    casework.met(ana, case, Clock.NOTIFICATION, timezone.now())
    casework.met(ana, case, Clock.NOTIFICATION, timezone.now() - timedelta(hours=1))
    assert case.milestones.count() == 2
    assert acts(case).count("deadline met") == 0
    assert acts(case).count("milestone") == 2


def test_what_came_sealed_brings_its_duty_when_it_is_opened(db):
    from tests.cert.kit import sent

    from nachsorge.cert.intake.models import Source, Submission
    from nachsorge.cert.intake.receive import open_sealed, receive_sealed

    number = receive_sealed(b"-----BEGIN PGP MESSAGE-----\n", Source.UPLOAD).number
    case = Submission.objects.get(number=number).case
    assert (acts(case), Forward.objects.count()) == (["received"], 0)
    open_sealed(number, sent(channel="mandatory"))
    assert acts(case) == ["received", "opened", "duty to forward"]
    assert Forward.objects.get().case == case


def test_an_update_keeps_people_and_clocks_and_is_read_anew(db):
    import msgspec
    from tests.cert.kit import notification

    from nachsorge.cert.intake.models import Source, Submission
    from nachsorge.cert.intake.receive import receive
    from nachsorge.sharing.notification import encode

    ana = person("ana")
    first = notification(channel="mandatory")
    before = Submission.objects.get(number=receive(encode(first), Source.API).number).case
    casework.assign(ana, before, user("ana"))
    casework.move(ana, before, State.ACKNOWLEDGED)
    second = msgspec.structs.replace(first, sequence=2, note="more is known")
    after = Submission.objects.get(number=receive(encode(second), Source.API).number).case
    assert (after.state, after.assignee.username) == ("received", "ana")
    assert after.milestones.get().at == before.submission.received
    assert Forward.objects.filter(case=after, done=None).exists()


def test_line_breaks_in_a_reason_make_no_second_entry(db):
    ana, case = person("ana"), case_of()
    casework.assign(ana, case, None, "x\n2026-01-01 root verified\u2028y\x1b[2J")
    assert Entry.objects.last().why == "x 2026-01-01 root verified y [2J"
