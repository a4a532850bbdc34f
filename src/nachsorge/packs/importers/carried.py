"""Sigma and YARA rules that others wrote into STIX indicators, MISP attributes or CHIRP documents.

They are generic rules, as those of a folder are: a match is a hint, on a stage of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.words import IndicatorType, Rung, Weight
from nachsorge.packs.importers.seams import Item
from nachsorge.packs.rule_folder import STAGE, rules_of_text

if TYPE_CHECKING:
    from nachsorge.packs.importers.collect import Collector

ENGINES = ("sigma", "yara")


def carry(engine: str, text: str, place: str, into: Collector) -> None:
    """Take the rules of a text; what of it is none is lost, and named."""
    listing = rules_of_text(engine, text, place)
    kind, rung, weight = IndicatorType.STRING, Rung.HANDS_ON, Weight.HINT
    where = Item(place=place, type=kind, value="", stage=STAGE, rung=rung, weight=weight)
    for rule in listing.rules:
        into.keep_rule(place, where, rule)
    for number, why in enumerate(listing.not_understood):
        into.lose("", why, 0 if number else listing.lost)
    if not listing.rules and not listing.lost:
        into.lose(place, f"holds no {engine} rule")
