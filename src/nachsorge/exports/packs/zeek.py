"""Zeek's intelligence framework: a tab-separated file (Zeek manual, Intelligence Framework; base/frameworks/intel)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.exports.packs.naming import file_name, heading, plain
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written, distinct
from nachsorge.model.words import IndicatorType, Role, Weight

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Row, Selection

_I = IndicatorType
_COLUMNS = ("indicator", "indicator_type", "meta.source", "meta.desc", "meta.url", "meta.do_notice")
_TYPES = {
    _I.DOMAIN: "Intel::DOMAIN",
    _I.IP: "Intel::ADDR",
    _I.CIDR: "Intel::SUBNET",
    _I.URL: "Intel::URL",
    _I.SHA256: "Intel::FILE_HASH",
    _I.SHA1: "Intel::FILE_HASH",
    _I.MD5: "Intel::FILE_HASH",
    _I.FILE_NAME: "Intel::FILE_NAME",
    _I.EMAIL: "Intel::EMAIL",
    _I.USER_AGENT: "Intel::SOFTWARE",
    _I.CERTIFICATE: "Intel::CERT_HASH",
}
_LOST = {
    _I.DOMAIN: "Zeek compares whole host names: subdomains are not met",
    _I.URL: "met in clear HTTP only",
}


class ZeekExporter:
    """For `Intel::read_files` with `@load frameworks/intel/seen` (and `do_notice` for notices)."""

    name = "zeek"
    blocks = False
    says = Says(
        expresses="host names, addresses, networks, URLs without their scheme, file hashes and names, mail addresses, "
        "user agents (`Intel::SOFTWARE`), certificate hashes (SHA-1)",
        drops="subdomains, everything with wildcards, paths, registry, packages, strings, rules; validity",
        checked="the documented grammar of the input framework (Zeek itself cannot be installed here)",
    )

    def write(self, selection: Selection) -> Written:
        """Write one intel file."""
        lines, lost = [], []
        for row in distinct(selection.rows, *_I):
            value, why = _value(row)
            if value:
                lines.append("\t".join((value, _TYPES[row.of.type], *_meta(row, selection))))
            lost += [Loss(row.named, why)] if why else []
        head = [f"# {text}" for text in heading(selection.pack, selection.release.label, "Zeek intelligence")]
        content = "\n".join(["\t".join(("#fields", *_COLUMNS)), *head, *lines, ""]).encode()
        losses = [
            *selection.held,
            *lost,
            *rules_lost(selection.pack, "no place for rules"),
            *parts_lost(selection.pack),
        ]
        return Written((File(file_name(selection.pack, ".intel"), content),), tuple(losses))


def _value(row: Row) -> tuple[str, str]:
    """Give what stands in the first column, empty where nothing can, and what is lost."""
    kind, value = row.of.type, row.of.value
    if kind not in _TYPES:
        return "", "no type of Zeek's intelligence framework"
    if kind in (_I.FILE_NAME, _I.USER_AGENT) and re.search(r"[*?]", value):
        return "", "Zeek compares whole values: no wildcards"
    if "\t" in value or value != plain(value) or value in ("-", "(empty)"):
        return "", "the value would break the columns"
    if kind is _I.CERTIFICATE:
        bare = value.replace(":", "").lower()
        return (bare, "") if re.fullmatch(r"[0-9a-f]{40}", bare) else ("", "Zeek compares SHA-1 of certificates only")
    if kind is _I.URL:
        # "URL - without the leading protocol" (Intel::URL)
        return re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", value), _LOST[kind]
    return value.lower() if kind is _I.EMAIL else value, _LOST.get(kind, "")


def _meta(row: Row, selection: Selection) -> tuple[str, str, str, str]:
    pack = selection.pack
    where = next((source.where for source in pack.sources if source.id == row.of.first_source), "")
    says = f"{row.stage.id}; {row.trace.weight}; TLP:{row.of.tlp}" + (f"; {row.of.note}" if row.of.note else "")
    notice = row.of.role is Role.MALICIOUS and row.trace.weight is not Weight.HINT
    return (
        _field(f"nachsorge {pack.id} {pack.version}"),
        _field(says),
        _field(where) if re.match(r"https?://\S+\Z", where) else "-",
        "T" if notice else "F",
    )


def _field(text: str) -> str:
    return plain(text).replace("\\", "\\x5c") or "-"
