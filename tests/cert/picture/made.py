"""Reports for the tests of the picture: many at once, and people who prepare and approve."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.cert.kit import PLAIN

from nachsorge.cert.picture.rules import Circle
from nachsorge.cert.picture.told import REGIONS, Basis, Outcome, Told
from nachsorge.model.words import Rung
from nachsorge.sharing.notification import SECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator

WEIGHTS = (1, 3, 9, 7, 4, 6, 3, 2, 12, 1, 2)
"""Organisations in the Länder, roughly."""


def told(seed: int, number: int, circles: frozenset[Circle] = frozenset(Circle)) -> list[Told]:
    """Make reports, the same for the same seed; a longer list begins with the shorter one."""
    rng = random.Random(seed)
    return [_told(rng, place, circles) for place in range(number)]


def bodies(seed: int, number: int) -> Iterator[dict[str, Any]]:
    """Make notifications as values, the same for the same seed."""
    rng = random.Random(seed)
    for place in range(number):
        one = _told(rng, place, frozenset())
        verdicts = dict(zip(("compromised", "suspected", "open", "ruled_out"), one.assets.values(), strict=True))
        scope, highest = sum(verdicts.values()), one.rung or Rung(1)
        rungs = [_rung(rung, verdicts, scope) for rung in Rung if one.rung and rung <= highest]
        week = date(2023, 3, 6) + timedelta(weeks=rng.choices(range(8), (1, 3, 8, 6, 3, 2, 1, 1))[0])
        weeks = {"first": f"2023-W{week.isocalendar().week:02d}", "last": "2023-W18"} if one.rung else None
        seen = {"telemetry": rng.choice(("dns_query", "proxy", "filesystem", "process_creation", "antivirus"))}
        whole = rng.randint(0, scope)
        partly = rng.randint(0, scope - whole)
        none = scope - whole - partly
        body = PLAIN | {
            "id": str(UUID(int=rng.getrandbits(128), version=4)),
            "made": f"{one.received.isoformat()}T09:00:00Z",
            "organisation": {"name": "", "sector": one.sector, "region": one.region, "size": "medium"},
            "assets": {"scope": scope, "verdicts": verdicts, "rungs": rungs},
            "coverage": [seen | {"whole": whole, "partly": partly, "none": none, "reasons": {"not-provided": none}}],
            "weeks": weeks,
            "labels": {"tlp": rng.choice(("GREEN", "AMBER", "AMBER+STRICT")), "pap": "GREEN", "parts": {}},
            "purposes": {"count": rng.random() < 0.95, "pass_to": [], "name": False},
        }
        yield body


def _rung(rung: Rung, verdicts: dict[str, int], scope: int) -> dict[str, Any]:
    shown = verdicts["compromised"]
    return {"rung": rung.word, "shown": shown, "suspected": 0, "open": 0, "ruled_out": scope - shown}


def _told(rng: random.Random, place: int, circles: frozenset[Circle]) -> Told:
    outcome = rng.choices(list(Outcome), (3, 1, 4, 4))[0]
    worse = list(Outcome)[: list(Outcome).index(outcome)]
    assets = {one: 0 if one in worse else rng.randint(one is outcome, 12) for one in Outcome}
    rung = Rung(rng.choices(range(1, 7), (8, 6, 4, 2, 1, 1))[0]) if outcome is Outcome.AFFECTED else None
    return Told(
        group=f"g{place if rng.random() < 0.9 else rng.randrange(place + 1)}",
        sector=rng.choices(SECTORS, [1 / (n + 1) for n in range(len(SECTORS))])[0],
        region=rng.choices(REGIONS, WEIGHTS)[0],
        basis=rng.choice(list(Basis)),
        received=date(2023, 4, 1) + timedelta(days=rng.randint(0, 120)),
        assets=assets,
        rung=rung,
        circles=circles,
    )


def moment(place: int) -> datetime:
    """Give the time at which a report came."""
    return datetime(2023, 4, 1, tzinfo=UTC) + timedelta(hours=2 * place)
