"""MISP warning lists (CC0): from a folder that the user names, or from the installed package pymispwarninglists.

Nothing of them is part of this program. Lists of regular expressions are left out, and said to be: they would run over
foreign values without a bound.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from importlib import util
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.errors import UsageError
from nachsorge.model.words import IndicatorType as T
from nachsorge.packs.known_values import host_of, suffixes

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST_LIST = 64 * 1024 * 1024
_HASHES = {T.MD5: "md5", T.SHA1: "sha1", T.SHA256: "sha256"}
_ATTRIBUTES = {
    T.DOMAIN: {"domain", "hostname", "url", "domain|ip", "uri"},
    T.URL: {"url", "domain", "hostname", "link", "uri"},
    T.URL_PATTERN: {"url", "domain", "hostname", "link", "uri"},
    T.IP: {"ip-src", "ip-dst", "domain|ip"},
    T.CIDR: {"ip-src", "ip-dst"},
    T.EMAIL: {"email-src", "email-dst", "email"},
    T.FILE_NAME: {"filename"},
    T.USER_AGENT: {"user-agent"},
    **{kind: {word, f"filename|{word}"} for kind, word in _HASHES.items()},
}


@dataclass(slots=True)
class WarningLists:
    """The lists by what they hold. `left_out` names those that are not applied, and why.

    The largest lists have millions of names; of these only the `wanted` ones are kept, where that is said.
    """

    wanted: frozenset[str] | None = None
    count: int = 0
    left_out: list[str] = field(default_factory=list)
    strings: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    hosts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    substrings: list[tuple[str, int]] = field(default_factory=list)
    networks: dict[tuple[int, int], dict[int, list[int]]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    attributes: list[frozenset[str]] = field(default_factory=list)

    def add(self, content: dict[str, Any]) -> None:
        """Take one list as its file states it."""
        number, kind = len(self.names), content.get("type", "string")
        name = str(content.get("name", "unnamed list"))
        if kind == "regex":
            self.left_out.append(f"{name}: regular expressions")
            return
        self.names.append(name)
        self.attributes.append(frozenset(str(each) for each in content.get("matching_attributes", ())))
        self.count += 1
        for entry in content.get("list", ()):
            self._entry(kind, str(entry).strip().lower(), number)

    def _entry(self, kind: str, entry: str, number: int) -> None:
        match kind:
            case "cidr":
                try:
                    network = ip_network(entry, strict=False)
                except ValueError:
                    return
                table = self.networks.setdefault((network.version, network.prefixlen), {})
                table.setdefault(int(network.network_address), []).append(number)
            case "hostname":
                if self.wanted is None or entry.strip(".") in self.wanted:
                    self.hosts[entry.strip(".")].append(number)
            case "substring":
                self.substrings.append((entry, number))
            case _:
                if self.wanted is None or entry in self.wanted:
                    self.strings[entry].append(number)

    def naming(self, kind: T, value: str) -> list[str]:
        """Give the names of the lists that hold a value, where they are about values of its type."""
        asked = _ATTRIBUTES.get(kind, set())
        lowered = value.lower()
        found = list(self.strings.get(lowered, ()))
        found += [number for text, number in self.substrings if text in lowered]
        if host := host_of(kind, lowered):
            found += self.strings.get(host, [])
            found += [number for suffix in suffixes(host) for number in self.hosts.get(suffix, ())]
        found += self._networks(kind, value, host)
        return [self.names[n] for n in dict.fromkeys(found) if not self.attributes[n] or self.attributes[n] & asked]

    def _networks(self, kind: T, value: str, host: str) -> list[int]:
        try:
            network: IPv4Network | IPv6Network = ip_network(value if kind is T.CIDR else ip_address(host), strict=False)
        except ValueError:
            return []
        address, width = int(network.network_address), network.max_prefixlen
        found = []
        for (version, prefix), table in self.networks.items():
            if version == network.version and prefix <= network.prefixlen:
                found += table.get(address >> (width - prefix) << (width - prefix), [])
        return found


def keys_of(values: Iterable[tuple[T, str]]) -> frozenset[str]:
    """Give everything that a list might hold of some values: themselves, their hosts, the parents of these."""
    found: set[str] = set()
    for kind, value in values:
        found.add(value.lower())
        found.update(suffixes(host_of(kind, value.lower())))
    return frozenset(found)


def load(folder: Path | None, wanted: frozenset[str] | None = None) -> WarningLists | None:
    """Load the lists of a folder, or of the installed package; None where neither is there.

    With `wanted` (see `keys_of`) only entries that can matter to these values are kept.

    Raises:
        UsageError: the folder holds no list.
    """
    home = folder or _installed()
    if home is None:
        return None
    lists = WarningLists(wanted)
    for path in sorted(home.rglob("list.json")):
        try:
            if path.stat().st_size > LARGEST_LIST:
                lists.left_out.append(f"{path.parent.name}: larger than {LARGEST_LIST >> 20} MiB")
                continue
            content = orjson.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            lists.left_out.append(f"{path.parent.name}: {error}")
            continue
        if isinstance(content, dict):
            lists.add(content)
    if not lists.count:
        raise UsageError(f"{home} holds no warning list (NAME/list.json)")
    return lists


def _installed() -> Path | None:
    spec = util.find_spec("pymispwarninglists")
    places = spec.submodule_search_locations if spec else None
    data = Path(next(iter(places))) / "data" if places else None
    return data if data is not None and data.is_dir() else None
