"""A release is worked out beside the page: what ends it is told, and what is lost is told too."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from tests.cert.kit import signed_in

PAGE = "/picture/3cx-2023/releases/"


def prepared(client, circle="public"):
    return client.post(PAGE, {"circle": circle}, follow=True)


def state():
    from nachsorge.cert.picture.models import Preparation

    return Preparation.objects.first().state


def test_what_takes_too_long_is_ended_and_said_and_nothing_is_released(campaign, monkeypatch):
    from nachsorge.cert.picture import preparing
    from nachsorge.cert.picture.models import Release

    monkeypatch.setattr(preparing, "LIMIT", 0.0)
    answer = prepared(signed_in())
    assert (state(), Release.objects.count()) == ("too-long", 0)
    assert b"so it was not made" in answer.content
    monkeypatch.undo()
    prepared(signed_in())
    assert (state(), Release.objects.count()) == ("done", 1)


def test_the_limit_reaches_every_programme():
    from nachsorge.cert.picture.audit import Reader
    from nachsorge.cert.picture.programme import TooLong, within
    from nachsorge.cert.picture.system import PROTECTED, Sheet, key

    reader = Reader(Sheet({key(): PROTECTED}, ()))
    with within(0.0), pytest.raises(TooLong):
        reader.interval(key())
    assert reader.interval(key())[0] == 0


def test_what_cannot_be_released_is_said(campaign, monkeypatch):
    from nachsorge.cert.picture import releases
    from nachsorge.cert.picture.suppress import NotSafe

    def refuse(*_):
        raise NotSafe("no")

    monkeypatch.setattr(releases, "prepare", refuse)
    assert b"without giving a protected number away" in prepared(signed_in()).content
    assert state() == "refused"


def test_one_at_a_time_until_nobody_works_on_it_any_more(campaign):
    from django.utils import timezone

    from nachsorge.cert.picture.models import Preparation, Release

    now = timezone.now()
    asked = Preparation.objects.create(
        campaign=campaign, circle="public", minimum=10, asked_by="bea", asked_at=now, beat=now
    )
    client = signed_in()
    assert b"is being worked out" in client.get(PAGE).content
    assert b"Wait until it is done" in prepared(client).content
    assert not Release.objects.exists()
    Preparation.objects.filter(pk=asked.pk).update(beat=now - timedelta(minutes=4))
    assert b"The server stopped" in client.get(PAGE).content
    prepared(client)
    assert Release.objects.count() == 1


def test_an_approver_alone_begins_no_work(campaign):
    from nachsorge.cert.picture.models import Preparation

    prepared(signed_in("bea", "approver"))
    assert not Preparation.objects.exists()


def test_an_error_of_the_program_is_no_endless_waiting(campaign, monkeypatch):
    from nachsorge.cert.picture import releases

    monkeypatch.setattr(releases, "prepare", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        prepared(signed_in())
    assert state() == "failed"
    assert b"An error of the program" in signed_in().get(PAGE).content


@pytest.mark.slow
def test_beside_the_page_it_goes_on_after_the_page_was_answered(committed, monkeypatch):
    from django.conf import settings

    from nachsorge.cert.picture import preparing, releases
    from nachsorge.cert.picture.models import Release
    from nachsorge.cert.registry.models import Campaign

    Campaign.objects.create(slug="3cx-2023", title="3CX", packs=["3cx-2023"], opened="2023-04-13")
    monkeypatch.setattr(settings, "PREPARE_BESIDE", True)
    monkeypatch.setattr(preparing, "WAIT", 0.2)
    prepare = releases.prepare

    def slowly(*args):
        time.sleep(1.5)
        return prepare(*args)

    monkeypatch.setattr(releases, "prepare", slowly)
    client = signed_in()
    assert b"is being worked out" in prepared(client).content
    for _ in range(100):
        if Release.objects.exists() and state() == "done":
            break
        time.sleep(0.2)
    assert Release.objects.get().prepared_by == "ada"
    assert b"is being worked out" not in client.get(PAGE).content
