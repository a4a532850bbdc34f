"""Rows of a pack -> Sigma rules: one a trace and log source (Sigma specification 2, taxonomy of log sources)."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from nachsorge.exports.packs.naming import plain, uuid_of
from nachsorge.exports.packs.seams import strictest
from nachsorge.model.times import render
from nachsorge.model.words import IndicatorType, Platform, Role, Weight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.exports.packs.seams import Row, Selection
    from nachsorge.model.pack import Indicator

_I = IndicatorType
MOST_VALUES = 1000
"""Values in one rule; back ends write them into one query, and query languages have limits."""
_LEVELS = {Weight.PROOF: "critical", Weight.STRONG: "high", Weight.HINT: "low"}
_HASHES = {_I.SHA256: "SHA256", _I.SHA1: "SHA1", _I.MD5: "MD5"}
_VARIABLE = re.compile(r"%[^%\\/]+%|<[^<>\\/]+>|~(?=/)")


@dataclass(frozen=True, slots=True, order=True)
class Test:
    """What a value becomes in one log source: category, field with its modifier, value in Sigma's spelling."""

    category: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Made:
    """A rule that was made: its text, and what people call it."""

    id: str
    title: str
    text: str


def values_in(indicator: Indicator) -> list[Test]:
    """Give the tests of a value; none where no log source of Sigma records such a thing."""
    return _WAYS[indicator.type](indicator) if indicator.type in _WAYS else []


def made(selection: Selection) -> list[Made]:
    """Make the rules of all rows."""
    grouped: dict[tuple[str, str, str], list[tuple[Row, Test]]] = {}
    for row in selection.rows:
        for test in values_in(row.of):
            product = _product(row.of) if test.category in _ON_HOSTS else ""
            grouped.setdefault((row.trace.id, test.category, product), []).append((row, test))
    return [
        _rule(selection, key, part, pairs[part : part + MOST_VALUES])
        for key, pairs in sorted(grouped.items())
        for part in range(0, len(pairs), MOST_VALUES)
    ]


