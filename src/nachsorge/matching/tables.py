"""Look-up tables, one for each kind of value: a value is normalised once and looked up, whatever the list's size."""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from nachsorge.matching import bulk, normal, paths, urls
from nachsorge.matching.bulk import Bulk, Filed
from nachsorge.matching.words import WordIndex, addresses6, compiled, names, plain_host
from nachsorge.matching.words import urls as urls_in
from nachsorge.model.words import IndicatorType as T

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL = r"[0-9A-Za-z.!#$%&'*+/=?^_`{|}~-]"
MAIL = re.compile(rf"(?<!{_LOCAL}){_LOCAL}+@(?:[0-9A-Za-z_.-]|[^\x00-\x7f])+")
_BEFORE_MAIL = re.compile(r"[!#$%&'*/=?^`{|}~]+")
_SERIAL = re.compile(r"[0-9a-f]+\Z")

SHORTEST_DIGEST = 32
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
        self.url_globs: list[tuple[re.Pattern[str], re.Pattern[str], int]] = []
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
        self.slashed_in_text = WordIndex()

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
                self._add_registry(value, test)
            case T.PACKAGE:
                key, version = normal.package(value)
                self.packages[key].append((version, test))
            case T.USER_AGENT:
                self.agents[value.strip()].append(test)
                self.in_text.add(value.strip(), test)
            case T.EMAIL:
                self.mails[normal.fold(value.strip())].append(test)
            case T.CERTIFICATE:
                self._add_certificate(value, test)
            case T.NAMED_OBJECT:
                self.objects[normal.fold(value.rpartition("\\")[2])].append(test)
                self.in_text.add(value.rpartition("\\")[2], test)
            case T.STRING:
                self.strings.add(value, test)

    def add_lists(self, bulks: list[Bulk]) -> None:
        """Put long lists behind the tables, once all else is filed."""
        self.hosts = Filed(self.hosts, bulks, bulk.HOST, _number)
        self.ips = Filed(self.ips, bulks, bulk.IP, _number)
        self.digests = Filed(self.digests, bulks, bulk.DIGEST, _number)
        self.mails = Filed(self.mails, bulks, bulk.MAIL, _number)
        self.url_hosts = Filed(self.url_hosts, bulks, bulk.URL, _url)
        self.path_bases = Filed(self.path_bases, bulks, bulk.BASE, _path)
        self.packages = Filed(self.packages, bulks, bulk.PACKAGE, _package)
        self.slashed_in_text.stand_on(lambda own: Filed(own, bulks, bulk.SLASHED, _path_in_text))

    def _add_net(self, value: str, test: int) -> None:
        network = normal.network(value)
        table = self.nets.setdefault((network.version, network.prefixlen), {})
        table.setdefault(int(network.network_address), []).append(test)

    def _add_url(self, value: str, test: int) -> None:
        match urls.compiled(value):
            case (str() as name, rest):
                self.url_hosts[name].append((rest, test))
            case (re.Pattern() as names_, rest):
                self.url_globs.append((names_, rest, test))

    def _add_path(self, value: str, test: int) -> None:
        entry = _path("", value, test)
        name = paths.base(value)
        if name:
            self.path_bases[name].append(entry)
        else:
            self.path_globs.append(entry)
        self.slashed_in_text.add(value, test, paths.in_text(value), paths.sure_words(value))

    def _add_registry(self, value: str, test: int) -> None:
        key = normal.registry(value)
        self.registry_keys[key].append(test)
        rest = paths.slashed(key.partition("\\")[2])
        body = re.escape(rest).replace("/currentcontrolset", r"/(?:currentcontrolset|controlset\d{3})")
        expression = rf"(?<![0-9A-Za-z_]){normal.hive_pattern(key)}/{{1,2}}{body}(?![0-9A-Za-z_])"
        self.slashed_in_text.add(value, test, expression, normal.key_words(key))

    def _add_certificate(self, value: str, test: int) -> None:
        key = normal.certificate(value)
        self.certificates[key].append(test)
        spellings = {normal.fold(value.strip())}
        if _SERIAL.match(key):
            even = "0" * (len(key) % 2) + key
            spellings |= {key, even, ":".join(even[i : i + 2] for i in range(0, len(even), 2))}
            # A fingerprint stands in fields of hashes as well; its leading zeros belong to it there.
            self.digests[re.sub(r"[: -]|^0x", "", normal.fold(value.strip()))].append(test)
        for spelling in spellings:
            self.in_text.add(spelling, test)

    def host(self, text: str) -> Iterator[int]:
        """Look a host name up, with all its parent domains."""
        # No name is longer (RFC 1035, section 2.3.4): of a longer run only the end can be a domain of ours.
        name = normal.host(text)[-255:]
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
        """Look a URL up: itself, its host, and the file name at its end; what is none is searched as text."""
        split = normal.url(text)
        if split is None or not (plain_host(split[0]) or ":" in split[0]):
            yield from self.path(text.partition("?")[0].rpartition("/")[2]) if text[:1] == "/" else self.text(text)
            return
        name, path, query = split
        yield from self.host_or_address(name)
        for pattern, test in self.url_hosts.get(name, ()):
            if pattern.match(path + query):
                yield test
        for hosts, pattern, test in self.url_globs:
            if hosts.match(name) and pattern.match(path + query):
                yield test
        if last := path.rpartition("/")[2]:
            yield from self.path(last)

    def host_or_address(self, text: str) -> Iterator[int]:
        """Look up what may be either, with or without a port; what can be neither is searched as text."""
        if plain_host(text):
            if self.hosts:
                yield from self.host(text)
            if self.ips or self.nets:
                yield from self.address(text)
        elif normal.address(text) is not None:
            yield from self.address(text)
        else:
            yield from self.text(text)

    def digest(self, text: str) -> Iterator[int]:
        """Look every hash of a value up."""
        for digits in normal.hashes(text):
            yield from self.digests.get(digits, ())

    def path(self, text: str) -> Iterator[int]:
        """Look a path or file name up; a network path names a host as well."""
        whole = normal.path(text)
        for spelling in paths.spellings(text) if self.path_bases or self.path_globs else ():
            normalised = whole if spelling is text else normal.path(spelling)
            name = normal.fold(normalised.rstrip("/").rpartition("/")[2])
            for pattern, test in (*self.path_bases.get(name, ()), *self.path_globs):
                if pattern.match(normalised):
                    yield test
        if whole.startswith("//"):
            # A share reached by WebDAV is written `host@SSL@8443`.
            yield from self.host_or_address(whole[2:].partition("/")[0].partition("@")[0])

    def registry(self, text: str) -> Iterator[int]:
        """Look a registry path up, with all keys it lies in; a user's hive is the current user's too."""
        whole = normal.registry(text)
        for key in (whole, normal.of_user(whole)):
            while key:
                yield from self.registry_keys.get(key, ())
                key = key.rpartition("\\")[0]

    def package(self, text: str) -> Iterator[int]:
        """Look a resolved package up: name and version in its ecosystem. What is no purl is searched as text."""
        try:
            key, version = normal.package(text)
        except ValueError:
            yield from self.text(text)
            return
        for wanted, test in self.packages.get(key, ()):
            if not wanted or wanted == version:
                yield test

    def mail(self, text: str) -> Iterator[int]:
        """Look mail addresses up, and their domains as hosts; a field without any is searched as text."""
        if "@" not in text:
            yield from self.text(text)
        for found in MAIL.findall(text):
            address = normal.fold(found).rstrip(".-")
            for spelling in {
                address,
                _BEFORE_MAIL.split(address.rpartition("@")[0])[-1] + "@" + address.rpartition("@")[2],
            }:
                yield from self.mails.get(spelling, ())
            yield from self.host(address.rpartition("@")[2])

    def text(self, text: str) -> Iterator[int]:
        """Search free text, word-bounded, for every kind of value."""
        if "." in text:
            yield from self.dotted(text)
        if (self.ips or self.nets) and text.count(":") > 1:
            for found in addresses6(text):
                yield from self.address(found)
        if self.digests and len(text) >= SHORTEST_DIGEST:
            yield from self.digest(text)
        yield from self.in_text.find(text)
        if self.slashed_in_text:
            yield from self.slashed_in_text.find(paths.slashed(text))

    def dotted(self, text: str) -> Iterator[int]:
        """Search for what always has a dot: names, IPv4 addresses, URLs, mail addresses."""
        if self.hosts or self.ips or self.nets:
            for name in names(text):
                yield from self.host_or_address(name)
        if (self.url_hosts or self.url_globs) and "/" in text:
            for found in urls_in(text):
                yield from self.url(found)
        if self.mails and "@" in text:
            yield from self.mail(text)


def _number(_kind: str, _value: str, test: int) -> int:
    return test


def _url(_kind: str, value: str, test: int) -> tuple[re.Pattern[str], int]:
    found = urls.compiled(value)
    assert found is not None  # it has a host
    return found[1], test


def _path(_kind: str, value: str, test: int) -> tuple[re.Pattern[str], int]:
    return paths.pattern(value if "/" in value or "\\" in value else "\\" + value), test


def _path_in_text(_kind: str, value: str, test: int) -> tuple[re.Pattern[str], int]:
    return compiled(paths.in_text(value)), test


def _package(_kind: str, value: str, test: int) -> tuple[str, int]:
    return normal.package(value)[1], test
