"""A pack's folder -> Pack. Everything that is wrong with it is told at once, each with its place and a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.errors import PackError
from nachsorge.model.labels import Label, Pap
from nachsorge.model.pack import Pack, Rule
from nachsorge.model.words import Tlp
from nachsorge.packs import build
from nachsorge.packs.files import digest, read_text
from nachsorge.packs.findings import Findings
from nachsorge.packs.generic import generic_rules, with_generic_rules
from nachsorge.packs.layout import PACK
from nachsorge.packs.nodes import Checker, parse
from nachsorge.packs.rules import sigma_rule, yara_rule
from nachsorge.packs.table import indicators

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.packs.shapes import Section

_RULES = (("sigma/*.yml", sigma_rule), ("yara/*.yar", yara_rule))


def load_pack(folder: Path) -> Pack:
    """Load a pack from its folder.

    Raises:
        PackError: with every problem of every file, in order of file and line.
    """
    findings = Findings()
    root = _pack_yaml(folder, findings)
    if root is None:
        raise PackError(findings.in_order())
    traces = [trace for stage in root.get("stages", ()) for trace in stage.get("traces", ())]
    digests = frozenset(trace["id"] for trace in traces if "digest_of" in trace and "id" in trace)
    label = Label(root.get("tlp", Tlp.AMBER_STRICT), root.get("pap", Pap.GREEN))
    rows = indicators(folder, label, findings, digests)
    rules = tuple(_rules(folder, findings))
    generic = generic_rules(folder, root, findings)
    findings.close()
    if findings.problems:
        raise PackError(findings.in_order())
    return with_generic_rules(Pack(**build.parts(root), indicators=rows, rules=rules, digest=digest(folder)), generic)


def _pack_yaml(folder: Path, findings: Findings) -> Section | None:
    path = folder / "pack.yaml"
    text = read_text(path, findings)
    node = parse(text, str(path), findings) if text is not None else None
    if node is None:
        return None
    root = Checker(str(path), findings).section(node, PACK)
    _order(root, findings)
    return root


def _order(root: Section, findings: Findings) -> None:
    # `requires` and anchors may only look back, which also keeps them free of circles.
    later = {stage.get("id") for stage in root.get("stages", ())}
    for stage in root.get("stages", ()):
        uses = [(name, stage.at("requires")) for name in stage.get("requires", ())]
        uses += [(each["anchor"], each.at("anchor")) for each in stage.get("windows", ()) if "anchor" in each]
        for name, place in uses:
            if name in later:
                findings.problem(place, f"{name!r} is not an earlier stage", "stages stand in order")
        later.discard(stage.get("id"))
    _through(root, findings)


def _through(root: Section, findings: Findings) -> None:
    """Hold relations to one step: what carries over must not itself hang on what carries over."""
    stages = {stage.get("id"): stage for stage in root.get("stages", ())}
    hanging = {name for name, stage in stages.items() if stage.get("through")}
    for stage in stages.values():
        # `requires` looks back only, so one pass in order finds all that hang on such a stage.
        if hanging & set(stage.get("requires", ())):
            hanging.add(stage.get("id"))
    for stage in stages.values():
        for each in stage.get("through", ()):
            if each.get("stage") in hanging:
                remedy = "name a stage that neither has `through` nor requires one that has"
                findings.problem(each.at("stage"), f"{each['stage']!r} hangs on a relation itself", remedy)


def _rules(folder: Path, findings: Findings) -> list[Rule]:
    found = []
    for pattern, read in _RULES:
        for path in sorted((folder / "rules").glob(pattern)):
            text = read_text(path, findings)
            rule = read(text, str(path), findings) if text is not None else None
            if rule is not None:
                found.append(rule)
    return found
