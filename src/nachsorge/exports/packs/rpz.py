"""A DNS response policy zone (draft-vixie-dnsop-dns-rpz): names with all below them, addresses in answers."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_network
from typing import TYPE_CHECKING

from nachsorge.exports.packs.hosts import names, no_names
from nachsorge.exports.packs.naming import file_name, heading, plain
from nachsorge.exports.packs.seams import File, Loss, Says, Written
from nachsorge.model.times import SECOND
from nachsorge.model.words import IndicatorType

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Row, Selection

_ORIGIN = "rpz.nachsorge.invalid"
_LONGEST = 253 - len(_ORIGIN) - 1 - len("*.")
"""Owner names of the zone stand below its origin, and a name has 253 characters at most (RFC 1035, section 2.3.4)."""
_TYPES = (IndicatorType.IP, IndicatorType.CIDR)


class RpzExporter:
    """For BIND, Knot, PowerDNS and Unbound resolvers."""

    name = "rpz"
    blocks = True
    says = Says(
        expresses="host names with their subdomains, addresses and networks in answers (`rpz-ip`): NXDOMAIN",
        drops="URLs, files, rules, times; names so long that they do not fit below the zone's own",
        checked="`named-checkzone`",
    )

    def write(self, selection: Selection) -> Written:
        """Write the zone; its serial is the time of the export, so that secondaries fetch it."""
        lines, lost = [], no_names(selection, *_TYPES, only="a policy zone holds names and addresses only")
        for row in names(selection):
            if len(row.of.value) > _LONGEST:
                lost.append(Loss(row.named, f"too long to stand below {_ORIGIN}"))
            else:
                lines += [*_remark(row), f"{row.of.value} CNAME .", f"*.{row.of.value} CNAME ."]
        for row in _addresses(selection):
            lines += [*_remark(row), f"{_owner(row.of.value)}.rpz-ip CNAME ."]
        content = "\n".join([*_head(selection), *lines, ""]).encode()
        return Written((File(file_name(selection.pack, ".rpz"), content),), tuple(lost))


def _head(selection: Selection) -> list[str]:
    serial = selection.at // SECOND % 2**32
    return [
        *(f"; {text}" for text in heading(selection.pack, selection.release.label, "Response policy zone")),
        "$TTL 300",
        f"$ORIGIN {_ORIGIN}.",
        f"@ SOA localhost. hostmaster.localhost. {serial} 3600 600 604800 300",
        "@ NS localhost.",
    ]


def _remark(row: Row) -> list[str]:
    return [f"; {plain(row.of.note)}"] if row.of.note else []


def _addresses(selection: Selection) -> list[Row]:
    found = {row.of.value: row for row in reversed(selection.rows) if row.of.type in _TYPES}
    return [found[value] for value in sorted(found)]


def _owner(value: str) -> str:
    """Write an address as the draft does: prefix length, then the parts from last to first, `zz` for the longest `::`.

    Where BIND reads `zz`, it wants what the canonical spelling (RFC 5952) compresses, and nothing else.
    """
    network = ip_network(value)
    base = network.network_address
    if not isinstance(base, IPv6Address):
        return f"{network.prefixlen}.{'.'.join(reversed(str(base).split('.')))}"
    parts = _compressed(base)
    return f"{network.prefixlen}.{'.'.join(reversed(parts))}"


def _compressed(address: IPv6Address) -> list[str]:
    before, double, after = str(address).partition("::")
    words = [word for word in before.split(":") if word]
    return [*words, "zz", *(word for word in after.split(":") if word)] if double else words
