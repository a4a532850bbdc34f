"""The second factor at the door: asked for at every sign-in, and gone with the authenticator that showed it."""

from typing import Any

import pytest

pytest.importorskip("django")

from django.test import Client
from tests.browser.people import code
from tests.cert.desk.made import case_of
from tests.cert.kit import signed_in

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def ada(db):
    """An analyst with an authenticator."""
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth.models import User

    from nachsorge.cert.site.commands import set_user

    set_user("ada", "analyst", PASSWORD)
    user = User.objects.get(username="ada")
    TOTP.activate(user, SECRET)
    return user


def sign_in(client):
    return client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})


def test_the_password_alone_opens_nothing(ada):
    client: Any = Client()
    assert sign_in(client).url.startswith("/accounts/2fa/authenticate/")
    assert client.get("/desk/").url.startswith("/accounts/login/")


def test_a_wrong_code_opens_nothing_and_the_right_one_the_desk(ada):
    number = case_of().submission.number
    client = Client()
    sign_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.get("/desk/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": code(SECRET)}).status_code == 302
    assert number in client.get("/desk/").content.decode()


def test_without_the_authenticator_the_session_is_weak_again(ada):
    from allauth.mfa.models import Authenticator

    client = signed_in("ada")
    assert client.get("/desk/").status_code == 200
    Authenticator.objects.filter(user=ada).delete()
    assert client.get("/desk/").url == "/accounts/2fa/totp/activate/"


def test_another_persons_factor_does_not_count(ada):
    from nachsorge.cert.desk.mfa import SEEN

    client = signed_in("bea")
    session = client.session
    session[SEEN] = str(ada.pk)
    session.save()
    assert client.get("/desk/").status_code == 302


def test_an_account_that_was_closed_sees_nothing_at_once(ada):
    client = signed_in("ada")
    ada.is_active = False
    ada.save()
    assert client.get("/desk/").status_code == 302
    assert client.get("/desk/").url.startswith("/accounts/login/")


def test_a_role_that_was_taken_away_is_gone_at_once(ada):
    client = signed_in("ada")
    ada.is_staff = False
    ada.save()
    ada.groups.clear()
    assert client.get("/desk/").status_code == 403


def test_staff_without_any_role_are_not_taken_for_administrators(db):
    from django.contrib.auth.models import User

    client = signed_in("ada")
    user = User.objects.get(username="ada")
    user.groups.clear()
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    assert client.get("/desk/").status_code == 403
