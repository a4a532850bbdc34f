"""Values of several reports -> one row a value, with everybody who names it, and where they disagree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nachsorge.model.labels import Pap
from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Role, Rung, Tlp, Verification, Weight
from nachsorge.packs.nodes import is_ident

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.packs.importers import Item

_NO_CASE = frozenset({T.FILE_NAME, T.REGISTRY, T.NAMED_OBJECT, T.CERTIFICATE, T.EMAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One source's word on one value: where it stands in the report, how it is written there, what it is called.

    `home` is trace, stage and rung of a row that this program exported.
    """

    type: T
    value: str
    source: str
    place: str
    weight: Weight = Weight.STRONG
    role: Role = Role.MALICIOUS
    verification: Verification = Verification.VERBATIM_PUBLISHER
    tlp: Tlp = Tlp.AMBER_STRICT
    note: str = ""
    more: tuple[tuple[str, Any], ...] = ()
    home: tuple[str, str, Rung] | None = None

    @property
    def looked_for(self) -> bool:
        """Tell whether this source wants the value looked for."""
        return self.role.matches and self.verification is not Verification.UNVERIFIED


@dataclass(slots=True)
class Merged:
    """A value and all mentions of it, the first first. `spellings` are those that became this one."""

    type: T
    value: str
    mentions: list[Mention] = field(default_factory=list)

    @property
    def sources(self) -> tuple[str, ...]:
        """Give who names it, each once."""
        return tuple(dict.fromkeys(mention.source for mention in self.mentions))

    @property
    def spellings(self) -> tuple[str, ...]:
        """Give the other spellings that were merged into it."""
        return tuple(dict.fromkeys(each.value for each in self.mentions if each.value != self.value))

    @property
    def best(self) -> Mention:
        """Give the mention that decides how the value is used: one that is looked for, of the highest weight."""
        order = list(Weight)
        return min(self.mentions, key=lambda each: (not each.looked_for, order.index(each.weight)))

    @property
    def home(self) -> tuple[str, str, Rung] | None:
        """Give trace, stage and rung of the first mention that names them."""
        return next((each.home for each in self.mentions if each.home is not None), None)

    @property
    def homes(self) -> tuple[str, ...]:
        """Give all traces that mentions name; a row has room for the first."""
        return tuple(dict.fromkeys(each.home[0] for each in self.mentions if each.home is not None))

    @property
    def tlp(self) -> Tlp:
        """Give the strictest label of its mentions."""
        return max((each.tlp for each in self.mentions), key=list(Tlp).index)

    @property
    def pap(self) -> Pap:
        """Give the strictest PAP of its mentions; GREEN where none has one."""
        said = [Pap(dict(each.more).get("pap", Pap.GREEN)) for each in self.mentions]
        return max(said, key=list(Pap).index)


def mention(item: Item, source: str) -> Mention:
    """Make the mention of an importer's item."""
    fields = dict(item.fields)
    kept = {key: fields.pop(key) for key in ("role", "verification", "tlp", "note") if key in fields}
    fields.pop("sources", None)
    fields.pop("first_source", None)
    more = tuple((key, value) for key, value in fields.items() if value not in (None, "") and value is not False)
    named = is_ident(item.trace) and is_ident(item.stage)
    home = (item.trace, item.stage, item.rung or Rung.EXPOSED) if named else None
    return Mention(
        type=item.type,
        value=item.value,
        source=source,
        place=item.place,
        weight=item.weight,
        more=more,
        home=home,
        **kept,
    )


def merge(mentions: Iterable[Mention]) -> list[Merged]:
    """Bring mentions together by value: letter case where it means nothing, and a `www.` twin beside its name."""
    merged: dict[tuple[T, str], Merged] = {}
    for each in mentions:
        found = merged.setdefault((each.type, key(each.type, each.value)), Merged(each.type, each.value))
        found.mentions.append(each)
    for (kind, name), each_merged in list(merged.items()):
        twin = merged.get((kind, name.removeprefix("www."))) if kind is T.DOMAIN and name.startswith("www.") else None
        if twin is not None:
            # The bare name stands for all names below it, so the twin adds nothing but its source.
            twin.mentions += each_merged.mentions
            del merged[kind, name]
    return list(merged.values())


def key(kind: T, value: str) -> str:
    """Give what two spellings of the same value have in common."""
    if kind in _NO_CASE or (kind is T.PATH and "\\" in value):
        return value.lower()
    if kind in (T.URL, T.URL_PATTERN):
        try:
            parts = urlsplit(value)
        except ValueError:
            return value
        port = "" if (parts.scheme.lower(), _port(parts.netloc)) in _DEFAULT_PORTS else parts.netloc
        host = (port or parts.netloc.rpartition(":")[0]).lower()
        path = parts.path if parts.path != "/" else ""
        return parts._replace(scheme=parts.scheme.lower(), netloc=host, path=path).geturl()
    return value


_DEFAULT_PORTS = {("http", "80"), ("https", "443")}


def _port(netloc: str) -> str:
    return netloc.rpartition(":")[2] if ":" in netloc else ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value on which sources do not say the same; `positions` are words with those who say them."""

    type: T
    value: str
    positions: tuple[tuple[str, tuple[str, ...]], ...]


def conflicts(values: Iterable[Merged]) -> list[Conflict]:
    """Give the values that one source wants looked for and another does not, or that they call different things."""
    found = []
    for each in values:
        said: dict[str, dict[str, None]] = {}
        for one in each.mentions:
            what = one.role.value if one.looked_for or not one.role.matches else "not to be looked for"
            said.setdefault(what, {})[one.source] = None
        if len(said) > 1:
            found.append(Conflict(each.type, each.value, tuple((what, tuple(by)) for what, by in said.items())))
    return found
