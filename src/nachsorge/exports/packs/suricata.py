"""Suricata 7: a rule a value, hash lists and address data sets beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.exports.packs.naming import file_name, heading, numbers, revision, word
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written, distinct
from nachsorge.exports.packs.suricata_rule import Part, content, host, pieces, rule
from nachsorge.model.words import IndicatorType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.exports.packs.seams import Row, Selection
    from nachsorge.model.pack import Indicator

_I = IndicatorType
_HASHES = {_I.SHA256: "filesha256", _I.SHA1: "filesha1", _I.MD5: "filemd5"}
_CARRIERS = ("http", "smtp", "ftp-data", "smb")
_NOT_ON_THE_WIRE = "nothing that a network sensor sees in clear"
_LIMIT = "threshold:type limit, track by_src, count 1, seconds 3600;"
_CLEAR_ONLY = "seen in unencrypted HTTP only; under TLS a sensor sees no path"


class SuricataExporter:
    """For sensors and for captures that are read again."""

    name = "suricata"
    blocks = False
    says = Says(
        expresses="host names with subdomains in DNS, TLS and HTTP; addresses (a data set a stage), networks; URLs, "
        "URL patterns and user agents in clear HTTP; file hashes (lists) and file names; certificate fingerprints and "
        "serial numbers. It alerts and blocks nothing",
        drops="paths, registry, packages, mail addresses, strings, rules; windows and validity",
        checked="`suricata -T`, and a made capture replayed with `suricata -r` that must alert",
    )

    def write(self, selection: Selection) -> Written:
        """Write the rules file and the lists that it loads; all belong into one folder."""
        parts, lost = _single(selection)
        lists, more = _lists(selection), _addresses(selection)
        parts += lists[0] + more[0]
        given = numbers(name for name, _, _, _ in parts)
        pack = selection.pack
        rev = revision(pack.version)
        body = [
            rule(part, row, pack=pack.id, digest=pack.digest, sid=given[name], rev=rev, what=what)
            for name, part, row, what in sorted(parts, key=lambda each: given[each[0]])
        ]
        head = [f"# {text}" for text in heading(pack, selection.release.label, "Suricata rules")]
        rules = File(file_name(pack, ".rules"), "\n".join([*head, *body, ""]).encode())
        losses = [*selection.held, *lost, *rules_lost(pack, "no network rule"), *parts_lost(pack)]
        return Written((rules, *lists[1], *more[1]), tuple(losses))


_Named = tuple[str, Part, "Row", str]


def _single(selection: Selection) -> tuple[list[_Named], list[Loss]]:
    made: list[_Named] = []
    lost = []
    for row in distinct(selection.rows, *(kind for kind in _I if kind is not _I.IP and kind not in _HASHES)):
        parts, why = _WAYS.get(row.of.type, _none)(row.of)
        made += [(f"{row.named}|{part.protocol}|{part.to}", part, row, row.named) for part in parts]
        lost += [Loss(row.named, why)] if why else []
    return made, lost


def _lists(selection: Selection) -> tuple[list[_Named], list[File]]:
    """Write one list an algorithm and stage, and a rule for it on every protocol that carries files."""
    made: list[_Named] = []
    files = []
    for kind, keyword in _HASHES.items():
        for stage, ours, name in _by_stage(selection, kind):
            files.append(File(name, "".join(f"{row.of.value}\n" for row in ours).encode()))
            for protocol in _CARRIERS:
                part = Part(protocol, f"{keyword}:{name};")
                made.append((f"{kind}|{stage}|{protocol}", part, ours[0], f"file by its {kind}"))
    return made, files


def _addresses(selection: Selection) -> tuple[list[_Named], list[File]]:
    """Write one data set of addresses a stage."""
    made: list[_Named] = []
    files = []
    for stage, ours, name in _by_stage(selection, _I.IP):
        files.append(File(name, "".join(f"{row.of.value}\n" for row in ours).encode()))
        options = f"ip.dst; dataset:isset,{name.removesuffix('.ip')[:60]},type ip,load {name}; {_LIMIT}"
        made.append((f"ip|{stage}", Part("ip", options), ours[0], "address of the list"))
    return made, files


def _by_stage(selection: Selection, kind: IndicatorType) -> Iterator[tuple[str, list[Row], str]]:
    """Give the rows of a type by stage, so that the alert still says what it means, and the name of their file."""
    rows = distinct(selection.rows, kind)
    for stage in sorted({row.stage.id for row in rows}):
        ours = [row for row in rows if row.stage.id == stage]
        yield stage, ours, file_name(selection.pack, f"-{word(stage, '-')}.{kind}")


def _none(_: Indicator) -> tuple[list[Part], str]:
    return [], _NOT_ON_THE_WIRE


def _domain(indicator: Indicator) -> tuple[list[Part], str]:
    buffers = (("dns", "dns.query"), ("tls", "tls.sni"), ("http", "http.host"))
    return [Part(protocol, host(buffer, indicator.value)) for protocol, buffer in buffers], ""


def _cidr(indicator: Indicator) -> tuple[list[Part], str]:
    return [Part("ip", _LIMIT, f"[{indicator.value}]")], ""


def _url(indicator: Indicator) -> tuple[list[Part], str]:
    found = re.match(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::\d+)?([^#]*)", indicator.value, re.I)
    if not found:
        return [], "no URL that could be taken apart"
    name, path = found[1].strip("[]"), found[2] or "/"
    path = path if path.startswith("/") else f"/{path}"
    options = f"http.host; {content(name.lower())} bsize:{len(name.encode())}; http.uri.raw; {content(path)} "
    return [Part("http", f"{options}bsize:{len(path.encode())};")], _CLEAR_ONLY


def _url_pattern(indicator: Indicator) -> tuple[list[Part], str]:
    name, slash, path = re.sub(r"^[a-z][a-z0-9+.-]*://", "", indicator.value, flags=re.I).partition("/")
    options = []
    if name.strip("*"):
        bare = name.partition(":")[0].lower()
        options.append(host("http.host", bare) if "*" not in bare else pieces("http.host", bare, whole=True))
    if path.strip("*"):
        options.append(pieces("http.uri.raw", f"{slash}{path}*", whole=True))
    return ([Part("http", " ".join(options))] if options else []), _CLEAR_ONLY


def _agent(indicator: Indicator) -> tuple[list[Part], str]:
    return [Part("http", pieces("http.user_agent", indicator.value, whole=True))], "seen in unencrypted HTTP only"


def _file_name(indicator: Indicator) -> tuple[list[Part], str]:
    if re.search(r"[*?]", indicator.value):
        return [], "a file name with wildcards"
    options = f"file.name; {content(indicator.value)} nocase; endswith;"
    return [Part(protocol, options) for protocol in _CARRIERS[:1] + _CARRIERS[3:]], ""


def _certificate(indicator: Indicator) -> tuple[list[Part], str]:
    bare = indicator.value.replace(":", "").lower()
    if not re.fullmatch(r"(?:[0-9a-f]{2}){8,20}", bare):
        return [], "neither a SHA-1 fingerprint nor a serial number, which is what Suricata compares"
    pairs = ":".join(re.findall("..", bare))
    if len(bare) == 40:
        return [Part("tls", f"tls.cert_fingerprint; {content(pairs)}")], "certificates of TLS 1.3 are encrypted"
    return [Part("tls", f"tls.cert_serial; {content(pairs.upper())}")], "taken as a serial number by its look"


_WAYS: dict[IndicatorType, Callable[[Indicator], tuple[list[Part], str]]] = {
    _I.DOMAIN: _domain,
    _I.CIDR: _cidr,
    _I.URL: _url,
    _I.URL_PATTERN: _url_pattern,
    _I.USER_AGENT: _agent,
    _I.FILE_NAME: _file_name,
    _I.CERTIFICATE: _certificate,
}
