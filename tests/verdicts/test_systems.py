"""What a system is taken for by its address, and why."""

from __future__ import annotations

import pytest

from nachsorge.model.ranking import Row
from nachsorge.model.words import Trait
from nachsorge.verdicts.systems import Systems, gave_away, own_domains

OURS = Systems(frozenset({"almtal.example"}), {"kiln.partner.example": Trait.GAVE_ADMIN})


@pytest.mark.parametrize(
    ("address", "kind", "why"),
    [
        ("https://intranet.almtal.example/wiki", Trait.GAVE_INTERNAL, "a name of almtal.example"),
        ("http://10.0.0.7:8080/", Trait.GAVE_INTERNAL, "a private address"),
        ("https://[fd00::7]:8443/status", Trait.GAVE_INTERNAL, "a private address"),
        ("https://[fd00::1]/admin/", Trait.GAVE_ADMIN, "an administration page"),
        ("http://printserver/", Trait.GAVE_INTERNAL, "a name without a domain"),
        ("https://files.corp.local/x", Trait.GAVE_INTERNAL, "a name of a local domain"),
        ("https://vpn.partner.example/", Trait.GAVE_VPN, "`vpn` in its name"),
        ("https://gw.partner.example/remote/login", Trait.GAVE_VPN, "the log-on page of a FortiGate VPN"),
        ("https://gw.partner.example/+CSCOE+/logon.html", Trait.GAVE_VPN, "the log-on page of a Cisco VPN"),
        ("https://vcenter1.almtal.example/ui/", Trait.GAVE_ADMIN, "`vcenter` in its name"),
        ("https://10.0.0.1/admin/", Trait.GAVE_ADMIN, "an administration page"),
        ("https://gitlab.almtal.example/tiles", Trait.GAVE_CODE, "`gitlab` in its name"),
        ("https://portal.azure.com/", Trait.GAVE_CLOUD, "a well-known name"),
        ("https://ebanking.haus.example/login", Trait.GAVE_BANK, "`ebanking` in its name"),
        ("https://www.binance.com/en", Trait.GAVE_EXCHANGE, "`binance` in its name"),
        ("https://x.kiln.partner.example/", Trait.GAVE_ADMIN, "named by you"),
        ("https://joe:pw@files.almtal.example/x", Trait.GAVE_INTERNAL, "a name of almtal.example"),
    ],
)
def test_kinds(address, kind, why):
    told = OURS.of(address)
    assert told is not None and told[1:] == (kind, why)


@pytest.mark.parametrize(
    "address",
    [
        "https://news.example/admin/",
        "https://joe:pw@news.example/x",
        "https://build.vendor.example/",
        "https://www.riverbanks.example/",
        "https://myvpnreview.example/",
        "https://notalmtal.example/",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/admin/",
        "chrome://settings",
        "file:///C:/x",
        "about:blank",
        "",
        "https://",
        "https:///admin/",
        "https://:8443/admin/",
    ],
)
def test_what_tells_nothing_of_the_organisation(address):
    assert OURS.of(address) is None


def test_own_domains_are_those_of_the_machines():
    names = ["pc1", "pc1.almtal.example", "PC2.ALMTAL.EXAMPLE.", "x.local", "10.0.0.1"]
    assert own_domains(names) >= {"almtal.example"} and "local" not in own_domains(names)


def test_a_system_is_named_once_with_its_rows_and_the_most_telling_kind():
    rows = [
        Row(number=3, address="https://gw.almtal.example/remote/login"),
        Row(number=2, address="https://gw.almtal.example/", certain=True),
        Row(number=1, address="https://news.example/"),
    ]
    (one,) = gave_away(rows, OURS)
    assert (one.host, one.trait, one.rows, one.certain) == ("gw.almtal.example", Trait.GAVE_VPN, 2, True)
