"""The desk's pages: who comes in, what they do, how many queries they take."""

import csv
import io
import json
from typing import Any

import pytest

pytest.importorskip("django")

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cert.desk.made import case_of, person, user
from tests.cert.kit import signed_in

from nachsorge.cert.desk import casework
from nachsorge.cert.desk.models import Entry
from nachsorge.cert.desk.states import State

PAGES = (
    "/desk/",
    "/desk/queue.csv",
    "/desk/queue.json",
    "/desk/log/",
    "/desk/{}/",
    "/desk/{}/raw",
    "/desk/{}/case.json",
)


def test_strangers_are_sent_to_sign_in_and_learn_nothing(db):
    number = case_of().submission.number
    for page in (*PAGES, "/desk/{}/answer"):
        for at in (number, "XXXX-XXXX-XXXX"):
            answer: Any = Client().get(page.format(at))
            assert answer.status_code == 302
            assert answer.url.startswith("/accounts/login/")
    assert Client().post(f"/desk/{number}/move", {"there": "acknowledged"}).status_code == 302


def test_staff_without_a_second_factor_reach_the_set_up_page_only(db):
    number = case_of().submission.number
    client = signed_in("weak", "admin", strong=False)
    for page in (*PAGES, "/desk/{}/answer", "/picture/", "/registry/", "/", f"/r/{number}", "/api/v1/openapi.json"):
        answer = client.get(page.format(number))
        assert (answer.status_code, answer.url) == (302, "/accounts/2fa/totp/activate/"), page
    assert client.post(f"/desk/{number}/move", {"there": "acknowledged", "seen": "received"}).status_code == 403
    assert client.get("/accounts/2fa/totp/activate/").status_code in (200, 302)


