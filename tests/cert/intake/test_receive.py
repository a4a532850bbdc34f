"""What is taken, what is recognised as the same, what takes the place of what was told before."""

from __future__ import annotations

from hashlib import sha256
from uuid import uuid4

import pytest
from tests.cert.kit import notification, sent

from nachsorge.cert.intake.models import Source, Submission
from nachsorge.cert.intake.receipts import find
from nachsorge.cert.intake.receive import Refused, open_sealed, receive, receive_sealed
from nachsorge.cert.registry.models import ApiToken, Organisation
from nachsorge.sharing.notification import NotificationError


def test_what_is_taken_is_kept_canonically_and_opened_by_its_secret(campaign):
    body = sent()
    receipt = receive(b"\n" + body + b" ", Source.API)
    kept = find(receipt.number, receipt.secret)
    assert bytes(kept.raw) == body
    assert kept.digest == sha256(body).hexdigest()
    assert (kept.campaign, kept.label, kept.channel, kept.sector, kept.region) == (
        campaign,
        "AMBER",
        "voluntary",
        "health",
        "AT-9",
    )
    assert kept.notification() is not None
    assert kept.notification().assets.scope == 40
    assert kept.may_count
    assert kept.case.state == "received"


def test_a_receipt_is_found_however_people_type_it(campaign):
    receipt = receive(sent(), Source.API)
    typed = receipt.number.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert find(f" {typed}", receipt.secret.lower().replace("-", "")) is not None


def test_a_wrong_secret_opens_nothing(campaign):
    first, second = receive(sent(), Source.API), receive(sent(), Source.API)
    assert find(first.number, second.secret) is None
    assert find(first.number, "") is None
    assert find("0000-0000-0000", "") is None


def test_the_secret_is_not_in_the_database(campaign):
    receipt = receive(sent(), Source.API)
    row = Submission.objects.filter(number=receipt.number).values().get()
    assert receipt.secret not in repr(row)
    assert receipt.secret.replace("-", "") not in repr(row)


def test_the_same_again_gets_the_same_receipt_and_counts_once(campaign):
    body = sent()
    first = receive(body, Source.API)
    again = receive(body, Source.UPLOAD)
    assert again.number == first.number
    assert again.known
    assert again.received == first.received
    assert Submission.objects.count() == 1


def test_the_secret_is_told_again_to_the_same_token_only(campaign):
    mine, other = (ApiToken.objects.create(name=name, digest=name) for name in ("mine", "other"))
    body = sent()
    first = receive(body, Source.API, token=mine)
    assert receive(body, Source.API, token=mine).secret == first.secret
    assert receive(body, Source.API, token=other).secret == ""
    assert receive(body, Source.UPLOAD).secret == ""


def test_another_content_with_the_same_id_and_sequence_is_refused(campaign):
    number = str(uuid4())
    receive(sent(id=number, sequence=2), Source.API)
    with pytest.raises(Refused, match="higher"):
        receive(sent(id=number, sequence=2, note="other"), Source.API)
    with pytest.raises(Refused, match="higher"):
        receive(sent(id=number, sequence=1, note="older"), Source.API)
    assert Submission.objects.count() == 1


def test_an_update_takes_the_place_of_what_was_told_before(campaign):
    number = str(uuid4())
    first = receive(sent(id=number), Source.FORM)
    second = receive(sent(id=number, sequence=5, note="more"), Source.UPLOAD)
    old, new = (Submission.objects.get(number=each.number) for each in (first, second))
    assert (old.current, new.current) == (False, True)
    assert new.supersedes == old
    assert first.number != second.number


def test_an_update_from_another_sender_is_refused(campaign):
    mine, other = (ApiToken.objects.create(name=name, digest=name) for name in ("mine", "other"))
    number = str(uuid4())
    receive(sent(id=number), Source.API, token=mine)
    with pytest.raises(Refused, match="another sender"):
        receive(sent(id=number, sequence=2), Source.API, token=other)
    with pytest.raises(Refused, match="another sender"):
        receive(sent(id=number, sequence=2), Source.UPLOAD)
    assert receive(sent(id=number, sequence=2), Source.API, token=mine).number


def test_a_new_token_of_the_same_organisation_may_update(campaign):
    owner = Organisation.objects.create(name="Example Ltd")
    old, new = (ApiToken.objects.create(name=name, digest=name, organisation=owner) for name in ("old", "new"))
    number = str(uuid4())
    receive(sent(id=number), Source.API, token=old)
    second = receive(sent(id=number, sequence=2), Source.API, token=new)
    assert Submission.objects.get(number=second.number).organisation == owner


def test_what_is_no_notification_leaves_nothing_behind(db):
    for body in (b"", b"{}", b"[" * 100_000, b'{"schema": "nachsorge.notification/1"}', b"\xff", sent()[:-1]):
        with pytest.raises(NotificationError):
            receive(body, Source.API)
    assert not Submission.objects.exists()


def test_an_unknown_pack_is_taken_without_a_campaign(campaign):
    body = sent(incident={"pack": "list-of-monday"})
    receipt = receive(body, Source.API)
    assert Submission.objects.get(number=receipt.number).campaign is None


def test_a_sealed_file_for_a_key_elsewhere_is_kept_as_it_came_and_opened_later(campaign):
    sealed = b"-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n"
    receipt = receive_sealed(sealed, Source.UPLOAD)
    assert receive_sealed(sealed, Source.UPLOAD).number == receipt.number
    kept = Submission.objects.get()
    assert (bytes(kept.sealed), kept.opened, kept.label, kept.notification()) == (sealed, False, "AMBER+STRICT", None)
    opened = open_sealed(receipt.number, sent(channel="mandatory"))
    assert (opened.opened, opened.label, opened.channel, opened.campaign) == (True, "AMBER", "mandatory", campaign)
    assert find(receipt.number, receipt.secret).opened
    with pytest.raises(Refused):
        open_sealed(receipt.number, sent())


def test_the_same_content_sealed_twice_is_one_report(campaign):
    content = notification()
    first = receive_sealed(b"-----BEGIN PGP MESSAGE-----\n1", Source.UPLOAD)
    second = receive_sealed(b"-----BEGIN PGP MESSAGE-----\n2", Source.UPLOAD)
    from nachsorge.sharing.notification import encode

    open_sealed(first.number, encode(content))
    open_sealed(second.number, encode(content))
    assert [each.current for each in Submission.objects.order_by("pk")] == [True, False]
    assert receive(encode(content), Source.API).number == first.number
