"""Named regressions: ways by which other platforms let out what their main list withheld (docs/guides/cert-desk.md)."""

import csv
import io
from dataclasses import replace

import msgspec
import pytest

pytest.importorskip("django")
pytest.importorskip("gnupg")

from django.test import Client
from tests.cert.desk.made import case_of, person, user
from tests.cert.desk.test_answers import give, keys, signing  # noqa: F401 - fixtures
from tests.cert.desk.test_choose import made
from tests.cert.kit import notification, signed_in

from nachsorge.cert.desk import casework, duplicates, scope
from nachsorge.cert.desk.answering import Wish
from nachsorge.cert.desk.models import Note
from nachsorge.cert.desk.states import State
from nachsorge.cert.intake.models import Source, Submission
from nachsorge.cert.intake.receipts import secret_of
from nachsorge.cert.intake.receive import receive, receive_sealed
from nachsorge.model.labels import Purpose
from nachsorge.model.words import Rung, Tlp
from nachsorge.sharing.notification import encode


def red(named="ada", **changes):
    case = case_of(label="RED", **changes)
    casework.name(person(named), case, user(named), "on duty")
    return case


def page(client, case):
    return client.get(f"/desk/{case.submission.number}/").content.decode()


def test_references_do_not_carry_the_reason_of_a_red_case_into_an_open_one(db):
    """OpenCTI: references of an object showed objects that the reader may not see."""
    ada, hidden = person("ada"), red(note="MARKER-HIDDEN")
    open_one = case_of()
    duplicates.link(ada, open_one, hidden, "MARKER-REASON")
    for_bea = page(signed_in("bea"), open_one)
    assert "MARKER" not in for_bea
    assert f'href="/desk/{hidden.submission.number}/"' not in for_bea
    assert "MARKER-REASON" in page(signed_in("ada"), open_one)
    duplicates.unlink(ada, open_one, "MARKER-BACK")
    assert "MARKER" not in page(signed_in("bea"), open_one)
    assert "MARKER" not in signed_in("bea").get("/desk/log/").content.decode()


def test_duplicates_of_an_open_case_do_not_list_red_ones(db):
    ada, hidden, open_one = person("ada"), red(), case_of()
    duplicates.link(ada, hidden, open_one, "the same")
    assert f'href="/desk/{hidden.submission.number}/"' not in page(signed_in("bea"), open_one)


def test_csv_export_holds_only_what_the_exporter_sees(db):
    """OpenCTI: the CSV export ran with the rights of the platform."""
    hidden, shown = red(), case_of()
    for name in ("ada", "bea"):
        rows = list(csv.DictReader(io.StringIO(signed_in(name).get("/desk/queue.csv").content.decode())))
        assert [each["number"] for each in rows] == [shown.submission.number]
    assert hidden.submission.number not in signed_in("ada").get("/desk/queue.json").content.decode()


def test_attachments_have_the_label_of_what_they_hang_on(db):
    """OpenCTI: files were served to whoever knew their address."""
    hidden = red()
    at = f"/desk/{hidden.submission.number}/raw"
    assert Client().get(at).status_code == 302
    assert signed_in("bea").get(at).status_code == 404
    assert signed_in("ada").get(at).status_code == 404


def test_history_is_as_closed_as_its_subject(db):
    """OpenCTI: history entries told of changes to objects that the reader may not see."""
    hidden = red()
    casework.assign(person("ada"), hidden, user("ada"), "MARKER-WHY")
    assert "MARKER-WHY" in signed_in("ada").get("/desk/log/").content.decode()
    text = signed_in("bea").get("/desk/log/").content.decode()
    assert "MARKER-WHY" not in text
    assert hidden.submission.number not in text


def test_searching_does_not_tell_by_finding(db):
    ada, hidden, shown = person("ada"), red(), case_of()
    casework.note(ada, hidden, "MARKER in a closed case")
    casework.note(ada, shown, "MARKER in a closed note", Tlp.RED)
    text = signed_in("bea").get("/desk/?q=MARKER").content.decode()
    assert hidden.submission.number not in text
    assert shown.submission.number not in text
    assert shown.submission.number in signed_in("ada").get("/desk/?q=MARKER").content.decode()


def test_what_comes_without_a_label_is_amber_strict(db):
    """OpenCTI's MISP connector and Taranis AI: what has no label was taken as public."""
    receipt = receive_sealed(b"-----BEGIN PGP MESSAGE-----\n", Source.UPLOAD)
    assert Submission.objects.get(number=receipt.number).label == "AMBER+STRICT"
    note = casework.note(person("ada"), case_of(), "no label given")
    assert Note.objects.get(pk=note.pk).label == "AMBER+STRICT"


def test_statistics_are_not_a_side_door(db):
    """OpenCTI: dashboards counted what their reader may not see. What its source does not let count is not counted."""
    viewer = person("ada")
    silent = case_of(purposes={"count": False, "pass_to": [], "name": False})
    counted = case_of()
    found = set(scope.visible(viewer, Purpose.COUNT).values_list("number", flat=True))
    assert found == {counted.submission.number}
    assert silent.submission.number not in found
    assert not scope.visible(replace(viewer, strong=False), Purpose.COUNT).exists()


def test_a_label_that_is_raised_holds_for_what_was_told_before(db, signing):  # noqa: F811
    """AIL: what had been published stayed public after its flag was taken back."""
    first = notification(note="MARKER-EARLIER")
    before = Submission.objects.get(number=receive(encode(first), Source.API).number)
    ada = person("ada")
    casework.move(ada, before.case, State.ACKNOWLEDGED)
    assert "MARKER-EARLIER" in page(signed_in("ada"), before.case)
    second = msgspec.structs.replace(first, sequence=2, labels=msgspec.structs.replace(first.labels, tlp=Tlp.RED))
    after = Submission.objects.get(number=receive(encode(second), Source.API).number)
    before.refresh_from_db()
    assert (before.label, after.label) == ("RED", "RED")
    for case in (before.case, after.case):
        assert "MARKER-EARLIER" not in page(signed_in("ada"), case)


def test_an_answer_is_not_handed_out_any_more_once_its_recipient_is_another(db, signing):  # noqa: F811
    from nachsorge.cert.registry.models import Organisation

    ana, case = person("ana"), case_of()
    casework.move(ana, case, State.ACKNOWLEDGED)
    casework.belongs_to(ana, case, Organisation.objects.create(name="Known"), "called back")
    case.refresh_from_db()
    answer = give(ana, case, Wish(made(), Rung.EXPOSED))
    at = f"/r/{case.submission.number}/answers/{answer.number}"
    secret = {"Receipt-Secret": secret_of(case.submission.number)}
    assert Client().get(at, headers=secret).status_code == 200
    casework.belongs_to(ana, case, None, "it was somebody else")
    assert Client().get(at, headers=secret).status_code == 404


@pytest.mark.parametrize("marker", ["<script>", "'; DROP", "%s", "\r\nSet-Cookie: x=1"])
def test_file_names_and_headers_are_made_of_receipts_only(db, marker):
    case = case_of(incident={"title": marker.replace("\r\n", " ")})
    answer = signed_in().get(f"/desk/{case.submission.number}/raw")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{case.submission.number}.json"'