def test_a_session_that_did_not_show_the_factor_is_asked_for_it(db):
    signed_in("ada", "analyst")
    other: Any = Client()
    other.force_login(user("ada"), backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = other.get("/desk/")
    assert (answer.status_code, answer.url) == (302, "/accounts/2fa/reauthenticate/?next=%2Fdesk%2F")


def test_reporters_accounts_have_no_desk(db):
    number = case_of().submission.number
    client = signed_in("rep", "reporter")
    assert {client.get(page.format(number)).status_code for page in PAGES} == {403}


def test_the_queue_shows_what_waits_most_urgent_first(db, campaign):
    free = case_of()
    due = case_of(channel="mandatory")
    text = signed_in().get("/desk/").content.decode()
    assert text.index(due.submission.number) < text.index(free.submission.number)
    assert "contacted" in text
    assert "early warning" not in text  # met by the report itself
    assert "our answer" in text


def test_filters_and_search(db, campaign):
    from nachsorge.cert.registry.models import Organisation

    ana = person("ada")
    client = signed_in()
    mine, other, settled = case_of(), case_of(), case_of()
    casework.assign(ana, mine, user("ada"))
    casework.belongs_to(ana, other, Organisation.objects.create(name="Wasserwerk Nord"), "they called")
    for there in (State.ACKNOWLEDGED, State.IN_VERIFICATION, State.REFUTED):
        casework.move(ana, settled, there, "nothing in the logs")
    casework.note(ana, mine, "calls back at noon")

    def found(query):
        text = client.get(f"/desk/?{query}").content.decode()
        return {each for each in (mine, other, settled) if each.submission.number in text}

    assert found("") == {mine, other}
    assert found("state=all") == {mine, other, settled}
    assert found("state=refuted") == {settled}
    assert found("mine=1") == {mine}
    assert found("q=wasserwerk") == {other}
    assert found("q=noon") == {mine}
    assert found("state=nonsense&page=99&campaign=3cx-2023") == {mine, other}
    assert found("q=%25") == set()


def test_a_case_is_worked_by_buttons(db):
    client, case = signed_in(), case_of()
    at = f"/desk/{case.submission.number}/"
    page = client.get(at).content.decode()
    assert "TLP:AMBER" in page
    assert client.post(at + "move", {"there": "acknowledged", "seen": "received"}).url == at
    assert client.post(at + "assign", {"to": "ada"}).status_code == 302
    assert client.post(at + "note", {"text": "look at <b>this</b>", "label": "AMBER+STRICT"}).status_code == 302
    assert client.post(at + "move", {"there": "in verification", "seen": "acknowledged"}).status_code == 302
    refused = client.post(at + "move", {"there": "verified", "seen": "in verification"})
    assert refused.status_code == 409
    assert "give a reason" in refused.content.decode()
    assert (
        client.post(at + "move", {"there": "verified", "seen": "in verification", "why": "checked"}).status_code == 302
    )
    page = client.get(at).content.decode()
    assert "look at &lt;b&gt;this&lt;/b&gt;" in page
    assert "checked" in page


def test_clocks_are_entered_as_a_browser_sends_them(db):
    client, case = signed_in(), case_of(channel="mandatory")
    at = f"/desk/{case.submission.number}/"
    assert client.post(at + "aware", {"at": "2026-01-31T09:15", "trust_service": "on"}).status_code == 302
    assert client.post(at + "met", {"clock": "notification", "at": "2026-02-01T09:00"}).status_code == 302
    case.refresh_from_db()
    assert case.trust_service
    page = client.get(at).content.decode()
    assert 'value="2026-01-31T09:15"' in page
    for shown in ("2026-02-01 09:15", "2026-03-01 09:00"):
        assert shown in page
    assert client.post(at + "aware", {"at": "2099-01-01T00:00"}).status_code == 400
    assert client.post(at + "move", {"there": "acknowledged", "seen": "received"}).status_code == 302


def test_buttons_demand_post_a_token_and_known_deeds(db):
    case = case_of()
    at = f"/desk/{case.submission.number}/"
    client = signed_in()
    assert client.get(at + "move").status_code == 405
    assert client.post(at + "destroy").status_code == 404
    assert client.post(at + "move", {"there": "nowhere", "seen": "received"}).status_code == 400
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(at + "move", {"there": "acknowledged", "seen": "received"}).status_code == 403
    case.refresh_from_db()
    assert case.state == "received"


def test_red_is_taken_at_night_and_then_open_to_the_taker_only(db):
    case = case_of(label="RED", note="MARKER-RED")
    at = f"/desk/{case.submission.number}/"
    ada, bea = signed_in("ada"), signed_in("bea")
    closed = ada.get(at).content.decode()
    assert "MARKER-RED" not in closed
    assert "Take it" in closed
    assert ada.post(at + "take", {"why": ""}).status_code == 302
    assert "MARKER-RED" not in ada.get(at).content.decode()
    assert ada.post(at + "take", {"why": "on duty"}).status_code == 302
    assert "MARKER-RED" in ada.get(at).content.decode()
    assert "MARKER-RED" not in bea.get(at).content.decode()
    assert bea.post(at + "take", {"why": "me too"}).status_code == 403
    assert bea.post(at + "move", {"there": "acknowledged", "seen": "received"}).status_code == 404
    assert ada.post(at + "name", {"to": "bea", "why": "second pair of eyes"}).status_code == 302
    assert "MARKER-RED" in bea.get(at).content.decode()
    assert ada.get(at + "raw").status_code == 404
    assert ada.get(at + "case.json").status_code == 404


def test_readings_of_what_is_restricted_are_logged_and_of_the_rest_not(db):
    strict, amber = case_of(label="AMBER+STRICT"), case_of(label="AMBER")
    client = signed_in()
    for case in (strict, amber):
        client.get(f"/desk/{case.submission.number}/")
    client.get(f"/desk/{strict.submission.number}/raw")
    client.get("/desk/queue.csv")
    seen = [(each.act, each.subject, each.who) for each in Entry.objects.filter(act__in=("read", "exported"))]
    number = strict.submission.number
    assert seen == [("read", number, "ada"), ("exported", number, "ada"), ("exported", "", "ada")]
    assert Entry.objects.last().details["numbers"] == number


def test_exports_hold_no_red_and_nothing_a_spreadsheet_runs(db):
    case_of(label="RED")
    amber = case_of()
    client = signed_in()
    rows = list(csv.DictReader(io.StringIO(client.get("/desk/queue.csv?state=all").content.decode())))
    assert [each["number"] for each in rows] == [amber.submission.number]
    found = json.loads(client.get("/desk/queue.json?state=all").content)
    assert [each["number"] for each in found["submissions"]] == [amber.submission.number]
    assert found["label"] == "TLP:AMBER"


def test_an_approver_reads_and_does_nothing_else(db):
    case = case_of()
    at = f"/desk/{case.submission.number}/"
    client = signed_in("app", "approver")
    page = client.get(at).content.decode()
    assert "<form" not in page.split('<main id="main">')[1].split("</main>")[0]
    assert client.post(at + "move", {"there": "acknowledged", "seen": "received"}).status_code == 403
    assert client.get("/desk/queue.csv").status_code == 403
    assert client.get(at + "raw").status_code == 403


@pytest.mark.parametrize("page", ["/desk/", "/desk/?q=note", "/desk/{}/", "/desk/log/", "/desk/queue.csv"])
def test_the_number_of_queries_does_not_grow(db, campaign, page):
    client = signed_in()
    case = case_of(channel="mandatory")
    casework.note(person("ada"), case, "the first note")
    url = page.format(case.submission.number)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    client.get(url)
    few = queries()
    for number in range(12):
        made = case_of(channel="mandatory")
        casework.note(person("ada"), case, f"note {number}")
        casework.assign(person("ada"), made, user("ada"))
    assert queries() <= few + 1
    assert few <= 30


def test_the_log_page_tells_when_the_chain_is_broken(db):
    case_of()
    client = signed_in()
    assert "The chain holds: 1 entry" in client.get("/desk/log/?verify=1").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE desk_entry SET who = 'eve'")
    assert "The chain of the log is broken" in client.get("/desk/log/?verify=1").content.decode()


def test_pages_need_no_inline_script_or_style(db):
    client, case = signed_in(), case_of()
    for url in ("/desk/", f"/desk/{case.submission.number}/", "/desk/log/"):
        text = client.get(url).content.decode()
        assert " style=" not in text
        assert "onclick" not in text
        assert "<script>" not in text
