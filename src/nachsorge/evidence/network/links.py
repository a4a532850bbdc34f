"""From a frame to the IP packet in it, through whatever link layer carried it; dpkt (extra `network`) helps."""

from __future__ import annotations

from typing import Any

from nachsorge.evidence.network import frames

dpkt: Any
try:
    import dpkt  # type: ignore[import-untyped,no-redef,unused-ignore]
except ImportError:  # the extra `network` is not installed: readers say so
    dpkt = None

INSTALL = "reading network captures takes an extra: pip install 'nachsorge[network]'"
_ETHERTYPES = {0x0806: "ARP", 0x8035: "RARP", 0x88CC: "LLDP", 0x888E: "EAPOL", 0x8863: "PPPoE discovery"} | {
    0x8809: "slow protocols",
    0x88E5: "MACsec",
    0x8137: "IPX",
}
_PPP_IP = {0x21: 0x0800, 0x57: 0x86DD}
_VLAN = frozenset({0x8100, 0x88A8, 0x9100})


def packet_in(link: int, raw: bytes) -> tuple[Any, str]:
    """Give the IP packet of a frame, else None and the name of what it holds instead."""
    if link in frames.RAW:
        return ip_in(raw)
    match link:
        case frames.ETHERNET:
            return peeled(dpkt.ethernet.Ethernet(raw))
        case frames.SLL:
            return peeled(dpkt.sll.SLL(raw))
        case frames.SLL2:
            return peeled(dpkt.sll2.SLL2(raw))
        case frames.NULL | frames.LOOP:
            return ip_in(raw[4:])
        case frames.C_HDLC:
            return _typed(int.from_bytes(raw[2:4], "big"), raw[4:])
        case frames.PPP_ETHER:
            return _ppp(raw[6:])
        case _:
            return _ppp(raw)


def ip_in(raw: bytes) -> tuple[Any, str]:
    """Give the IP packet that bytes begin with, else None and a name."""
    version = raw[0] >> 4 if raw else 0
    if version == 4:
        return dpkt.ip.IP(raw), ""
    return (dpkt.ip6.IP6(raw), "") if version == 6 else (None, "frames that hold no IP")


def _ppp(raw: bytes) -> tuple[Any, str]:
    """Skip address and control, which may be left out, and the protocol in one byte or two (RFC 1661, section 6.5)."""
    raw = raw.removeprefix(b"\xff\x03")
    short = raw[:1] and raw[0] & 1
    protocol = raw[0] if short else int.from_bytes(raw[:2], "big")
    if protocol not in _PPP_IP:
        return None, f"PPP protocol {protocol:#06x}"
    return ip_in(raw[1 if short else 2 :])


def _typed(ethertype: int, raw: bytes) -> tuple[Any, str]:
    while ethertype in _VLAN and len(raw) >= 4:
        ethertype, raw = int.from_bytes(raw[2:4], "big"), raw[4:]
    if ethertype in (0x0800, 0x86DD):
        return ip_in(raw)
    return None, _ETHERTYPES.get(ethertype, f"ethertype {ethertype:#06x}")


def peeled(node: Any) -> tuple[Any, str]:
    """Go inwards to the IP packet through whatever dpkt put around it."""
    name, ethertype = "frames that hold no IP", 0
    while not isinstance(node, (dpkt.ip.IP, dpkt.ip6.IP6)):
        if isinstance(node, bytes):
            if ethertype in (0x0800, 0x86DD):
                raise ValueError("the header of the IP packet is broken")
            return _typed(ethertype, node) if ethertype else (None, name)
        tagged = getattr(node, "vlan_tags", None)
        ethertype = tagged[-1].type if tagged else getattr(node, "ethtype", getattr(node, "type", 0))
        if isinstance(node, (dpkt.pppoe.PPPoE, dpkt.llc.LLC)):
            ethertype = 0
        name = _name_of(node, name)
        node = node.data
    return node, ""


def _name_of(node: Any, before: str) -> str:
    match type(node).__name__:
        case "Ethernet" | "SLL" | "SLL2":
            return before
        case "LLC":
            return "LLC (spanning tree and the like)"
        case other:
            return other
