"""What a pack says in English only: a German report shows it as it is, so its author should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.pack import Pack


def untranslated(pack: Pack) -> tuple[str, ...]:
    """Name every text of a pack that people are shown and that has no German, in the pack's order."""
    return tuple(name for name, english, german in _texts(pack) if english and not german)


def _texts(pack: Pack) -> Iterator[tuple[str, str, str]]:
    yield "the title", pack.title, pack.title_de
    yield "the summary", pack.summary, pack.summary_de
    for stage in pack.stages:
        yield f"stage {stage.id!r}", stage.title, stage.title_de
        yield f"`never` of stage {stage.id!r}", stage.never, stage.never_de
        for number, need in enumerate(stage.needs, start=1):
            yield f"`settle` of need {number} of stage {stage.id!r}", need.settle, need.settle_de
    for trace in pack.traces:
        yield f"trace {trace.id!r}", trace.title, trace.title_de
    for claim in pack.claims:
        yield f"claim {claim.id!r}", claim.says, claim.says_de
        yield f"`by` of claim {claim.id!r}", claim.by, claim.by_de
        if claim.test == "none":
            yield f"`needs` of claim {claim.id!r}", claim.needs, claim.needs_de
    for aim in pack.aims:
        yield f"hypothesis {aim.motive.value!r}", aim.says, aim.says_de
    for haul in pack.hauls:
        yield f"haul {haul.id!r}", haul.says, haul.says_de
    for one in pack.requirements:
        yield f"closing requirement {one.id!r}", one.says, one.says_de
    for number, step in enumerate(pack.steps, start=1):
        yield f"step {number}", step.title, step.title_de
        yield f"`danger` of step {number}", step.danger, step.danger_de
