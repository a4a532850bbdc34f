"""Answers: chosen by label and stage, signed, fetched with the receipt's secret only, sealed for the told key only."""

import re
import subprocess
from dataclasses import replace

import pytest

pytest.importorskip("django")
pytest.importorskip("gnupg")

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client
from tests.cert.desk.made import case_of, person
from tests.cert.desk.test_choose import made
from tests.cert.kit import signed_in

from nachsorge.cert.desk import answering, casework, known_packs
from nachsorge.cert.desk.answering import Wish
from nachsorge.cert.desk.casework import Refused
from nachsorge.cert.desk.fetching import waiting
from nachsorge.cert.desk.models import Entry
from nachsorge.cert.desk.roles import Role
from nachsorge.cert.desk.states import State
from nachsorge.cert.intake.receipts import secret_of
from nachsorge.cert.registry.models import Organisation
from nachsorge.model.labels import Pap
from nachsorge.model.words import Rung, Tlp
from nachsorge.sharing.answer import decode
from nachsorge.sharing.seal import new_key, public_key, unseal, verified


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """The CERT's key and a reporter's."""
    cert, reporter = tmp_path_factory.mktemp("cert-keys"), tmp_path_factory.mktemp("reporter-keys")
    yield (cert, new_key(cert, "CERT")), (reporter, new_key(reporter, "Reporter"))
    for home in (cert, reporter):  # gpg-agent ends when told, not when its folder goes
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], capture_output=True, check=False)


@pytest.fixture
def signing(keys, monkeypatch, tmp_path):
    """A site with a key to sign with."""
    (home, fingerprint), _reporter = keys
    site = tmp_path / "site"
    site.mkdir()
    (site / "keys").symlink_to(home)
    monkeypatch.setattr(settings, "INSTANCE", replace(settings.INSTANCE, folder=site, key=fingerprint))
    return public_key(home, fingerprint)


def worked(**changes):
    ana, case = person("ana"), case_of(**changes)
    casework.move(ana, case, State.ACKNOWLEDGED)
    case.refresh_from_db()
    return ana, case


def give(who, case, wish):
    """Look at it, then give it."""
    return answering.give(who, case, wish, answering.look_of(answering.draft(case.submission, wish)))


def register(ana, case):
    casework.belongs_to(ana, case, Organisation.objects.create(name="Spital"), "called back")
    case.refresh_from_db()
    return case


def values(answer):
    return {each.value for each in decode(bytes(answer.content)).indicators}


def test_a_stranger_gets_what_the_public_may_know_and_an_organisation_up_to_amber(db, signing):
    ana, case = worked()
    wish = Wish(made(), Rung.EXECUTED)
    stranger = give(ana, case, wish)
    assert values(stranger) == {f"{rung}.clear.example" for rung in ("exposed", "executed", "contacted")}
    assert stranger.withheld == 4 * 3
    known = give(ana, register(ana, case), wish)
    found = {
        f"{rung}.{tlp}.example" for rung in ("exposed", "executed", "contacted") for tlp in ("clear", "green", "amber")
    }
    assert values(known) == found
    assert (known.label, known.number) == ("AMBER", 2)


def test_a_lower_pap_keeps_more_back(db, signing):
    ana, case = worked()
    answer = give(ana, register(ana, case), Wish(made(), Rung.EXPOSED, pap=Pap.CLEAR))
    assert values(answer) == {"exposed.clear.example", "executed.clear.example"}
    assert answer.pap == "CLEAR"


def test_the_certs_own_words_go_to_the_reporter_but_never_red_ones(db, signing):
    ana, case = worked()
    answer = give(ana, case, Wish(made(), Rung.EXPOSED, text="Call us.", text_label=Tlp.AMBER_STRICT))
    assert decode(bytes(answer.content)).text == "Call us."
    assert answer.label == "AMBER+STRICT"
    with pytest.raises(Refused):
        give(ana, case, Wish(made(), Rung.EXPOSED, text="Call us.", text_label=Tlp.RED))


def test_an_answer_is_signed_and_meets_the_clock_of_the_reply(db, signing):
    ana, case = worked()
    answer = give(ana, case, Wish(made(), Rung.EXPOSED))
    signed = verified(bytes(answer.signed), signing)
    assert decode(signed.content) == decode(bytes(answer.content))
    assert decode(signed.content).notification == str(case.submission.notification_id)
    assert case.milestones.get(clock="reply").by == "ana"


def test_a_whole_pack_comes_back_as_it_was_signed(db, signing):
    """An answer is one line of JSON; gpg cuts lines of texts that are signed in clear."""
    ana, case = worked()
    answer = give(ana, case, Wish(known_packs.load("3cx-2023"), Rung.HANDS_ON))
    assert len(answer.content) > 50_000
    assert verified(bytes(answer.signed), signing).content == bytes(answer.content)


def test_nothing_is_answered_unread_unsigned_or_by_others(db, signing, monkeypatch):
    ana, fresh = person("ana"), case_of()
    wish = Wish(made(), Rung.EXPOSED)
    with pytest.raises(Refused):
        give(ana, fresh, wish)
    casework.move(ana, fresh, State.ACKNOWLEDGED)
    for someone in (person("app", Role.APPROVER), person("weak", strong=False)):
        with pytest.raises(PermissionDenied):
            give(someone, fresh, wish)
    monkeypatch.setattr(settings, "INSTANCE", replace(settings.INSTANCE, key=""))
    with pytest.raises(Refused):
        give(ana, fresh, wish)
    assert not fresh.answers.exists()


