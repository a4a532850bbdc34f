"""Names of services by port, for the list of what was not decoded, and where encrypted DNS is met.

Ports: IANA's registry of service names; resolvers: the operators' own published names.
"""

from __future__ import annotations

SERVICES = {20: "FTP data", 21: "FTP", 22: "SSH", 23: "Telnet", 25: "SMTP", 69: "TFTP", 80: "HTTP", 88: "Kerberos"} | {
    110: "POP3",
    111: "RPC",
    123: "NTP",
    135: "MS-RPC",
    137: "NetBIOS names",
    138: "NetBIOS datagrams",
    139: "NetBIOS sessions",
    143: "IMAP",
    161: "SNMP",
    162: "SNMP traps",
    179: "BGP",
    389: "LDAP",
    443: "HTTPS",
    445: "SMB",
    465: "SMTP",
    500: "IKE",
    514: "syslog",
    546: "DHCPv6",
    547: "DHCPv6",
    587: "SMTP",
    631: "IPP",
    636: "LDAPS",
    993: "IMAPS",
    995: "POP3S",
    1080: "SOCKS",
    1433: "MS-SQL",
    1701: "L2TP",
    1812: "RADIUS",
    1813: "RADIUS",
    1883: "MQTT",
    1900: "SSDP",
    2049: "NFS",
    2055: "NetFlow",
    3128: "proxy",
    3306: "MySQL",
    3389: "RDP",
    3478: "STUN",
    3702: "WS-Discovery",
    4500: "IPsec NAT-T",
    5060: "SIP",
    5222: "XMPP",
    5269: "XMPP",
    5432: "PostgreSQL",
    5900: "VNC",
    5938: "TeamViewer",
    6343: "sFlow",
    6667: "IRC",
    8080: "HTTP",
    9001: "Tor",
    51820: "WireGuard",
}
DNS = {53: "dns", 5353: "mdns", 5355: "llmnr"}
DHCP = frozenset({67, 68})
ENCRYPTED_DNS = frozenset({853, 8853})
"""DNS over TLS (RFC 7858) and over QUIC (RFC 9250); 784 and 8853 were ports of its drafts."""

_RESOLVERS = frozenset(
    {
        "dns.google",
        "cloudflare-dns.com",
        "cloudflare-gateway.com",
        "one.one.one.one",
        "quad9.net",
        "doh.opendns.com",
        "nextdns.io",
        "cleanbrowsing.org",
        "adguard-dns.com",
        "dns.adguard.com",
        "mullvad.net",
        "controld.com",
        "dns0.eu",
        "doh.dns.apple.com",
        "dns.alidns.com",
        "doh.pub",
    }
)
"""Public resolvers that answer over HTTPS. The list annotates: there are others, and nobody can list them all."""


def resolver(name: str) -> bool:
    """Tell whether a host is a public resolver, or one of its subdomains."""
    labels = name.lower().rstrip(".").split(".")
    return any(".".join(labels[at:]) in _RESOLVERS for at in range(len(labels)))


def service(protocol: str, client_port: int, server_port: int) -> str:
    """Name a service by its port: the server's where it is known, else the lower of the two."""
    for port in (server_port, client_port):
        if port in SERVICES:
            return f"{SERVICES[port]} ({protocol} port {port})"
    port = min(server_port, client_port)
    return f"{protocol} port {port}" if port < 10_000 else f"{protocol}, high ports"
