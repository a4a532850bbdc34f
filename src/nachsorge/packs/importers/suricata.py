"""Suricata rules: the names, addresses and agents that a rule's sticky buffers ask for.

Suricata user guide, "Suricata Rules". A rule is an AND of its options, so what it holds is a hint unless it is the only
one. Rules on payload bytes, flow bits or data sets are named: no log holds what they ask for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Weight
from nachsorge.packs.importers.collect import Collector, shorten
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.values import guess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.packs.importers.seams import Found

_HEADER = re.compile(
    r"(?P<off>#\s*)?(?:alert|drop|reject|pass)\s+(?P<protocol>[\w-]+)\s+(?P<source>\S+)\s+\S+\s+(?:->|<>)\s+(?P<to>\S+)\s+\S+\s*\("
)
_MARK = re.compile(r"[;\"\\]")
_BUFFERS = {
    "dns.query": T.DOMAIN,
    "dns_query": T.DOMAIN,
    "tls.sni": T.DOMAIN,
    "tls_sni": T.DOMAIN,
    "http.host": T.DOMAIN,
    "http_host": T.DOMAIN,
    "http.host.raw": T.DOMAIN,
    "http.user_agent": T.USER_AGENT,
    "http_user_agent": T.USER_AGENT,
    "tls.cert_serial": T.CERTIFICATE,
    "tls.cert_fingerprint": T.CERTIFICATE,
}
_PLAIN = frozenset(
    [
        "msg",
        "sid",
        "rev",
        "gid",
        "classtype",
        "reference",
        "metadata",
        "flow",
        "priority",
        "target",
        "fast_pattern",
        "nocase",
    ]
)
_PLAIN |= {"startswith", "endswith", "bsize", "depth", "offset", "isdataat", "threshold", "noalert", "tag", "dotprefix"}
_HEX = re.compile(r"\|((?:[0-9A-Fa-f]{2}\s*)+)\|")
_LONGEST = 50_000


class SuricataRulesImporter:
    """Rules, one a line."""

    name = "suricata-rules"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure where a line begins like a rule."""
        text = decode(head)
        return 90 if any(_HEADER.match(line[:_LONGEST]) for line in text.splitlines()) else 0

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give rule by rule; one that holds no value of ours is named by its message and number."""
        text, into = Text(source), Collector()
        for number, line in text.lines():
            read_rule(line.strip(), f"line {number}", into)
            yield from into.drain()
        yield from into.close(text.note())


def read_rule(rule: str, place: str, into: Collector) -> None:
    """Read one line of a rule file, or a rule that stands in another format."""
    header = _HEADER.match(rule[:_LONGEST])
    if header and header["off"]:
        into.remark(place, "the rule is switched off by #: passed over")
    elif header and len(rule) <= _LONGEST:
        _rule(header, rule[header.end() :], place, into)
    elif rule and not rule.startswith("#"):
        into.lose(place, f"no rule: {shorten(rule, 80)}")


def _rule(header: re.Match[str], body: str, place: str, into: Collector) -> None:
    options = _options(body)
    named = dict(options)
    message = f"{shorten(named.get('msg', '').strip(chr(34)), 120)} (sid {named.get('sid', '?')})"
    values, strict = _values(options)
    values += [(kind, each) for each in _addresses(header) if (kind := guess(each)) in (T.IP, T.CIDR)]
    weight = Weight.STRONG if len(values) == 1 and not strict else Weight.HINT
    taken = [into.take(place, kind, value, weight=weight, note=message) for kind, value in values if kind]
    if not any(taken):
        into.lose(place, f"asks for nothing that logs hold: {message}")
    elif strict or len(values) > 1:
        into.remark(place, f"asks for more than its values, which are hints: {message}")


def _options(body: str) -> list[tuple[str, str]]:
    """Cut the body at the semicolons outside quotes; a backslash takes the next character with it."""
    found, begin, at, quoted = [], 0, 0, False
    while (mark := _MARK.search(body, at)) is not None:
        at = mark.end()
        if mark[0] == "\\":
            at += 1
        elif mark[0] == '"':
            quoted = not quoted
        elif not quoted:
            name, _, value = body[begin : mark.start()].strip().partition(":")
            found.append((name.strip(), value.strip()))
            begin = at
    return found


def _values(options: list[tuple[str, str]]) -> tuple[list[tuple[T | None, str]], bool]:
    """Give the values under known buffers, and whether the rule asks for anything else."""
    found: list[tuple[T | None, str]] = []
    buffer, strict = "", False
    for index, (name, value) in enumerate(options):
        if name == "content":
            # The older spelling names the buffer after its content.
            later = next((each for each, _ in options[index + 1 :] if each in _BUFFERS or each == "content"), "")
            kind = _BUFFERS.get(buffer) or _BUFFERS.get(later if "_" in later else "")
            text = _content(value)
            if kind is None or text is None or value.startswith("!"):
                strict = True
            else:
                found.append((kind, text))
        elif name in _BUFFERS or "." in name:
            buffer = name
        elif name not in _PLAIN and name not in _BUFFERS:
            strict = True
    return found, strict


def _content(value: str) -> str | None:
    try:
        text = _HEX.sub(lambda match: bytes.fromhex(match[1]).decode("ascii"), value.strip().strip('"'))
    except ValueError:
        return None
    return re.sub(r"\\(.)", r"\1", text).lstrip(".")


def _addresses(header: re.Match[str]) -> list[str]:
    sides = (header["source"], header["to"])
    return [each for side in sides for each in side.strip("[]").split(",") if each and each[0] not in "$!a"]
