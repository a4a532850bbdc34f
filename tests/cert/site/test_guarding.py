"""What every page holds to: headers, forms from elsewhere, sessions, how often, how much, what reaches the log."""

from __future__ import annotations

import io
import logging
import re
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.cert.kit import form_fields, signed_in

from nachsorge.cert.site.headers import POLICY
from nachsorge.cert.site.limits import DEFAULTS, address
from nachsorge.cert.site.log import OneLine, visible

PUBLIC = ("/", "/report/", "/report/upload/", "/r/", "/r/0000-0000-0000", "/accounts/login/", "/nowhere")


class Elements(HTMLParser):
    """Collects what the policy forbids, and what would come from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.elsewhere: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.inline += [f"{tag} {name}" for name in names if name == "style" or name.startswith(("on", "hx-on"))]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.inline.append(tag)
        for name in ("src", "href", "action", "srcset", "poster", "data"):
            if re.match(r"(https?:)?//", names.get(name) or ""):
                self.elsewhere.append(f"{tag} {names[name]}")


@pytest.mark.parametrize("page", PUBLIC)
def test_every_page_has_the_headers_and_keeps_the_policy(campaign, page):
    answer = Client().get(page)
    assert answer["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "no-store" or "no-store" in answer["Cache-Control"]
    found = Elements()
    found.feed(answer.content.decode())
    assert (found.inline, found.elsewhere) == ([], [])


def test_pages_of_staff_keep_the_policy_too(campaign):
    client = signed_in(role="admin")
    for page in ("/registry/", "/registry/organisations/add", "/registry/tokens/", "/accounts/2fa/"):
        answer = client.get(page)
        found = Elements()
        found.feed(answer.content.decode())
        assert (answer.status_code, found.inline, found.elsewhere) == (200, [], []), page


@pytest.mark.parametrize("page", ["/report/", "/report/upload/", "/r/", "/language/", "/accounts/login/"])
def test_a_form_from_elsewhere_is_refused(campaign, page):
    answer = Client(enforce_csrf_checks=True).post(page, form_fields())
    assert answer.status_code == 403
    assert b"came from elsewhere" in answer.content


def test_staff_forms_from_elsewhere_are_refused(campaign):
    client = signed_in(role="admin")
    client.handler.enforce_csrf_checks = True
    for page in ("/registry/organisations/add", "/registry/counts/add", "/registry/tokens/", "/accounts/logout/"):
        assert client.post(page, {"name": "x"}).status_code == 403, page


def test_a_session_is_new_after_signing_in_and_gone_after_signing_out(campaign):
    from django.contrib.auth.models import User

    User.objects.create_user("ada", password="correct horse battery")
    client = Client()
    client.post("/language/", {"language": "de"})
    client.session["planted"] = "by an attacker"
    before = client.cookies.get("sessionid")
    answer = client.post("/accounts/login/", {"login": "ada", "password": "correct horse battery"})
    assert answer.status_code == 302
    session = client.cookies["sessionid"]
    assert before is None or before.value != session.value
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    kept = session.value
    client.post("/accounts/logout/")
    client.cookies["sessionid"] = kept
    assert client.get("/registry/")["Location"].startswith("/accounts/login/")


def test_passwords_cannot_be_tried_without_end(campaign):
    from django.contrib.auth.models import User

    User.objects.create_user("ada", password="correct horse battery")
    answers = [Client().post("/accounts/login/", {"login": "ada", "password": f"wrong {time}"}) for time in range(8)]
    last = Client().post("/accounts/login/", {"login": "ada", "password": "correct horse battery"})
    assert all(answer.status_code != 302 for answer in answers)
    assert last.status_code != 302, "the right password was still taken after eight wrong ones"


def test_nobody_signs_up(campaign):
    from django.contrib.auth.models import User

    fields = {"username": "eve", "password1": "correct horse battery", "password2": "correct horse battery"}
    Client().post("/accounts/signup/", fields)
    assert not User.objects.filter(username="eve").exists()


@pytest.mark.parametrize(("page", "name"), [("/report/", "report"), ("/report/upload/", "report"), ("/r/", "receipt")])
def test_one_address_may_send_only_so_often(campaign, monkeypatch, page, name):
    monkeypatch.setitem(settings.INSTANCE.limits, name, "2/h")
    answers = [Client().post(page, {}, REMOTE_ADDR="192.0.2.1") for _time in range(3)]
    assert [each.status_code for each in answers] == [422, 422, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert Client().post(page, {}, REMOTE_ADDR="192.0.2.2").status_code == 422
    assert Client().get(page, REMOTE_ADDR="192.0.2.1").status_code == 200


def test_an_address_of_ipv6_is_counted_by_its_network():
    from django.test import RequestFactory

    def of(text: str) -> str:
        return address(RequestFactory().get("/", REMOTE_ADDR=text))

    assert of("2001:db8:0:1::1") == of("2001:db8:0:1:ffff::2")
    assert of("2001:db8:0:1::1") != of("2001:db8:0:2::1")
    assert of("::ffff:192.0.2.1") == of("192.0.2.1")
    assert of("") == of("nonsense") == "unknown"


def test_what_a_stranger_writes_into_forwarded_for_counts_for_nothing(campaign, monkeypatch):
    monkeypatch.setitem(settings.INSTANCE.limits, "report", "1/h")
    answers = [Client().post("/report/", {}, headers={"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(2)]
    assert [each.status_code for each in answers] == [422, 429]


def test_every_limit_can_be_read():
    from nachsorge.cert.site.limits import _rate

    assert all(number > 0 and seconds > 0 for number, seconds in map(_rate, DEFAULTS))


def test_a_body_that_is_too_large_is_refused_unread(campaign):
    assert Client().post("/report/", {"note": "x" * (2 << 20)}).status_code == 413
    assert Client().post("/report/", b"", content_type="text/plain", headers={"Content-Length": "-1"}).status_code in (
        413,
        422,
    )


def test_thousands_of_fields_are_refused(campaign):
    assert Client().post("/report/", {f"field{n}": "x" for n in range(501)}).status_code == 400


def test_a_zero_byte_is_nobodys_fault(campaign):
    client = signed_in()
    assert client.get("/registry/organisations/", {"q": "a\x00b"}).status_code == 200
    assert client.get("/r/a\x00b").status_code == 200
    assert client.post("/r/", {"number": "a\x00b", "secret": "\x00"}).status_code == 422
    assert client.get("/api/v1/receipts/a%00b", headers={"Receipt-Secret": "x"}).status_code == 404
    assert client.post("/report/", form_fields(name="a\x00b", note="a\x00b")).status_code == 422


def test_a_strange_host_is_refused(campaign):
    assert Client().get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_line_break_in_an_address_writes_no_line_into_the_log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine())
    logger = logging.getLogger("nachsorge.tests")
    logger.addHandler(handler)
    try:
        logger.warning("Not Found: %s", "/x\r\n2026-01-01 00:00:00,000 WARNING forged\x1b[2J\u2028\u0085 entry")
    finally:
        logger.removeHandler(handler)
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()
    assert "\\r\\n" in stream.getvalue()


@given(st.text())
def test_what_is_shown_in_the_log_is_one_printable_line(text):
    assert visible(text).isprintable()
    assert len(visible(text).splitlines()) <= 1


def test_a_traceback_in_the_log_cannot_look_like_an_entry():
    try:
        raise ValueError("a\n2026-01-01 00:00:00,000 ERROR forged")
    except ValueError:
        record = logging.getLogger("x").makeRecord("x", logging.ERROR, "f", 1, "m", (), sys.exc_info())
    first, *rest = OneLine().format(record).splitlines()
    assert first.endswith(" m")
    assert all(line.startswith("    ") for line in rest)


def test_security_txt_is_what_rfc_9116_asks_for(campaign):
    answer = Client().get("/.well-known/security.txt")
    assert answer["Content-Type"].startswith("text/plain")
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert lines["Contact"] == "mailto:cert@cert.example"
    left = datetime.fromisoformat(lines["Expires"]) - datetime.now(UTC)
    assert timedelta(days=90) < left < timedelta(days=365)
    assert set(lines["Preferred-Languages"].split(", ")) == {"de", "en"}


def test_another_reader_finds_security_txt_sound(campaign):
    sectxt = pytest.importorskip("sectxt", reason="SECTXT ABSENT: security.txt was NOT read by another program")
    body = Client().get("/.well-known/security.txt").content
    read = sectxt.Parser(body.replace(b"http://testserver", b"https://testserver"))
    assert [each["code"] for each in read.errors] == []


def test_a_fault_of_ours_says_nothing_of_itself(campaign, monkeypatch):
    monkeypatch.setattr("nachsorge.cert.intake.views.standing_of", None)
    monkeypatch.setattr("nachsorge.cert.intake.views.is_open", lambda *_: 1 / 0)
    answer = Client(raise_request_exception=False).get("/r/0000-0000-0000")
    assert answer.status_code == 500
    assert b"ZeroDivision" not in answer.content
    assert b"Nothing that was acknowledged" in answer.content