def test_it_is_fetched_with_the_secret_only(db, signing):
    ana, case = worked()
    answer = give(ana, case, Wish(made(), Rung.EXPOSED))
    number = case.submission.number
    (found,) = waiting(case.submission)
    assert found.path == f"/r/{number}/answers/1"
    wrong = case_of().submission.number
    for headers in ({}, {"Receipt-Secret": "x"}, {"Receipt-Secret": secret_of(wrong)}, {"Receipt-Secret": ""}):
        assert Client().get(found.path, headers=headers).status_code == 404
    assert signed_in().get(found.path).status_code == 404  # staff read it at the desk
    got = Client().get(found.path, headers={"Receipt-Secret": secret_of(number)})
    assert got.content == bytes(answer.signed)
    assert got.headers["Content-Disposition"] == f'attachment; filename="{number}-1.asc"'
    assert got.headers["Cache-Control"] == "no-store"
    answer.refresh_from_db()
    assert answer.fetched
    assert Entry.objects.last().act == "fetched"


def test_the_reporters_page_leads_to_it(db, signing):
    ana, case = worked()
    give(ana, case, Wish(made(), Rung.EXPOSED))
    number = case.submission.number
    client = Client()
    client.post("/r/", {"number": number, "secret": secret_of(number)})
    page = client.get(f"/r/{number}").content.decode()
    assert f"/r/{number}/answers/1" in page
    assert client.get(f"/r/{number}/answers/1").status_code == 200


def test_withdrawn_or_made_for_another_it_is_not_handed_out(db, signing):
    ana, case = worked()
    secret = {"Receipt-Secret": secret_of(case.submission.number)}
    first = give(ana, case, Wish(made(), Rung.EXPOSED))
    second = give(ana, register(ana, case), Wish(made(), Rung.EXPOSED))
    at = f"/r/{case.submission.number}/answers/"
    assert Client().get(f"{at}{first.number}", headers=secret).status_code == 404
    assert Client().get(f"{at}{second.number}", headers=secret).status_code == 200
    with pytest.raises(Refused):
        answering.withdraw(ana, second, "")
    answering.withdraw(ana, second, "wrong indicators")
    assert Client().get(f"{at}{second.number}", headers=secret).status_code == 404
    assert not waiting(case.submission)


def test_it_is_sealed_for_the_key_that_was_told_and_no_other(db, signing, keys):
    (cert, cert_key), (home, fingerprint) = keys
    contact = {"name": "", "email": "", "phone": "", "fingerprint": fingerprint}
    ana, case = worked(contact=contact)
    answer = give(ana, case, Wish(made(), Rung.EXPOSED))
    body = answering.sealed_for(ana, answer, public_key(home, fingerprint))
    assert unseal(body, home=home) == bytes(answer.signed)
    with pytest.raises(Refused):
        answering.sealed_for(ana, answer, public_key(cert, cert_key))
    with pytest.raises(Refused):
        answering.sealed_for(ana, answer, b"no key")


def test_packs_are_names_on_a_list_and_never_paths(db, tmp_path):
    for name in ("../../etc", str(tmp_path), "/etc/passwd", "no-such-pack"):
        case = case_of(incident={"pack": name})
        assert known_packs.for_submission(case.submission) == []
    assert known_packs.for_submission(case_of().submission) == ["3cx-2023"]
    with pytest.raises(KeyError):
        known_packs.load(str(tmp_path))


def test_the_page_shows_what_would_go_before_it_goes(db, signing, campaign):
    _ana, case = worked()
    client, at = signed_in(), f"/desk/{case.submission.number}/"
    page = client.get(at + "answer").content.decode()
    assert '<option value="3" selected>contacted</option>' in page
    wish = {"pack": "3cx-2023", "rung": "3", "pap": "AMBER", "text": "", "text_label": "AMBER+STRICT"}
    shown = client.post(at + "answer", wish | {"preview": "1"}).content.decode()
    assert "What would go" in shown
    assert not case.answers.exists()
    (look,) = re.findall(r'name="looked_at" value="([0-9a-f]{64})"', shown)
    other = client.post(at + "answer", wish | {"give": "1", "looked_at": look, "rung": "6"})
    assert (other.status_code, case.answers.exists()) == (422, False)
    assert "not what you have looked at" in other.content.decode()
    assert client.post(at + "answer", wish | {"give": "1", "looked_at": look}).status_code == 302
    answer = case.answers.get()
    assert len(values(answer)) > 50
    assert decode(bytes(answer.content)).rules
    assert "not fetched yet" in client.get(at + "answers/1").content.decode()
    assert client.post(at + "answers/1/withdraw", {"why": "typo"}).status_code == 302
    assert client.post(at + "answer", wish | {"pack": "/etc/passwd", "give": "1"}).status_code == 422


def test_without_a_key_the_page_says_so(db):
    _ana, case = worked()
    wish = {"pack": "3cx-2023", "rung": "3", "pap": "AMBER", "text": "", "text_label": "AMBER+STRICT"}
    client, at = signed_in(), f"/desk/{case.submission.number}/answer"
    (look,) = re.findall(r'name="looked_at" value="([0-9a-f]{64})"', client.post(at, wish).content.decode())
    answer = client.post(at, wish | {"give": "1", "looked_at": look})
    assert answer.status_code == 422
    assert "no key to sign" in answer.content.decode()
