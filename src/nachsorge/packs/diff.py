"""What a new pack or list adds to an old one, withdraws from it, and changes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from nachsorge.model.times import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nachsorge.model.pack import Indicator, Pack


class Kind(StrEnum):
    """What became of something."""

    ADDED = "added"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One difference: what became of which part, and how in words (empty where there is nothing to say)."""

    part: str
    kind: Kind
    what: str
    how: str = ""


_PARTS = {
    "stage": ("stages", "id"),
    "trace": ("traces", "id"),
    "exposure": ("exposures", "id"),
    "rule": ("rules", "id"),
    "claim": ("claims", "id"),
    "source": ("sources", "id"),
}
_UNTOLD = frozenset({"place", "plan", "trace"})
"""Fields that say where something stands and not what it is; ad-hoc packs make up their traces."""


def diff(old: Pack, new: Pack) -> tuple[Change, ...]:
    """Give all differences, by part, kind and name. A row that is no longer looked for counts as withdrawn."""
    found = list(_values(old, new))
    for part, (where, key) in _PARTS.items():
        before = {getattr(each, key): each for each in getattr(old, where)}
        after = {getattr(each, key): each for each in getattr(new, where)}
        found += _things(part, before, after)
    found += _plain(old, new)
    return tuple(sorted(found))


def _values(old: Pack, new: Pack) -> Iterable[Change]:
    before, after = _rows(old), _rows(new)
    for key in sorted({*before, *after}):
        name = f"{key[0]} {key[1]}"
        was, now = _driving(before.get(key, [])), _driving(after.get(key, []))
        if now and not was:
            yield Change("value", Kind.ADDED, name, _stages(new, now))
        elif was and not now:
            gone = after.get(key, [])
            yield Change("value", Kind.WITHDRAWN, name, _why(gone))
        elif was and now and (how := _differs(old, was, new, now)):
            yield Change("value", Kind.CHANGED, name, how)


def _rows(pack: Pack) -> dict[tuple[str, str], list[Indicator]]:
    out: dict[tuple[str, str], list[Indicator]] = {}
    for indicator in pack.indicators:
        out.setdefault((indicator.type.value, indicator.value), []).append(indicator)
    return out


def _driving(rows: list[Indicator]) -> list[Indicator]:
    return [row for row in rows if row.drives]


def _why(rows: list[Indicator]) -> str:
    return f"now {rows[0].role}, {rows[0].verification}" if rows else "no longer in it"


def _stages(pack: Pack, rows: list[Indicator]) -> str:
    return "stage " + ", ".join(sorted({pack.traces_by_id[row.trace].stage for row in rows}))


def _differs(old: Pack, was: list[Indicator], new: Pack, now: list[Indicator]) -> str:
    before, after = [_said(old, row) for row in was], [_said(new, row) for row in now]
    lost = [each for each in before if each not in after]
    gained = [each for each in after if each not in before]
    if not lost and not gained:
        return ""
    if len(lost) != 1 or len(gained) != 1:
        return f"{len(was)} rows, now {len(now)}, {len(gained)} of them other than before"
    return "; ".join(
        f"{name}: {_text(lost[0][name])} -> {_text(gained[0][name])}"
        for name in lost[0]
        if lost[0][name] != gained[0][name]
    )


def _said(pack: Pack, row: Indicator) -> dict[str, Any]:
    trace = pack.traces_by_id[row.trace]
    said = {each.name: getattr(row, each.name) for each in fields(row) if each.name not in _UNTOLD}
    for name in ("valid_from", "valid_until"):
        said[name] = render(said[name]) if said[name] is not None else None
    return {**said, "stage": trace.stage, "weight": trace.weight}


def _things(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    for name in sorted({*before, *after}):
        if name not in before:
            yield Change(part, Kind.ADDED, name)
        elif name not in after:
            yield Change(part, Kind.WITHDRAWN, name)
        elif changed := [
            field for field in _names(after[name]) if getattr(before[name], field) != getattr(after[name], field)
        ]:
            yield Change(part, Kind.CHANGED, name, ", ".join(changed))


def _names(thing: Any) -> list[str]:
    return [each.name for each in fields(thing) if each.name not in _UNTOLD]


_PLAIN = (
    *("id", "version", "title", "tlp", "pap", "licence", "aliases", "related"),
    *("steps", "closing", "hypotheses", "aims", "hauls", "requirements"),
)


def _plain(old: Pack, new: Pack) -> Iterable[Change]:
    for name in _PLAIN:
        before, after = getattr(old, name), getattr(new, name)
        if before != after and not (new.ad_hoc and name in ("id", "title", "version")):
            short = f"{before} -> {after}" if isinstance(after, str) else ""
            yield Change("pack", Kind.CHANGED, name, short)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in (None, "") else str(value)
