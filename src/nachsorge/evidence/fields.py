"""Which kind of value a field holds, by its name in the field's common schemas and else by its shape.

Names are those of Zeek, Suricata EVE, Sysmon and the Windows event log, Elastic Common Schema, W3C extended log format,
CEF and osquery. A field that no list names and whose shape tells nothing is TEXT: it is searched, word-bounded.
Nothing in a record is left unsearched.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from nachsorge.model.evidence import Value
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NAMES: dict[Kind, str] = {
    Kind.HOST: """
        query qname rrname answers answer rdata server_name sni hostname queryname queryresults destinationhostname
        sourcehostname host_name fqdn client_fqdn domain dhost shost dntdom cs-host cs(host) s-computername
        dns.question.name dns.answers.data dns.rrname dns.query.rrname url.domain destination.domain source.domain
        server.domain client.domain tls.client.server_name tls.sni http.hostname http.http_host http.host
        http.request.headers.host host.name san.dns helo assigned_host server_dns_computer_name
        destination.address destinationhost sni.host remotehost servername dns.answer ssl.server_name requested_host
        """,
    Kind.ADDRESS: """
        id.orig_h id.resp_h id_orig_h id_resp_h orig_h resp_h src_ip dest_ip dst_ip src dst srcip dstip sourceip
        destinationip source.ip destination.ip client.ip server.ip host.ip c-ip s-ip r-ip client_addr server_addr
        assigned_addr requested_addr tx_hosts rx_hosts san.ip remote_address local_address ipaddress sourceaddress
        destinationaddress client_ip remote_ip
        """,
    Kind.URL: """
        url url.full url.original uri request_url cs-uri cs-url cs(referer) referrer referer http.http_refer requesturl
        request http.request.referrer
        """,
    Kind.HASH: """
        md5 sha1 sha256 hashes hash imphash filehash fingerprint cert.sha1 cert.sha256 file.hash.md5 file.hash.sha1
        file.hash.sha256 process.hash.md5 process.hash.sha1 process.hash.sha256 dll.hash.sha256 tls.fingerprint
        cert_chain_fps client_cert_chain_fps san.hash fileinfo.md5 fileinfo.sha1 fileinfo.sha256 x509.fingerprint
        """,
    Kind.PATH: """
        image parentimage imageloaded targetfilename filename sourceimage targetimage newprocessname parentprocessname
        processname file.path process.executable process.parent.executable dll.path target_path path filepath
        originalfilename file.name process.name process.parent.name fname saved_filename sourcefilename destfilename
        currentdirectory objectname applicationname file_name executable
        """,
    Kind.REGISTRY: "targetobject registry.path registry.key registrykey",
    Kind.USER_AGENT: """
        user_agent useragent cs(user-agent) user_agent.original http.http_user_agent requestclientapplication
        """,
    Kind.EMAIL: """
        mailfrom rcptto from to cc reply_to email email.from email.to san.email smtp.mail_from smtp.rcpt_to suser duser
        """,
    Kind.CERTIFICATE: """
        certificate.serial certificate.subject certificate.issuer subject issuer issuerdn serial tls.subject
        tls.issuerdn tls.serial client_subject client_issuer signature.subject certificate.sig_alg signer subjectdn
        """,
    Kind.NAMED_OBJECT: "pipename mutex eventname",
}
FIELDS: dict[str, Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}\Z")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+(?:%[^%]+)?\Z")
"""What an IPv6 address is made of; most texts with a colon are none, and to try costs more than to look."""
_HEX = re.compile(r"(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})\Z")
_SHORTEST_HASH = 32
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+\Z")


def is_address(text: str) -> bool:
    """Tell whether the text is one IPv4 or IPv6 address and nothing else."""
    if ":" not in text:
        return _IPV4.match(text) is not None
    if not _IPV6.match(text):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _by_name(name: str) -> Kind | None:
    lowered = name.lower()
    return FIELDS.get(lowered) or FIELDS.get(lowered.rpartition(".")[2])


def kind_of(name: str, text: str) -> Kind:
    """Say what a field holds: by its name (case ignored, the last part of a dotted path too), else by its shape."""
    kind = _by_name(name)
    if kind is Kind.HOST and is_address(text):
        return Kind.ADDRESS
    if kind is not None:
        return kind
    if len(text) >= _SHORTEST_HASH and _HEX.match(text):
        return Kind.HASH
    if "://" in text and _URL.match(text):
        return Kind.URL
    return Kind.ADDRESS if is_address(text) else Kind.TEXT


def values_of(event: Mapping[str, str], kinds: Mapping[str, Kind] | None = None) -> tuple[Value, ...]:
    """Type every non-empty field of a flat record; `kinds` overrules the common names, by exact field name."""
    kinds = kinds or {}
    return tuple(
        Value(kinds.get(name) or kind_of(name, text), name, text)
        for name, text in event.items()
        if text not in ("", "-")
    )


def flatten(tree: object, prefix: str = "") -> Iterable[tuple[str, str]]:
    """Walk decoded JSON into (dotted name, text); list items share their list's name."""
    match tree:
        case dict():
            for key, value in tree.items():
                yield from flatten(value, f"{prefix}.{key}" if prefix else str(key))
        case list():
            for value in tree:
                yield from flatten(value, prefix)
        case None:
            return
        case bool():
            yield prefix, "true" if tree else "false"
        case _:
            yield prefix, str(tree)


def event_of(tree: object) -> dict[str, str]:
    """Flatten decoded JSON into one mapping; repeated names are joined by a line break, which no value test crosses."""
    event: dict[str, str] = {}
    for name, text in flatten(tree):
        event[name] = f"{event[name]}\n{text}" if name in event else text
    return event
