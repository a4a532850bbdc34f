"""The log in the database: appended, never changed; whoever changes the table behind its back is found."""

import threading

import pytest

pytest.importorskip("django")

from django.db import connection, transaction
from tests.cert.desk.made import case_of

from nachsorge.cert.desk import log
from nachsorge.cert.desk.models import Entry


def test_entries_cannot_be_changed_or_deleted_through_the_models(db):
    entry = log.write("ana", log.Act.NOTE, "X")
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
    with pytest.raises(TypeError):
        Entry.objects.update(why="other")
    with pytest.raises(TypeError):
        Entry.objects.all().delete()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE desk_entry SET why = 'nothing' WHERE number = 2", "was changed"),
        ("DELETE FROM desk_entry WHERE number = 2", "missing"),
        ("DELETE FROM desk_entry WHERE number = 3", "should end"),
    ],
)
def test_changes_behind_its_back_are_found(db, statement, told):
    Entry.objects.all()
    start = log.head().entries
    assert start == 0
    for number in range(3):
        log.write("ana", log.Act.NOTE, f"X{number}", "why")
    assert not log.verify().breaks
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert told in " ".join(each.what for each in log.verify().breaks)


def test_a_cut_end_with_a_corrected_head_shows_against_a_noted_one(db):
    for number in range(3):
        log.write("ana", log.Act.NOTE, f"X{number}")
    noted = log.verify().head
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM desk_entry WHERE number = 3")
        cursor.execute("UPDATE desk_head SET number = 2, digest = (SELECT digest FROM desk_entry WHERE number = 2)")
    assert not log.verify().breaks
    assert log.verify(noted).breaks


def test_what_is_rolled_back_was_never_logged(db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        log.write("ana", log.Act.NOTE)
        raise ZeroDivisionError
    assert log.verify().entries == 0


def test_submissions_are_logged_in_the_transaction_that_stores_them(db):
    case = case_of()
    assert Entry.objects.get().subject == case.submission.number
    assert Entry.objects.get().details["label"] == "AMBER"


def test_many_writers_make_one_chain(committed):
    def write():
        for _ in range(10):
            log.write("ana", log.Act.READ, "X")
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    proof = log.verify()
    assert (proof.entries, proof.breaks) == (40, ())
