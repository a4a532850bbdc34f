"""A ranking as JSON: every point with its reason, people's addresses only where they are asked for."""

from __future__ import annotations

import json

from tests.builders import span

from nachsorge.exports.ranking_json import dumps
from nachsorge.model.ranking import Column, Given, Hypothesis, Point, Ranked, Ranking, Row, StolenList
from nachsorge.model.words import Motive, Trait, Verdict

LIST = StolenList(
    source="History",
    browser="chrome",
    limit=500,
    at=span("2023-03-01", "2023-03-02"),
    rows=(Row(number=2, address="https://private.example/", certain=True), Row(number=1, address="https://b.example/")),
    missing=3,
    gave=(Given(host="vpn.example", trait=Trait.GAVE_VPN, why="`vpn` in its name", rows=1, certain=True),),
    notes=("a note",),
)
RANKING = Ranking(
    hypotheses=(Hypothesis(motive=Motive.THEFT, says="money", at_risk=(Trait.FINANCE,), pack="p"),),
    assets=(
        Ranked(
            asset="pc1",
            verdict=Verdict.OPEN,
            stage="",
            score=25,
            columns=(Column(motive=Motive.THEFT, points=25),),
            points=(Point(trait=Trait.FINANCE, points=25, why="role: finance", where="inventory"),),
            lists=(LIST,),
            not_looked=("no Security log",),
            open=2,
        ),
    ),
    evidence=True,
    high_from=40,
)


def test_every_point_has_its_reason_and_what_was_not_looked_at_is_in_it():
    (one,) = json.loads(dumps(RANKING))["assets"]
    assert one["points"] == [{"trait": "finance", "points": 25, "why": "role: finance", "where": "inventory"}]
    assert (one["columns"], one["not_looked"], one["open"]) == ({"theft": 25}, ["no Security log"], 2)
    (told,) = one["lists"]
    assert (told["count"], told["certain"], told["missing"], told["from"][:10]) == (2, 1, 3, "2023-03-01")
    assert told["gave"][0]["host"] == "vpn.example"


def test_addresses_stay_behind_unless_they_are_asked_for():
    assert b"private.example" not in dumps(RANKING)
    rows = json.loads(dumps(RANKING, rows=True))["assets"][0]["lists"][0]["rows"]
    assert rows[0] == {"number": 2, "address": "https://private.example/", "first": None, "certain": True}
