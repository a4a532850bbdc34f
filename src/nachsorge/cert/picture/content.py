"""A release as it is kept and given out: canonical JSON that speaks no language, and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from nachsorge.cert.picture.rules import Circle, Rules
from nachsorge.cert.picture.series import Past
from nachsorge.cert.picture.system import AtMost, How, Key, Sheet, Shown, Sum
from nachsorge.cert.picture.tables import ASSETS, Table
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.cert.picture.drafting import Draft
    from nachsorge.cert.picture.sentence import Range

SCHEMA: Final = "nachsorge.release/1"
LABELS: Final = {Circle.CLOSED: Tlp.AMBER, Circle.COMMUNITY: Tlp.GREEN, Circle.PUBLIC: Tlp.CLEAR}
"""What a release for a circle is labelled with."""
SIGN = "G"
"""What stands for a protected number: `geheim`, as Statistik Austria marks it."""


def content(draft: Draft, campaign: str, number: int, as_of: str) -> dict[str, Any]:
    """Give what leaves. Nothing in it was made from a number that is not in it."""
    return {
        "schema": SCHEMA,
        "campaign": campaign,
        "number": number,
        "as_of": as_of,
        "audience": draft.rules.circle.value,
        "label": LABELS[draft.rules.circle].value,
        "unit": "controlling group",
        "rules": _rules(draft.rules),
        "tables": [_table(table, draft.sheet) for table in draft.tables],
        "clearly_above": {"affected": _above(draft.said), "known": _above(draft.said_partners)},
    }


def encode(value: Mapping[str, Any]) -> bytes:
    """Give the bytes: keys sorted, nothing but what is needed, one line."""
    return (json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def behind(draft: Draft) -> dict[str, Any]:
    """Give what stays: the numbers and how the cells hang together, to hold later releases against."""
    place = {cell: index for index, cell in enumerate(draft.sheet.shown)}
    return {
        "cells": [
            [list(map(list, cell)), one.how.value, one.number, one.low, one.high, draft.numbers[cell]]
            for cell, one in draft.sheet.shown.items()
        ],
        "sums": [[place[one.total], [place[part] for part in one.parts]] for one in draft.sheet.sums],
        "limits": [[place[one.smaller], place[one.larger]] for one in draft.sheet.limits],
        "ruled": sorted(place[cell] for cell in draft.ruled),
    }


def past(number: int, circle: Circle, kept: Mapping[str, Any]) -> Past:
    """Read `behind` again. Where what was ruled was not kept yet, it is all that was protected."""
    shown: dict[Key, Shown] = {}
    numbers: dict[Key, int] = {}
    for pairs, how, said, low, high, true in kept["cells"]:
        cell = tuple((name, value) for name, value in pairs)
        shown[cell], numbers[cell] = Shown(How(how), said, low, high), true
    cells = list(shown)
    sums = tuple(Sum(cells[total], tuple(cells[part] for part in parts)) for total, parts in kept["sums"])
    limits = tuple(AtMost(cells[smaller], cells[larger]) for smaller, larger in kept["limits"])
    sheet = Sheet(shown, sums, limits)
    ruled = [cells[place] for place in kept["ruled"]] if "ruled" in kept else sheet.protected()
    return Past(number, circle, sheet, numbers, frozenset(ruled))


def as_csv(released: Mapping[str, Any]) -> str:
    """Give the tables as one long CSV (RFC 4180). Empty row or column: the margin. Protected: `G` and no number."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(["campaign", "release", "as_of", "label", "table", "counts", "row", "column", "number", "how"])
    head = [released["campaign"], released["number"], released["as_of"], f"TLP:{released['label']}"]
    for table in released["tables"]:
        columns = [*table["columns"], ""]
        for row, line in zip([*table["rows"], ""], table["cells"], strict=True):
            for column, cell in zip(columns, line, strict=True):
                number = SIGN if cell["number"] is None else cell["number"]
                rows.writerow([*head, table["name"], table["counts"], row, column, number, cell["how"]])
    return out.getvalue()


def _rules(rules: Rules) -> dict[str, Any]:
    return {"minimum": rules.minimum, "base": rules.base, "dominance": rules.dominance, "spread": rules.spread}


def _table(table: Table, sheet: Sheet) -> dict[str, Any]:
    return {
        "name": table.name,
        "counts": "assets" if ASSETS in table.within else "groups",
        "rows": list(table.rows.values),
        "columns": list(table.columns.values) if table.columns else [],
        "cells": [[_cell(sheet.shown[cell]) for cell in line] for _, line in table.lines()],
    }


def _cell(one: Shown) -> dict[str, Any]:
    return {"how": one.how.value, "number": one.number}


def _above(said: Range | None) -> int | None:
    return said.above or None if said else None
