"""What the desk asks of a notification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.words import Rung

if TYPE_CHECKING:
    from nachsorge.model.words import Tlp
    from nachsorge.sharing.notification import Notification


def reached(told: Notification | None) -> Rung | None:
    """Give the highest rung that is shown or suspected on some asset; None where none is, or nothing can be read."""
    words = {each.rung for each in told.assets.rungs if each.shown or each.suspected} if told is not None else set()
    return max((each for each in Rung if each.word in words), default=None)


def other_labels(told: Notification | None) -> dict[str, Tlp]:
    """Give the parts whose label is not that of the whole."""
    if told is None:
        return {}
    return {part: label for part, label in sorted(told.labels.parts.items()) if label is not told.labels.tlp}
