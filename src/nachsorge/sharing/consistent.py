"""Contradictions within a well-formed notification: what no schema can say."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from nachsorge.locale import _
from nachsorge.model.words import Tlp
from nachsorge.sharing.labels import at_most

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.sharing.notification import Notification

_NEEDS = {"constituency": Tlp.AMBER, "community": Tlp.GREEN, "partners": Tlp.GREEN}
"""The most restrictive label that somebody may be passed on to (FIRST TLP 2.0)."""


def contradictions(found: Notification) -> list[tuple[str, str]]:
    """List places and what is wrong there."""
    return [*_times(found), *_numbers(found), *_once(found), *_labels(found), *_words(found)]


def _times(found: Notification) -> Iterator[tuple[str, str]]:
    try:
        datetime.fromisoformat(found.made)
    except ValueError:
        yield "made", _("no such time")
    weeks = found.weeks
    if weeks is None:
        return
    for name in ("first", "last"):
        text = getattr(weeks, name)
        try:
            datetime.fromisoformat(f"{text}-1")
        except ValueError:
            yield f"weeks.{name}", _("no such week")
    if weeks.first > weeks.last:
        yield "weeks", _("the first is later than the last")


def _numbers(found: Notification) -> Iterator[tuple[str, str]]:
    scope = found.assets.scope
    if found.assets.verdicts.total() != scope:
        told = _("they add up to {total}, the scope is {scope}")
        yield "assets.verdicts", told.format(total=found.assets.verdicts.total(), scope=scope)
    for index, rung in enumerate(found.assets.rungs):
        if rung.total() > scope:
            yield f"assets.rungs[{index}]", _("more assets than the scope of {scope}").format(scope=scope)
    for index, row in enumerate(found.coverage):
        if row.whole + row.partly + row.none != scope:
            # An asset that is in none of the three would be one that nobody says was not looked at.
            told = _("whole, partly and none have to add up to the scope of {scope}")
            yield f"coverage[{index}]", told.format(scope=scope)
        if any(count > scope for count in row.reasons.values()):
            yield f"coverage[{index}].reasons", _("more assets than the scope of {scope}").format(scope=scope)


def _once(found: Notification) -> Iterator[tuple[str, str]]:
    yield from _doubled("assets.rungs", [rung.rung for rung in found.assets.rungs])
    yield from _doubled("coverage", [row.telemetry for row in found.coverage])
    yield from _doubled("indicators", [(seen.type, seen.value) for seen in found.indicators])
    yield from _doubled("help.wanted", found.help.wanted)
    yield from _doubled("purposes.pass_to", found.purposes.pass_to)


def _doubled(place: str, keys: Sequence[object]) -> Iterator[tuple[str, str]]:
    if len(set(keys)) != len(keys):
        yield place, _("the same one stands twice")


def _labels(found: Notification) -> Iterator[tuple[str, str]]:
    whole, stricter = found.labels.tlp, _("TLP:{label} is more restrictive than the whole, TLP:{whole}")
    for name, label in found.labels.parts.items():
        if not at_most(label, whole):
            yield f"labels.parts.{name}", stricter.format(label=label, whole=whole)
    for index, seen in enumerate(found.indicators):
        if not at_most(seen.tlp, whole):
            yield f"indicators[{index}].tlp", stricter.format(label=seen.tlp, whole=whole)
    least = [whole, *found.labels.parts.values(), *(seen.tlp for seen in found.indicators)]
    for word in found.purposes.pass_to:
        if not any(at_most(label, _NEEDS[word]) for label in least):
            told = _("{word}: every part is more restrictive than TLP:{label}")
            yield "purposes.pass_to", told.format(word=word, label=_NEEDS[word])


def _words(found: Notification) -> Iterator[tuple[str, str]]:
    if "none" in found.help.wanted and len(found.help.wanted) > 1:
        yield "help.wanted", _("none, and something as well")
    if len(found.done) > 1 and any(one.what == "nothing" for one in found.done):
        yield "done", _("nothing, and something as well")
    if found.purposes.name and not found.organisation.name:
        yield "purposes.name", _("it may be named, but has no name")
    for index, one in enumerate(found.done):
        if one.what == "other" and not one.text.strip():
            yield f"done[{index}].text", _("say what")
