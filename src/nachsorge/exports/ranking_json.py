"""A ranking as JSON: every point with its reason; the rows of stolen lists only where they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from nachsorge.model.times import render

if TYPE_CHECKING:
    from nachsorge.model.ranking import Hypothesis, Ranked, Ranking, StolenList

SCHEMA = "nachsorge.ranking/1"


def as_plain(ranking: Ranking, *, rows: bool = False) -> dict[str, object]:
    """Give it as plain values. Rows are the addresses that people visited: `rows` asks for them."""
    return {
        "schema_version": SCHEMA,
        "tlp": ranking.label.tlp.value,
        "pap": ranking.label.pap.value,
        "evidence": ranking.evidence,
        "high_from": ranking.high_from,
        "hypotheses": [_hypothesis(one) for one in ranking.hypotheses],
        "assets": [_asset(one, rows=rows) for one in ranking.assets],
        "notes": list(ranking.notes),
    }


def dumps(ranking: Ranking, *, rows: bool = False) -> bytes:
    """Give it as text, the same bytes for the same ranking."""
    return orjson.dumps(as_plain(ranking, rows=rows), option=orjson.OPT_INDENT_2) + b"\n"


def _hypothesis(one: Hypothesis) -> dict[str, object]:
    return {
        "motive": one.motive.value,
        "says": one.says,
        "says_de": one.says_de,
        "pack": one.pack,
        "at_risk": [trait.value for trait in one.at_risk],
        "by_default": one.by_default,
    }


def _asset(one: Ranked, *, rows: bool) -> dict[str, object]:
    return {
        "asset": one.asset,
        "verdict": one.verdict.value,
        "stage": one.stage,
        "score": one.score,
        "high": one.high,
        "open": one.open,
        "columns": {column.motive.value: column.points for column in one.columns},
        "points": [
            {"trait": point.trait.value, "points": point.points, "why": point.why, "where": point.where}
            for point in one.points
        ],
        "taken": list(one.taken),
        "lists": [_list(each, rows=rows) for each in one.lists],
        "not_looked": list(one.not_looked),
        "not_known": [{"pack": each.pack, "says": each.says} for each in one.untold],
    }


def _list(one: StolenList, *, rows: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "source": one.source,
        "browser": one.browser,
        "limit": one.limit,
        "from": render(one.at.start) if one.at is not None else None,
        "to": render(one.at.end) if one.at is not None else None,
        "count": len(one.rows),
        "certain": sum(row.certain for row in one.rows),
        "missing": one.missing,
        "gave": [
            {"host": each.host, "trait": each.trait.value, "why": each.why, "rows": each.rows, "certain": each.certain}
            for each in one.gave
        ],
        "notes": list(one.notes),
    }
    if rows:
        told["rows"] = [
            {
                "number": row.number,
                "address": row.address,
                "first": render(row.first) if row.first is not None else None,
                "certain": row.certain,
            }
            for row in one.rows
        ]
    return told
