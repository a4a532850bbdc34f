"""The names that exporters of flows give to both ends and to the times, whatever stands around them.

Sources: IANA, "IPFIX Information Elements"; nfdump(1); rwcut(1); yafscii(1); ra(1) of Argus; nProbe, "Flow templates";
pmacct, CONFIG-KEYS; the manuals of the clouds' flow logs (AWS, Alibaba, Azure, GCP, IBM, Oracle).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

CLIENTS = (
    *("srcaddr", "sa", "sip", "srcip", "pktsrcaddr", "srcaddr4", "srcaddr6", "ipsrc", "saddr", "sourceaddress"),
    *("sourceip", "sourceipv4address", "sourceipv6address", "ipv4srcaddr", "ipv6srcaddr", "src4addr", "src6addr"),
    *("initiatorip", "srcips"),
)
SERVERS = (
    *("dstaddr", "da", "dip", "dstip", "pktdstaddr", "dstaddr4", "dstaddr6", "ipdst", "daddr", "destinationaddress"),
    *("destinationip", "destinationipv4address", "destinationipv6address", "ipv4dstaddr", "ipv6dstaddr", "dst4addr"),
    *("dst6addr", "destip", "targetip", "destips"),
)
STARTS = (
    *("start", "ts", "firstseen", "first", "stime", "starttime", "flowstart", "flowstarttime", "flowstarttimet"),
    *("flowstartseconds", "flowstartmilliseconds", "flowstartmicroseconds", "flowstartnanoseconds", "firstswitched"),
    *("timestampstart", "connectionstarttime"),
)
ENDS = (
    *("end", "te", "lastseen", "last", "etime", "endtime", "flowend", "flowendtime", "flowendtimet", "lasttime"),
    *("flowendseconds", "flowendmilliseconds", "flowendmicroseconds", "flowendnanoseconds", "lastswitched"),
    *("timestampend",),
)
STATES = ("logstatus", "status")


@dataclass(frozen=True, slots=True)
class Roles:
    """Which of some names are both ends' and the times', by their index; -1 where there is none such."""

    client: int
    server: int
    start: int
    end: int
    status: int


def plain(name: str) -> str:
    """Spell a name for comparison: `iana:sourceIPv4Address`, `flows.source_ipv4_address` and their like are one."""
    return re.sub(r"[\W_]", "", re.split(r"[.:]", name.removesuffix("[UTC]").strip())[-1].lower())


@lru_cache(maxsize=256)
def roles(names: tuple[str, ...]) -> Roles:
    """Tell the roles of names that stand together in a header or an object."""
    spelled = [plain(name) for name in names]

    def first(wanted: tuple[str, ...]) -> int:
        return next((spelled.index(name) for name in wanted if name in spelled), -1)

    return Roles(first(CLIENTS), first(SERVERS), first(STARTS), first(ENDS), first(STATES))
