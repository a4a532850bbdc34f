"""The names that publishers give to kinds of values -> ours, and purl types for the names of ecosystems."""

from __future__ import annotations

import re

from packageurl import PackageURL

from nachsorge.model.words import IndicatorType as T

_NAMES = {
    T.DOMAIN: "domain hostname host fqdn domain-name c2domain domains hostnames dns c2 dnsname domain|ip",
    T.IP: "ip ipv4 ipv6 ip-address ipaddress address addr ip-dst ip-src ips ipv4-addr ipv6-addr ip-addr dst-ip",
    T.CIDR: "cidr network subnet netblock",
    T.URL: "url uri link urls c2url",
    T.SHA256: "sha256 sha-256 sha256hash hash-sha256 filehash-sha256 sha256-hash",
    T.SHA1: "sha1 sha-1 sha1hash hash-sha1 filehash-sha1 sha1-hash",
    T.MD5: "md5 md5hash hash-md5 filehash-md5 md5-hash",
    T.PATH: "path filepath file-path fullpath full-path folder directory file-location",
    T.FILE_NAME: "filename file-name name-of-file",
    T.REGISTRY: "registry regkey registry-key registrykey reg-key windows-registry-key registry-path",
    T.PACKAGE: "package purl package-url",
    T.USER_AGENT: "user-agent useragent http-user-agent ua",
    T.EMAIL: "email e-mail mail email-address email-addr email-src email-dst sender email-src-address",
    T.CERTIFICATE: "certificate cert cert-serial x509-fingerprint-sha1 x509-fingerprint-sha256 x509-fingerprint-md5",
    T.NAMED_OBJECT: "mutex mutant named-object named-pipe pipe event-name",
    T.STRING: "string",
}
TYPES = {name: kind for kind, names in _NAMES.items() for name in names.split()}

HASH_WORDS = frozenset({"hash", "file", "hashes", "filehash", "file-hash", "file-hashes", "sample", "malware-hash"})
"""Words under which a hash of any length stands, or several."""

NOT_ON_HOSTS = {
    "emailwhois": "registrant of a name: does not show in evidence of hosts",
    "whois-registrant-email": "registrant of a name: does not show in evidence of hosts",
}
"""Kinds whose values are kept and not looked for, with the reason."""

ECOSYSTEMS = {
    "npm": "npm",
    "node": "npm",
    "pypi": "pypi",
    "python": "pypi",
    "pip": "pypi",
    "crates.io": "cargo",
    "crates": "cargo",
    "cargo": "cargo",
    "rust": "cargo",
    "go": "golang",
    "golang": "golang",
    "rubygems": "gem",
    "gem": "gem",
    "ruby": "gem",
    "maven": "maven",
    "nuget": "nuget",
    "packagist": "composer",
    "composer": "composer",
    "hex": "hex",
    "cocoapods": "cocoapods",
    "swifturl": "swift",
    "swift": "swift",
    "pub": "pub",
    "dart": "pub",
    "conda": "conda",
}
"""Ecosystems of which lock files are read; a package of another one cannot be looked for."""

_SEPARATORS = re.compile(r"[\s_]+")
_PACKAGE_OF = re.compile(r"([a-z.]+) (?:package|library|module|dependency)s?\Z")


def word(text: str) -> str:
    """Give a name in the spelling of the table: lower case, one hyphen for spaces and underscores."""
    return _SEPARATORS.sub("-", text.strip().strip("\"'").lower())


def kind_of(text: str) -> T | None:
    """Give the type that a publisher's name for a kind means."""
    return TYPES.get(word(text))


def ecosystem_of(text: str) -> str | None:
    """Give the purl type of `npm`, `npm package`, `PyPI`; None for what has no lock files here."""
    lowered = " ".join(text.lower().replace("_", " ").split())
    match = _PACKAGE_OF.match(lowered)
    return ECOSYSTEMS.get(match[1] if match else lowered)


def purl(kind: str, name: str, version: str) -> str:
    """Write a package URL (package-url/purl-spec); empty where name and version make none."""
    namespace, _, short = (name.replace(":", "/") if kind == "maven" else name).rpartition("/")
    try:
        return PackageURL(kind, namespace or None, short, version).to_string()
    except ValueError:
        return ""
