"""Who supports which statement of a pack: values, names, actors, positions, products."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that a pack says, on what, and on whose word."""

    about: str
    says: str
    by: tuple[str, ...]
    date: str = ""


@dataclass(slots=True)
class Support:
    """One source: the values it published first, those it confirms, those that stand on it alone."""

    first: int = 0
    confirms: int = 0
    alone: int = 0
    says: list[str] = field(default_factory=list)


def statements(pack: Pack) -> list[Statement]:
    """Give what the pack states beside its values, in the order of pack.yaml."""
    found = [_alias(alias) for alias in pack.aliases]
    found += [Statement("product", e.names[0], e.sources) for e in pack.exposures]
    found += [Statement("actor", a.says, (a.by,), a.date) for a in pack.attributions]
    found += [
        Statement(f"disputed: {each.topic}", position.says, position.by)
        for each in pack.disagreements
        for position in each.positions
    ]
    found += [Statement("claim", claim.says, (claim.by,), claim.date) for claim in pack.claims]
    found += [Statement("related", name, ()) for name in pack.related]
    return found


def _alias(text: str) -> Statement:
    name, _, by = text.removesuffix(")").rpartition(" (")
    return Statement("alias", name or text, tuple(part.strip() for part in by.split(",")) if name else ())


def by_source(pack: Pack) -> dict[str, Support]:
    """Give for each source of the pack how much rests on it."""
    found = {source.id: Support() for source in pack.sources}
    for indicator in pack.indicators:
        named = tuple(dict.fromkeys(name for name in (indicator.first_source, *indicator.sources) if name))
        for position, name in enumerate(named):
            support = found.setdefault(name, Support())
            if position:
                support.confirms += 1
            else:
                support.first += 1
            support.alone += len(named) == 1
    for statement in statements(pack):
        for name in statement.by:
            if name in found:
                found[name].says.append(f"{statement.about}: {statement.says}")
    return found
