"""Checked sections of pack.yaml -> the parts of a Pack. Nothing is judged here any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nachsorge.model.pack import (
    Aim,
    Attribution,
    Claim,
    DigestOf,
    Disagreement,
    Exposure,
    Haul,
    Knowledge,
    Need,
    Option,
    Position,
    Relation,
    Requirement,
    Stage,
    Step,
    StoredTime,
    Trace,
    Window,
)
from nachsorge.model.times import Span

if TYPE_CHECKING:
    from nachsorge.packs.shapes import Section

_TUPLES = {"sources", "telemetry", "names", "affected", "clean", "by"}
_TUPLES |= {"requires", "platforms", "roles", "except_roles", "attack", "at_risk", "browsers", "measures"}


def _plain(section: Section, *without: str) -> dict[str, Any]:
    """Give the values under the names of the model; lists become tuples, localised texts two values."""
    out: dict[str, Any] = {}
    for key, value in section.items():
        if key in without:
            continue
        if isinstance(value, tuple):
            out[key], out[f"{key}_de"] = value
        elif key in _TUPLES and isinstance(value, list):
            out[key] = tuple(value)
        else:
            out[key] = value
    return out


def parts(pack: Section) -> dict[str, Any]:
    """Give everything of a Pack that stands in pack.yaml, by the model's names."""
    listed = {
        "sources": tuple(Knowledge(**_plain(each)) for each in pack.get("sources", ())),
        "exposures": tuple(Exposure(**_plain(each)) for each in pack.get("exposures", ())),
        "stages": tuple(_stage(each) for each in pack.get("stages", ())),
        "traces": tuple(_trace(each, stage) for stage in pack.get("stages", ()) for each in stage.get("traces", ())),
        "claims": tuple(Claim(**_plain(each)) for each in pack.get("claims", ())),
        "attributions": tuple(Attribution(**_plain(each)) for each in pack.get("attributions", ())),
        "disagreements": tuple(_disagreement(each) for each in pack.get("disagreements", ())),
        "steps": tuple(Step(**_plain(each)) for each in pack.get("steps", ())),
        "aliases": tuple(f"{each['name']} ({', '.join(each['by'])})" for each in pack.get("aliases", ())),
        "hypotheses": tuple(each["says"][0] for each in pack.get("hypotheses", ())),
        "aims": tuple(Aim(**_plain(each)) for each in pack.get("hypotheses", ()) if "motive" in each),
        "hauls": tuple(Haul(**_plain(each)) for each in pack.get("haul", ())),
        "closing": tuple(each["says"][0] for each in pack.get("closing", ())),
        "requirements": tuple(Requirement(**_plain(each)) for each in pack.get("closing", ()) if "test" in each),
        "related": tuple(pack.get("related", ())),
    }
    return {**_plain(pack, *listed, "haul"), **listed}


def _stage(stage: Section) -> Stage:
    nested: dict[str, Any] = {
        "windows": tuple(_window(each) for each in stage.get("windows", ())),
        "needs": tuple(_need(each) for each in stage.get("needs", ())),
        "through": tuple(
            Relation(column=each["column"].lower(), stage=each["stage"]) for each in stage.get("through", ())
        ),
    }
    return Stage(**_plain(stage, *nested, "traces", "rule_folders", "rule_weight"), **nested)


def _window(window: Section) -> Window:
    absolute = Span(window["from"], window["to"]) if "from" in window else None
    return Window(absolute=absolute, **_plain(window, "from", "to"))


def _need(need: Section) -> Need:
    return Need(any_of=tuple(Option(**_plain(each)) for each in need["any_of"]), **_plain(need, "any_of"))


def _trace(trace: Section, stage: Section) -> Trace:
    stored, within, digest = trace.get("stored_time"), trace.get("within"), trace.get("digest_of")
    return Trace(
        stage=stage["id"],
        stored_time=StoredTime(**stored) if stored else None,
        within=Span(within["from"], within["to"]) if within else None,
        digest_of=DigestOf(attribute=digest["attribute"].lower(), spelling=digest["spelling"]) if digest else None,
        **_plain(trace, "stored_time", "within", "digest_of"),
    )


def _disagreement(each: Section) -> Disagreement:
    positions = tuple(Position(**_plain(position)) for position in each["positions"])
    return Disagreement(topic=each["topic"], positions=positions, choice=each["choice"])
