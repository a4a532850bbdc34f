"""STIX 2.1: one bundle, one indicator object with one comparison a row, TLP 2.0 markings with their fixed ids.

Properties of ours begin with `x_nachsorge_` (docs/reference/exports.md); by them our own importer loses no row.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nachsorge.exports.packs.naming import file_name, plain, uuid_of
from nachsorge.exports.packs.parts import parts_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written
from nachsorge.exports.packs.stix_pattern import pattern
from nachsorge.model.labels import Label, Pap
from nachsorge.model.markings import marking, marking_ref, pap_marking, pap_ref
from nachsorge.model.times import SECOND, Instant, parse_instant, render
from nachsorge.model.words import Role, Rung

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Row, Selection
    from nachsorge.model.pack import Pack, Rule

_OLDEST = parse_instant("2020-01-01")
_PHASES = {
    Rung.EXPOSED: "delivery",
    Rung.EXECUTED: "installation",
    Rung.CONTACTED: "command-and-control",
    Rung.COLLECTED: "actions-on-objectives",
    Rung.IMPLANTED: "installation",
    Rung.HANDS_ON: "actions-on-objectives",
}


class StixExporter:
    """For platforms, TAXII collections, scanners for phones."""

    name = "stix"
    blocks = False
    says = Says(
        expresses="every row as an `indicator` with one comparison, Sigma and YARA rules as indicators of that "
        "`pattern_type`, the incident as a `report`, TLP 2.0 on every object",
        drops="the ladder with its needs and windows, exposures, claims, steps; subdomains",
        checked="`stix2-validator`; read back (property test)",
    )

    def write(self, selection: Selection) -> Written:
        """Write one bundle."""
        born = created(selection.pack)
        common = _Common(selection, _stamp(born), _stamp(max(born, selection.at)))
        losses = [*selection.held, *parts_lost(selection.pack, frozenset({"aliases"}))]
        rows = []
        for row in selection.rows:
            made, lost = _indicator(row, common)
            rows.append(made)
            losses += [Loss(row.named, lost)] if lost else []
        rows += [_rule(rule, common) for rule in selection.rules]
        labels = sorted({*(row.of.tlp for row in selection.rows), selection.pack.tlp, selection.label})
        paps = sorted({*(row.of.pap for row in selection.rows), selection.pack.pap, selection.pap} - {Pap.GREEN})
        markings = [*(marking(label) for label in labels), *(pap_marking(pap) for pap in paps)]
        objects = [*markings, common.author(), *rows]
        if rows:
            objects.append(common.report([row["id"] for row in rows]))
        bundle = {"type": "bundle", "id": f"bundle--{common.uuid('bundle', common.modified)}", "objects": objects}
        content = json.dumps(bundle, indent=1, ensure_ascii=False).encode()
        return Written((File(file_name(selection.pack, ".stix.json"), content),), tuple(losses))


def created(pack: Pack) -> Instant:
    """Give a time that stays with the pack: of its first source, else of its first window."""
    dates = [found for source in pack.sources if (found := _date(source.date)) is not None]
    windows = [window.absolute.start for stage in pack.stages for window in stage.windows if window.absolute]
    return min(dates or windows, default=_OLDEST)


def _stamp(at: Instant) -> str:
    """Write `created` and `modified`: to the millisecond, always (section 3.2)."""
    whole, _, fraction = render(at).rstrip("Z").partition(".")
    return f"{whole}.{(fraction + '000')[:3]}Z"


def _date(text: str) -> Instant | None:
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        return None


class _Common:
    """What all objects of one bundle share."""

    def __init__(self, selection: Selection, born: str, modified: str) -> None:
        self.selection = selection
        self.pack = selection.pack
        self.born = born
        self.modified = modified

    def uuid(self, *parts: str) -> str:
        return uuid_of("stix", self.pack.id, *parts)

    def object(self, kind: str, label: Label, *key: str) -> dict[str, Any]:
        # PAP:GREEN is what no marking means.
        pap = [pap_ref(label.pap)] if label.pap is not Pap.GREEN else []
        return {
            "type": kind,
            "spec_version": "2.1",
            "id": f"{kind}--{self.uuid(kind, *key)}",
            "created": self.born,
            "modified": self.modified,
            "object_marking_refs": [marking_ref(label.tlp), *pap],
        }

    def author(self) -> dict[str, Any]:
        made = self.object("identity", Label(self.pack.tlp, self.pack.pap), "author")
        return {**made, "name": f"author of the pack {self.pack.id}", "identity_class": "unknown"}

    def signed(self, made: dict[str, Any]) -> dict[str, Any]:
        return {**made, "created_by_ref": f"identity--{self.uuid('identity', 'author')}"}

    def report(self, refs: list[str]) -> dict[str, Any]:
        # It names every row, so it is as restricted as the most restricted of them.
        made = self.signed(self.object("report", self.selection.release.label, "report"))
        made |= {
            "name": self.pack.title or self.pack.id,
            "description": self.pack.summary or self.pack.title or self.pack.id,
            "report_types": ["indicator", "campaign"],
            "published": self.born,
            "object_refs": refs,
            "labels": [f"pack {self.pack.id}", f"version {self.pack.version}", f"sha256 {self.pack.digest}"],
        }
        if self.pack.aliases:
            made["x_nachsorge_aliases"] = list(self.pack.aliases)
        return made


def _indicator(row: Row, common: _Common) -> tuple[dict[str, Any], str]:
    indicator = row.of
    text, lost = pattern(indicator)
    key = (indicator.type.value, indicator.value, indicator.trace, indicator.platform or "")
    made = common.signed(common.object("indicator", Label(indicator.tlp, indicator.pap), *key))
    made |= {
        "name": plain(f"{indicator.type} {indicator.value}")[:250],
        "indicator_types": ["malicious-activity" if indicator.role is Role.MALICIOUS else "anomalous-activity"],
        "pattern": text,
        "pattern_type": "stix",
        "pattern_version": "2.1",
        **_validity(row, common),
        "kill_chain_phases": [{"kill_chain_name": "lockheed-martin-cyber-kill-chain", "phase_name": _phase(row)}],
        **_ours(row),
    }
    if indicator.note:
        made["description"] = indicator.note
    if indicator.valid_until is not None and indicator.valid_until == indicator.valid_from:
        lost = "; ".join(filter(None, (lost, "valid for one moment: STIX wants an end after the begin")))
    return made, lost


def _phase(row: Row) -> str:
    return _PHASES[row.stage.rung]


def _validity(row: Row, common: _Common) -> dict[str, Any]:
    indicator = row.of
    start = indicator.valid_from
    if start is None:
        start = parse_instant(common.born)
        if indicator.valid_until is not None:
            start = min(start, indicator.valid_until - SECOND)
    out: dict[str, Any] = {"valid_from": render(start)}
    if indicator.valid_from is None:
        out["x_nachsorge_open_from"] = True
    if indicator.valid_until is not None:
        # STIX 2.1, section 4.7.1: later than valid_from, and not at the same moment.
        out["valid_until"] = render(max(indicator.valid_until, start + 1))
    return out


def _ours(row: Row) -> dict[str, Any]:
    indicator = row.of
    values = {
        "type": indicator.type.value,
        "value": indicator.value,
        "stage": row.stage.id,
        "rung": row.stage.rung.word,
        "trace": row.trace.id,
        "weight": row.trace.weight.value,
        "role": indicator.role.value,
        "platform": indicator.platform.value if indicator.platform else None,
        "verification": indicator.verification.value,
        "first_source": indicator.first_source,
        "sources": list(indicator.sources),
        "memory_only": indicator.memory_only,
        "size": indicator.size,
    }
    return {
        f"x_nachsorge_{name}": value for name, value in values.items() if value or (value == 0 and value is not False)
    }


def _rule(rule: Rule, common: _Common) -> dict[str, Any]:
    stage = common.selection.stage_of(rule)
    trace = common.pack.traces_by_id[rule.trace]
    made = common.signed(common.object("indicator", Label(common.pack.tlp, common.pack.pap), rule.engine, rule.id))
    made |= {
        "name": plain(rule.title or rule.id)[:250],
        "description": plain(f"author: {rule.author}; licence: {rule.licence}; {rule.reference}").rstrip("; "),
        "indicator_types": ["malicious-activity"],
        "pattern": rule.text,
        "pattern_type": rule.engine,
        "valid_from": common.born,
        "x_nachsorge_type": rule.engine,
        "x_nachsorge_value": rule.id,
        "x_nachsorge_stage": stage.id,
        "x_nachsorge_rung": stage.rung.word,
        "x_nachsorge_trace": trace.id,
        "x_nachsorge_weight": trace.weight.value,
    }
    told = {"title": rule.title, "author": rule.author, "licence": rule.licence, "reference": rule.reference}
    return made | {f"x_nachsorge_{name}": value for name, value in told.items() if value}
