"""Claims of an organisation's own about an incident that a pack describes: a few lines of YAML beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.errors import PackError
from nachsorge.packs import build
from nachsorge.packs.files import read_text
from nachsorge.packs.findings import Findings, Place
from nachsorge.packs.layout import CLAIM
from nachsorge.packs.nodes import Checker, parse
from nachsorge.packs.shapes import Field, Many, Shape

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.pack import Claim, Pack

OWN = Shape(
    "claims file", (Field("claims", Many(CLAIM, 1), "The claims.", True),), doc="Claims that belong to no pack."
)


def load_claims(path: Path, pack: Pack) -> tuple[Claim, ...]:
    """Read claims about a pack's stages and traces.

    Raises:
        PackError: with every problem, also for a stage that the pack does not have and an id that it has already.
    """
    findings = Findings()
    for kind, names in (
        ("stage", [stage.id for stage in pack.stages]),
        ("trace", [trace.id for trace in pack.traces]),
        ("exposure", [exposure.id for exposure in pack.exposures]),
        ("claim", [claim.id for claim in pack.claims]),
    ):
        for name in names:
            findings.define(kind, name, Place(pack.id))
    text = read_text(path, findings)
    node = parse(text, str(path), findings) if text is not None else None
    root = Checker(str(path), findings).section(node, OWN) if node is not None else {}
    findings.close()
    if findings.problems:
        raise PackError(findings.in_order())
    found: tuple[Claim, ...] = build.parts(root)["claims"]  # type: ignore[arg-type]
    return found
