"""Made notifications in number: 1,300 organisations of all sectors and Länder, the same ones every time."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.cert.kit import notification

from nachsorge.sharing.notification import REGIONS, RUNGS, SECTORS, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = ("micro", "small", "medium", "large", "unknown")
LABELS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")


def many(number: int = 1300, seed: int = 3) -> Iterator[bytes]:
    """Give canonical notifications; about one in five names its organisation, and one in eight may not be counted."""
    dice = Random(seed)
    for index in range(number):
        yield encode(notification(**_one(dice, index)))


def _one(dice: Random, index: int) -> dict[str, Any]:
    scope = dice.choice((1, 4, 12, 40, 250, 3000))
    shown = dice.choice((0, 0, 0, dice.randint(0, scope)))
    out = dice.randint(0, scope - shown)
    named = dice.random() < 0.2
    name = f"Made organisation {index}" if named else ""
    week = dice.randint(2, 20)
    return {
        "id": str(UUID(int=dice.getrandbits(128), version=4)),
        "made": f"2023-04-{dice.randint(1, 28):02d}T{dice.randint(0, 23):02d}:00:00Z",
        "organisation": {
            "name": name,
            "sector": dice.choice((*SECTORS, "none", "unknown")),
            "region": dice.choice((*REGIONS, "several", "unknown")),
            "size": dice.choice(SIZES),
        },
        "channel": dice.choice(("voluntary", "voluntary", "voluntary", "mandatory")),
        "assets": {
            "scope": scope,
            "verdicts": {"compromised": shown, "suspected": 0, "open": scope - shown - out, "ruled_out": out},
            "rungs": _rungs(dice, scope, shown, out),
        },
        "coverage": [{"telemetry": "dns_query", "whole": out, "partly": 0, "none": scope - out, "reasons": {}}],
        "weeks": {"first": f"2023-W{week:02d}", "last": f"2023-W{week + dice.randint(0, 3):02d}"} if shown else None,
        "labels": {"tlp": dice.choice(LABELS)},
        "purposes": {"count": dice.random() < 0.875, "name": named},
    }


def _rungs(dice: Random, scope: int, shown: int, out: int) -> list[dict[str, Any]]:
    rows = []
    for rung in RUNGS[: dice.randint(1, len(RUNGS))]:
        rows.append({"rung": rung, "shown": shown, "suspected": 0, "open": scope - shown - out, "ruled_out": out})
        shown = dice.randint(0, shown)
    return rows