def _rule(selection: Selection, key: tuple[str, str, str], part: int, pairs: list[tuple[Row, Test]]) -> Made:
    trace, category, product = key
    pack, row = selection.pack, pairs[0][0]
    fields: dict[str, list[str]] = {}
    for _, test in pairs:
        values = fields.setdefault(test.field, [])
        if test.value not in values:
            values.append(test.value)
    id = uuid_of("sigma", pack.id, *key, str(part // MOST_VALUES))
    title = plain(f"{pack.id}: {row.trace.title or trace} ({category}{' ' + product if product else ''})")[:110]
    abused = (
        "" if all(each.of.role is Role.MALICIOUS for each, _ in pairs) else " Holds legitimate hosts that were abused."
    )
    content: dict[str, Any] = {
        "title": title,
        "id": id,
        "status": "experimental",
        "description": f"Values of the pack {pack.id} {pack.version}, stage {row.stage.id}.{abused}",
        "references": [source.where for source in pack.sources if re.match(r"https?://\S+\Z", source.where)][:3],
        "author": f"made by nachsorge from the pack {pack.id}",
        "date": render(selection.at)[:10],
        "tags": _tags(pairs, row),
        "logsource": {"category": category, **({"product": product} if product else {})},
        "detection": {"selection": [{field: fields[field]} for field in sorted(fields)], "condition": "selection"},
        "level": _LEVELS[row.trace.weight],
    }
    stream = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 10_000
    writer.allow_unicode = True
    writer.dump({name: value for name, value in content.items() if value}, stream)
    return Made(id, title, stream.getvalue())


def _product(indicator: Indicator) -> str:
    """Give the product whose log sources record it; none for a path that Linux and macOS share."""
    if indicator.platform is None and indicator.value[:1] in "/~":
        return ""
    return (indicator.platform or Platform.WINDOWS).value


def _tags(pairs: list[tuple[Row, Test]], row: Row) -> list[str]:
    label = strictest([each.of.tlp for each, _ in pairs])
    techniques = [f"attack.{name.lower()}" for name in row.stage.attack if re.fullmatch(r"[Tt]\d{4}(\.\d{3})?", name)]
    return [*techniques, f"tlp.{label.lower().replace('+', '-')}"]


def literal(text: str) -> str:
    """Write a text of which every character means itself."""
    return re.sub(r"[*?]", r"\\\g<0>", re.sub(r"\\(?=[*?\\]|\Z)", r"\\\\", text))


def globbed(text: str) -> str:
    """Write a text with `*` and `?`; a backslash before one of them is doubled, or it would take its meaning away."""
    return re.sub(r"\\(?=[*?\\])", r"\\\\", _VARIABLE.sub("*", text))


def _domain(indicator: Indicator) -> list[Test]:
    name = indicator.value
    places = [("dns_query", "QueryName"), ("dns", "query"), ("proxy", "cs-host")]
    places.append(("network_connection", "DestinationHostname"))
    return [
        test
        for category, field in places
        for test in (Test(category, field, name), Test(category, f"{field}|endswith", f".{name}"))
    ]


def _address(indicator: Indicator) -> list[Test]:
    modifier = "|cidr" if indicator.type is _I.CIDR else ""
    places = (("network_connection", "DestinationIp"), ("firewall", "dst_ip"))
    return [Test(category, field + modifier, indicator.value) for category, field in places]


def _url(indicator: Indicator) -> list[Test]:
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", indicator.value, flags=re.IGNORECASE)
    return [Test("proxy", "c-uri|contains", literal(bare))]


def _url_pattern(indicator: Indicator) -> list[Test]:
    return [Test("proxy", "c-uri|contains", re.sub(r"\?", r"\\?", indicator.value))]


def _agent(indicator: Indicator) -> list[Test]:
    return [Test("proxy", "c-useragent", globbed(indicator.value))]


def _hash(indicator: Indicator) -> list[Test]:
    value = f"{_HASHES[indicator.type]}={indicator.value}"
    return [Test(category, "Hashes|contains", value) for category in ("process_creation", "image_load")]


def _path(indicator: Indicator) -> list[Test]:
    value = globbed(indicator.value)
    return [Test(category, field, value) for category, field in _fields_for(indicator.value)]


def _file_name(indicator: Indicator) -> list[Test]:
    joint = "/" if indicator.platform in (Platform.LINUX, Platform.MACOS) else "\\"
    value = globbed(joint + indicator.value)
    return [Test(category, f"{field}|endswith", value) for category, field in _fields_for(indicator.value)]


def _fields_for(name: str) -> Iterator[tuple[str, str]]:
    yield "file_event", "TargetFilename"
    if name.lower().endswith((".dll", ".dylib", ".so", ".node")):
        yield "image_load", "ImageLoaded"
    elif not name.lower().endswith((".log", ".txt", ".dat", ".json", ".zip", ".dmg", ".msi", ".nupkg")):
        yield "process_creation", "Image"


def _registry(indicator: Indicator) -> list[Test]:
    # Sysmon writes HKU\<SID> where a pack writes HKCU, so the hive is left out.
    below = indicator.value.partition("\\")[2]
    return [Test("registry_set", "TargetObject|contains", globbed("\\" + below))]


_WAYS: dict[IndicatorType, Callable[[Indicator], list[Test]]] = {
    _I.DOMAIN: _domain,
    _I.IP: _address,
    _I.CIDR: _address,
    _I.URL: _url,
    _I.URL_PATTERN: _url_pattern,
    _I.USER_AGENT: _agent,
    _I.SHA256: _hash,
    _I.SHA1: _hash,
    _I.MD5: _hash,
    _I.PATH: _path,
    _I.FILE_NAME: _file_name,
    _I.REGISTRY: _registry,
}
_ON_HOSTS = frozenset(
    {"dns_query", "network_connection", "process_creation", "image_load", "file_event", "registry_set"}
)
"""Categories whose log sources differ by operating system, so that a rule names its product."""
