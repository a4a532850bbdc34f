"""What is compared as words: mail addresses, user agents, named objects, strings."""

from __future__ import annotations

import pytest
from tests.matching.kit import found


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("email", "Bob@Evil.com", True),
        ("email", "Bob B <bob@evil.com>, other@x.example", True),
        ("email", "xbob@evil.com", False),
        ("email", "bob@evil.com.example", False),
        ("email", "bob+x@evil.com", False),
        ("text", "mail bob@evil.com.", True),
        ("text", "from='bob@evil.com'", True),
        ("text", "to=bob@evil.com", True),
        ("text", "a.bob@evil.com", False),
        ("host", "evil.com", False),
    ],
)
def test_mail_addresses(field, text, expected):
    assert found("email", "bob@evil.com", field, text) is expected


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("user_agent", "Evil/1.0 (x)", True),
        ("user_agent", " Evil/1.0 (x) ", True),
        ("user_agent", "Evil/1.0 (x) more", False),
        ("user_agent", "evil/1.0 (x)", False),
        ("text", '"GET / HTTP/1.1" 200 "Evil/1.0 (x)"', True),
        ("text", "notEvil/1.0 (x)", False),
    ],
)
def test_user_agents_are_exact(field, text, expected):
    assert found("user_agent", "Evil/1.0 (x)", field, text) is expected


@pytest.mark.parametrize("indicator", ["EvilMutex", "Global\\EvilMutex", "\\\\.\\pipe\\EvilMutex"])
@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("named_object", "\\Sessions\\1\\BaseNamedObjects\\evilmutex", True),
        ("named_object", "\\EvilMutex", True),
        ("named_object", "EvilMutex2", False),
        ("text", "mutex Local\\EvilMutex created", True),
        ("text", "EvilMutexTwo", False),
    ],
)
def test_named_objects_match_without_their_folder(indicator, field, text, expected):
    assert found("named_object", indicator, field, text) is expected


FAMILY = "Trojan:Win64/SamScissors"


@pytest.mark.parametrize(
    ("indicator", "text", "expected"),
    [
        # A name of an antivirus goes on behind `.` or `!` with its variant: the family is found in each of them.
        (FAMILY, "Trojan:Win64/SamScissors.EM!MTB", True),
        (FAMILY, "trojan:win64/samscissors!x", True),
        (FAMILY, "Trojan:Win64/SamScissorsTwo", False),
        (FAMILY, "xTrojan:Win64/SamScissors", False),
        (FAMILY, "Trojan:Win64/SamScissors_2", False),
        (FAMILY, "Trojan:Win64/SamScissorsé", False),
        (FAMILY + ".EM!MTB", "found Trojan:Win64/SamScissors.EM!MTB here", True),
        (FAMILY + ".EM!MTB", FAMILY, False),
        # A value that begins or ends in a sign has no word there to be bounded.
        ("/gate.php?", "GET /a/gate.php?x=1", True),
        ("--evil", "run.exe --evil", True),
        ("--evil", "run.exe --evilest", False),
        ("größer", "ist größer als", True),
        ("groß", "ist größer als", False),
        ("groß", "vergroßx", False),
        ("!!!!", "a!!!!b", True),
    ],
)
def test_strings_are_bounded_where_they_begin_or_end_in_a_word(indicator, text, expected):
    assert found("string", indicator, "text", text) is expected


@pytest.mark.parametrize("field", ["host", "url", "path", "hash", "user_agent", "registry", "text", "instant"])
def test_strings_are_looked_for_in_values_of_every_kind(field):
    assert found("string", "needle", field, "x/needle")
    assert not found("string", "needle", field, "x/needles")


def test_lines_of_a_value_are_values_of_their_own():
    assert found("domain", "evil.com", "host", "good.example\nevil.com")
    assert not found("string", "one two", "text", "one\ntwo")
