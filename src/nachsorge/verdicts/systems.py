"""What a system is, as far as its address tells: a thief who reads a list of addresses sorts it like this.

By words in the labels of the name, by well-known paths of products, and by a few well-known names. It is a guess with a
reason, made to order work; an organisation adds its own systems in a list (`nachsorge rank --systems`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from nachsorge.model.ranking import Given, Row
from nachsorge.model.words import Trait

ORDER = (
    Trait.GAVE_EXCHANGE,
    Trait.GAVE_BANK,
    Trait.GAVE_VPN,
    Trait.GAVE_ADMIN,
    Trait.GAVE_CLOUD,
    Trait.GAVE_CODE,
    Trait.GAVE_INTERNAL,
)
"""A system counts as the first of these that it is."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ANYWHERE: Mapping[Trait, frozenset[str]] = {
    Trait.GAVE_VPN: _words("vpn sslvpn webvpn ravpn vpngw anyconnect globalprotect fernzugang fernwartung rdweb"),
    Trait.GAVE_BANK: _words(
        "bank banking ebanking netbanking onlinebanking elba sparkasse sparkassen raiffeisen volksbank commerzbank "
        "bawag oberbank erstebank unicredit bankaustria paypal ebics"
    ),
    Trait.GAVE_EXCHANGE: _words(
        "binance coinbase kraken bitpanda bitfinex bitstamp okx bybit kucoin huobi bitmex deribit metamask uniswap "
        "fireblocks"
    ),
}
"""Words that tell on any site; a partner's VPN is worth as much as one's own."""

_AT_HOME: Mapping[Trait, frozenset[str]] = {
    Trait.GAVE_VPN: _words("openvpn wireguard fortigate pulse rds rdgateway citrix netscaler horizon"),
    Trait.GAVE_ADMIN: _words(
        "admin adm administration verwaltung ilo idrac ipmi bmc vcenter vsphere esx esxi proxmox pve hyperv firewall "
        "fw opnsense pfsense sophos unifi switch router nas synology truenas veeam backup grafana kibana zabbix icinga "
        "nagios checkmk prtg ldap adfs wsus sccm ansible awx portainer rancher argocd pbx"
    ),
    Trait.GAVE_CODE: _words(
        "git gitlab gitea bitbucket jenkins teamcity bamboo drone ci build builds nexus artifactory harbor registry "
        "sonar sonarqube gerrit svn codesign signing"
    ),
    Trait.GAVE_BANK: _words("treasury"),
    Trait.GAVE_EXCHANGE: _words("wallet crypto"),
}
"""Words that tell of one's own systems only: a public site has an `admin` and a `build` of its own."""

_ADMIN_PAGE = "an administration page"
_PATHS: tuple[tuple[Trait, str, str], ...] = (
    (Trait.GAVE_VPN, r"/remote/login\b", "the log-on page of a FortiGate VPN"),
    (Trait.GAVE_VPN, r"/\+CSCOE\+/", "the log-on page of a Cisco VPN"),
    (Trait.GAVE_VPN, r"/dana-na/", "the log-on page of an Ivanti (Pulse) VPN"),
    (Trait.GAVE_VPN, r"/global-protect/", "the log-on page of GlobalProtect"),
    (Trait.GAVE_VPN, r"/(?:vpn|logon/LogonPoint)/", "the log-on page of a gateway"),
    (Trait.GAVE_VPN, r"/RDWeb/", "Remote Desktop in the browser"),
    (Trait.GAVE_ADMIN, r"/(?:ecp|wp-admin|phpmyadmin|manager/html|administrator|adfs/ls)(?:/|$)", _ADMIN_PAGE),
    (Trait.GAVE_ADMIN, r"/admin(?:/|$|\.)", _ADMIN_PAGE),
)
_NAMES: tuple[tuple[Trait, str], ...] = (
    (Trait.GAVE_CLOUD, r"(?:^|\.)(?:portal\.azure\.com|console\.aws\.amazon\.com|console\.cloud\.google\.com)$"),
    (Trait.GAVE_CLOUD, r"^(?:admin|entra|intune|security|compliance)\.microsoft\.com$"),
    (Trait.GAVE_CLOUD, r"^(?:admin\.google\.com|cloud\.hetzner\.com|dash\.cloudflare\.com)$"),
    (Trait.GAVE_CODE, r"(?:^|\.)dev\.azure\.com$|\.visualstudio\.com$"),
)
_OWN = _words("local lan internal intranet corp intern home private arpa")
_SPLIT = re.compile(r"[^a-z0-9]+")
_DIGITS = re.compile(r"\d+\Z")


