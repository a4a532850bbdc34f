"""Look-up tables, one for each kind of value: a value is normalised once and looked up, whatever the list's size."""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from packageurl import PackageURL

from nachsorge.matching import normal, paths
from nachsorge.matching.words import WordIndex, addresses6, names, urls
from nachsorge.model.words import IndicatorType as T

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAIL = re.compile(r"[0-9A-Za-z.!#$%&'*+/=?^_`{|}~-]+@[0-9A-Za-z.-]+")
_URL_HOLES = re.compile(r"%d|%s|\*\*|\*")

_SHORTEST_DIGEST = 32
"""Hex digits of an MD5."""

Ids = dict[str, list[int]]


class Tables:
    """All tests that are values, filed by kind. Each look-up yields test indexes, possibly more than once."""

    def __init__(self) -> None:
        """Begin empty."""
        self.hosts: Ids = defaultdict(list)
        self.ips: Ids = defaultdict(list)
        self.nets: dict[tuple[int, int], dict[int, list[int]]] = {}
        self.url_hosts: dict[str, list[tuple[re.Pattern[str], int]]] = defaultdict(list)
        self.digests: Ids = defaultdict(list)
        self.path_bases: dict[str, list[tuple[re.Pattern[str], int]]] = defaultdict(list)
        self.path_globs: list[tuple[re.Pattern[str], int]] = []
        self.registry_keys: Ids = defaultdict(list)
        self.packages: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self.agents: Ids = defaultdict(list)
        self.mails: Ids = defaultdict(list)
        self.certificates: Ids = defaultdict(list)
        self.objects: Ids = defaultdict(list)
        self.strings = WordIndex()
        self.in_text = WordIndex()
        self.paths_in_text = WordIndex()

    def add(self, kind: str, value: str, test: int) -> None:
        """File one indicator; `kind` is its type."""
        match T(kind):
            case T.DOMAIN:
                self.hosts[normal.host(value)].append(test)
            case T.IP:
                self.ips[normal.address(value) or value].append(test)
            case T.CIDR:
                self._add_net(value, test)
            case T.URL | T.URL_PATTERN:
                self._add_url(value, test)
            case T.SHA256 | T.SHA1 | T.MD5:
                self.digests[normal.fold(value.strip())].append(test)
            case T.PATH | T.FILE_NAME:
                self._add_path(value, test)
            case T.REGISTRY:
                self.registry_keys[normal.registry(value)].append(test)
                self.in_text.add(value, test)
            case T.PACKAGE:
                key, version = package_key(value)
                self.packages[key].append((version, test))
            case T.USER_AGENT:
                self.agents[value.strip()].append(test)
                self.in_text.add(value.strip(), test)
            case T.EMAIL:
                self.mails[normal.fold(value.strip())].append(test)
            case T.CERTIFICATE:
                self.certificates[normal.certificate(value)].append(test)
                self.in_text.add(value, test)
            case T.NAMED_OBJECT:
                self.objects[normal.fold(value.rpartition("\\")[2])].append(test)
                self.in_text.add(value.rpartition("\\")[2], test)
            case T.STRING:
                self.strings.add(value, test)

    def _add_net(self, value: str, test: int) -> None:
        network = ipaddress.ip_network(value, strict=False)
        table = self.nets.setdefault((network.version, network.prefixlen), {})
        table.setdefault(int(network.network_address), []).append(test)

    def _add_url(self, value: str, test: int) -> None:
        split = normal.url(value)
        if split is None:
            return
        name, path, query = split
        pieces = [re.escape(piece) for piece in _URL_HOLES.split(path + query)]
        holes = [
            r"\d+" if hole == "%d" else r"[^/?]*" if hole == "*" else r".*" for hole in _URL_HOLES.findall(path + query)
        ]
        body = "".join(a + b for a, b in zip(pieces, [*holes, ""], strict=True))
        # A folder stands for all that lies in it; anything else is the whole path, whatever query follows it.
        tail = "" if path.endswith("/") and path != "/" and not query else r"\Z" if query else r"/?(?:\?.*)?\Z"
        if path == "/" and not query and not value.rstrip().endswith("/"):
            tail = ".*"
        self.url_hosts[name].append((re.compile(body + tail, re.ASCII | re.DOTALL), test))

    def _add_path(self, value: str, test: int) -> None:
        compiled = paths.pattern(value if "/" in value or "\\" in value else "\\" + value)
        name = paths.base(value)
        if name:
            self.path_bases[name].append((compiled, test))
            self.paths_in_text.add(name, test, paths.in_text(value))
        else:
            self.path_globs.append((compiled, test))

    def host(self, text: str) -> Iterator[int]:
        """Look a host name up, with all its parent domains."""
        name = normal.host(text)
        while name:
            yield from self.hosts.get(name, ())
            name = name.partition(".")[2]

    def address(self, text: str) -> Iterator[int]:
        """Look an address up, alone and in ranges."""
        compressed = normal.address(text)
        if compressed is None:
            return
        yield from self.ips.get(compressed, ())
        if self.nets:
            parsed = ipaddress.ip_address(compressed)
            for (version, length), table in self.nets.items():
                if version == parsed.version:
                    shift = parsed.max_prefixlen - length
                    yield from table.get(int(parsed) >> shift << shift, ())

    def url(self, text: str) -> Iterator[int]:
        """Look a URL up: itself, its host, and the file name at its end."""
        split = normal.url(text)
        if split is None:
            return
        name, path, query = split
        yield from self.host_or_address(name)
        for pattern, test in self.url_hosts.get(name, ()):
            if pattern.match(path + query):
                yield test
        if last := path.rpartition("/")[2]:
            yield from self.path(last)

    def host_or_address(self, text: str) -> Iterator[int]:
        """Look up what may be either."""
        if self.hosts:
            yield from self.host(text)
        if self.ips or self.nets:
            yield from self.address(text)

    def digest(self, text: str) -> Iterator[int]:
        """Look every hash of a value up."""
        for digits in normal.hashes(text):
            yield from self.digests.get(digits, ())

    def path(self, text: str) -> Iterator[int]:
        """Look a path or file name up."""
        normalised = normal.path(text)
        name = normal.fold(normalised.rstrip("/").rpartition("/")[2])
        for pattern, test in (*self.path_bases.get(name, ()), *self.path_globs):
            if pattern.match(normalised):
                yield test

    def registry(self, text: str) -> Iterator[int]:
        """Look a registry path up, with all keys it lies in."""
        key = normal.registry(text)
        while key:
            yield from self.registry_keys.get(key, ())
            key = key.rpartition("\\")[0]

    def package(self, text: str) -> Iterator[int]:
        """Look a resolved package up: name and version in its ecosystem."""
        key, version = package_key(text)
        for wanted, test in self.packages.get(key, ()):
            if not wanted or wanted == version:
                yield test

    def mail(self, text: str) -> Iterator[int]:
        """Look mail addresses up, and their domains as hosts."""
        for found in _MAIL.findall(text):
            yield from self.mails.get(normal.fold(found), ())
            yield from self.host(found.rpartition("@")[2])

    def text(self, text: str) -> Iterator[int]:
        """Search free text, word-bounded, for every kind of value."""
        if "." in text:
            yield from self._dotted(text)
        if (self.ips or self.nets) and text.count(":") > 1:
            for found in addresses6(text):
                yield from self.address(found)
        if self.digests and len(text) >= _SHORTEST_DIGEST:
            yield from self.digest(text)
        yield from self.in_text.find(text)
        if self.paths_in_text:
            yield from self.paths_in_text.find(paths.slashed(text))

    def _dotted(self, text: str) -> Iterator[int]:
        """Search for what always has a dot: names, IPv4 addresses, URLs, mail addresses."""
        if self.hosts or self.ips or self.nets:
            for name in names(text):
                yield from self.host_or_address(name)
        if (self.url_hosts or self.path_bases) and "/" in text:
            for found in urls(text):
                yield from self.url(found)
        if self.mails and "@" in text:
            yield from self.mail(text)


def package_key(purl: str) -> tuple[str, str]:
    """Split a purl into `type/namespace/name` and the version; ValueError where it is none."""
    parsed = PackageURL.from_string(purl)
    return f"{parsed.type}/{parsed.namespace or ''}/{parsed.name}", parsed.version or ""
