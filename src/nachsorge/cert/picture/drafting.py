"""From reports to a sheet that may be released: count, protect, hold against earlier releases, choose the sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from nachsorge.cert.picture.audit import AuditError
from nachsorge.cert.picture.history import carried, held, told_by_both, views
from nachsorge.cert.picture.rules import Rules
from nachsorge.cert.picture.sentence import Range, ladders, one_rung, round_down, sentence
from nachsorge.cert.picture.series import KNOWN, Past
from nachsorge.cert.picture.suppress import NotSafe, protect
from nachsorge.cert.picture.system import PROTECTED, AtMost, How, Key, Need, Sheet, Shown, exact, key, rounded
from nachsorge.cert.picture.tables import (
    AFFECTED,
    Counted,
    Table,
    count,
    is_assets,
    release_tables,
    ruled,
    sensitive,
    sides,
)
from nachsorge.cert.picture.told import Told, for_circle, units

_ROUNDS = 3
"""How often a release is held against the earlier ones until nothing more has to be protected."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be released, and behind it what never leaves: the numbers.

    Attributes:
        said: what is said of the affected where their number is protected; None for nothing.
        said_partners: what is said of all that is known, partners' numbers included.
        ruled: see `Past.ruled`.
    """

    rules: Rules
    tables: tuple[Table, ...]
    sheet: Sheet
    numbers: Mapping[Key, int]
    said: Range | None
    said_partners: Range | None
    ruled: frozenset[Key] = frozenset()


def draft(
    told: Iterable[Told], rules: Rules, pasts: Sequence[Past], sectors: tuple[str, ...], partners: Sequence[int] = ()
) -> Draft:
    """Make a release of the reports that may be counted for its readers.

    Args:
        told: every report; those not for these readers are left out here.
        rules: what protects a number.
        pasts: the approved releases of the campaign for any circle, oldest first.
        sectors: the values of that dimension.
        partners: what partners see, each on its own; their own records may overlap with ours and each other's.

    Raises:
        NotSafe: nothing can be released without giving something away, or it contradicts an earlier release.
    """
    try:
        return _draft(tuple(for_circle(told, rules.circle)), rules, pasts, sectors, partners)
    except AuditError as error:
        raise NotSafe("what would be shown contradicts an earlier release") from error


def _draft(
    told: Sequence[Told], rules: Rules, pasts: Sequence[Past], sectors: tuple[str, ...], partners: Sequence[int]
) -> Draft:
    found = units(told)
    counted = count(found, release_tables(found, sectors))
    numbers = counted.numbers()
    new = _safe(Past(0, rules.circle, Sheet({}, ()), numbers, ruled(counted, rules)), counted, rules, pasts)
    own = _needs(new.sheet, numbers, rules)
    said = _said(new, pasts, own, rules)
    if said:
        new = replace(new, sheet=new.sheet.show({_affected(): said.shown()}))
    wider = _with_partners(new, partners) if partners else None
    said_partners = _said_partners(wider, pasts, own, rules) if wider else None
    if wider and said_partners:
        new = replace(wider, sheet=wider.sheet.show({KNOWN: said_partners.shown()}))
    if (said or said_partners) and any(told_by_both(new, pasts).values()):
        raise NotSafe("what would be said and the earlier releases together give a protected number away")
    return Draft(rules, counted.tables, new.sheet, new.numbers, said, said_partners, new.ruled)


def _safe(empty: Past, counted: Counted, rules: Rules, pasts: Sequence[Past]) -> Past:
    """Protect what has to be; where the earlier releases leave no other way, everything inside the tables.

    Raises:
        NotSafe: not even the margins can be shown.
    """
    hidden = sensitive(counted, rules)
    try:
        return _protected(empty, counted, hidden, rules, pasts)
    except NotSafe:
        if not pasts:
            raise
        return _protected(empty, counted, hidden | {cell for cell in counted.cells if sides(cell) > 1}, rules, pasts)


def _protected(empty: Past, counted: Counted, hidden: frozenset[Key], rules: Rules, pasts: Sequence[Past]) -> Past:
    numbers = empty.numbers
    shown = {cell: PROTECTED if cell in hidden else _shown(number, rules) for cell, number in numbers.items()}
    shown = carried(shown, numbers, pasts, rules.circle)
    costs = {cell: _cost(cell, number) for cell, number in numbers.items()}
    sheet = _alone(Sheet(shown, counted.sums, counted.limits), numbers, rules, costs)
    for _ in range(_ROUNDS if pasts else 0):
        before, sheet = sheet, held(replace(empty, sheet=sheet), pasts, costs)
        # What was protected because of the earlier releases has to be uncertain as well.
        sheet = _alone(sheet, numbers, rules, costs)
        if sheet == before:
            break
    new = replace(empty, sheet=sheet)
    if pasts and any(told_by_both(new, pasts).values()):
        raise NotSafe("an earlier release and this one together give a protected number away")
    return new


def _alone(sheet: Sheet, numbers: Mapping[Key, int], rules: Rules, costs: Mapping[Key, float]) -> Sheet:
    return protect(sheet, _needs(sheet, numbers, rules), costs, lambda cell: _need(cell, numbers, rules))


def _needs(sheet: Sheet, numbers: Mapping[Key, int], rules: Rules) -> tuple[Need, ...]:
    return tuple(_need(cell, numbers, rules) for cell in sheet.protected())


def _need(cell: Key, numbers: Mapping[Key, int], rules: Rules) -> Need:
    return Need(cell, rules.width(numbers[cell], assets=is_assets(cell)))


def _shown(number: int, rules: Rules) -> Shown:
    return exact(number) if rules.base == 1 else rounded(number, rules.base, rules.minimum)


def _cost(cell: Key, number: int) -> float:
    """Give the price of leaving a number unsaid: small ones inside a table first, margins late, the total last."""
    return (1 + sqrt(number)) * {0: 80.0, 1: 4.0}.get(sides(cell), 1.0)


def _affected() -> Key:
    return key(AFFECTED)


def _said(new: Past, pasts: Sequence[Past], own: Sequence[Need], rules: Rules) -> Range | None:
    """Choose what is said of the number of affected, if it is protected."""
    cell = _affected()
    if new.sheet.shown[cell].how is not How.PROTECTED:
        return None
    return sentence(views(new, pasts, own, cell), new.numbers[cell], ladders(rules.minimum))


def _with_partners(new: Past, partners: Sequence[int]) -> Past:
    """Put beside what is shown how many are known at least: as many as we count, or as one partner sees."""
    sheet = replace(new.sheet, shown={**new.sheet.shown, KNOWN: PROTECTED}, limits=(*new.sheet.limits, _KNOWN_MORE))
    known = max((new.numbers[_affected()], *partners))
    return replace(new, sheet=sheet, numbers={**new.numbers, KNOWN: known}, ruled=new.ruled | {KNOWN})


def _said_partners(wider: Past, pasts: Sequence[Past], own: Sequence[Need], rules: Rules) -> Range | None:
    """Choose what is said of all that is known: whether it is clearly above what is shown, and no more."""
    above = round_down(wider.sheet.shown[_affected()].low)
    if above < rules.minimum:
        return None
    needs = (*own, Need(KNOWN, rules.minimum))
    seen = views(wider, pasts, needs, KNOWN)
    return sentence(seen, wider.numbers[KNOWN], [one_rung(above, rules.minimum)])


_KNOWN_MORE = AtMost(_affected(), KNOWN)