@dataclass(frozen=True, slots=True)
class Systems:
    """How an organisation's systems are told: its own domains, and what it says of names and their subdomains."""

    own: frozenset[str] = frozenset()
    said: Mapping[str, Trait] = field(default_factory=dict)

    def of(self, address: str) -> tuple[str, Trait, str] | None:
        """Give (host, what it is, why); None for what tells nothing of the organisation or is no web address."""
        scheme, _, rest = address.partition("://")
        if scheme not in ("http", "https", "ftp", "ftps", "ssh", "rdp") or not rest:
            return None
        host, slash, path = rest.partition("/")
        name = _without_port(host.rpartition("@")[2]).lower().rstrip(".")
        if not name:
            return None
        if (told := self._said(name)) is not None:
            return name, told, "named by you"
        for trait in ORDER:
            if why := self._is(trait, name, slash + path):
                return name, trait, why
        return None

    def _said(self, name: str) -> Trait | None:
        labels = name.split(".")
        return next((self.said[tail] for n in range(len(labels)) if (tail := ".".join(labels[n:])) in self.said), None)

    def _is(self, trait: Trait, name: str, path: str) -> str:
        own = self._own(name)
        if trait is Trait.GAVE_INTERNAL:
            return own
        if any(kind is trait and re.search(pattern, name) for kind, pattern in _NAMES):
            return "a well-known name"
        if word := _word(trait, name, home=bool(own)):
            return f"`{word}` in its name"
        if own or trait is Trait.GAVE_VPN:
            pages = (what for kind, page, what in _PATHS if kind is trait and re.search(page, path, re.IGNORECASE))
            return next(pages, "")
        return ""

    def _own(self, name: str) -> str:
        """Say why a name is one of the organisation's own; empty where nothing says so."""
        try:
            if ip_address(name.strip("[]")).is_private:
                return "a private address"
        except ValueError:
            pass
        else:
            return ""
        if "." not in name:
            return "a name without a domain"
        if name.rpartition(".")[2] in _OWN:
            return "a name of a local domain"
        tail = next((one for one in sorted(self.own) if name == one or name.endswith(f".{one}")), "")
        return f"a name of {tail}" if tail else ""


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _word(trait: Trait, name: str, *, home: bool) -> str:
    known = _ANYWHERE.get(trait, frozenset()) | (_AT_HOME.get(trait, frozenset()) if home else frozenset())
    words = [_DIGITS.sub("", word) for word in _SPLIT.split(name.rpartition(".")[0] or name)]
    return next((word for word in words if word in known), "")


def own_domains(names: Iterable[str]) -> frozenset[str]:
    """Give the domains of an inventory's machines: a name without its first label, of two labels or more."""
    tails = (name.lower().strip(".").partition(".")[2] for name in names)
    return frozenset(tail for tail in tails if "." in tail)


def gave_away(rows: Sequence[Row], systems: Systems) -> tuple[Given, ...]:
    """Sort the addresses of a list into systems, the most telling kind first, then those with most rows."""
    found: dict[str, Given] = {}
    for row in rows:
        told = systems.of(row.address)
        if told is None:
            continue
        host, trait, why = told
        old = found.get(host)
        if old is None:
            found[host] = Given(host=host, trait=trait, why=why, rows=1, certain=row.certain)
            continue
        better = ORDER.index(trait) < ORDER.index(old.trait)
        found[host] = Given(
            host=host,
            trait=trait if better else old.trait,
            why=why if better else old.why,
            rows=old.rows + 1,
            certain=old.certain or row.certain,
        )
    return tuple(sorted(found.values(), key=lambda one: (ORDER.index(one.trait), -one.rows, one.host)))
