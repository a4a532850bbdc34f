"""Labels that people gave a case or a source in it: entries `label`, the later word counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.labels import Label, Pap
from nachsorge.model.words import Tlp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.cases.store import Entry

KIND = "label"


def labels_of(entries: Iterable[Entry]) -> dict[str, Label]:
    """Give the labels by the path of a source; that of the case as a whole under the empty path."""
    return {entry.body["of"]: label_in(entry) for entry in entries if entry.kind == KIND}


def label_in(entry: Entry) -> Label:
    """Give the label that an entry of this kind gives."""
    return Label(Tlp(entry.body["tlp"]), Pap(entry.body["pap"]))


def body_of(of: str, label: Label, reason: str) -> dict[str, str]:
    """Give an entry's body; `reason` is what people read in the log."""
    told = f"{of or 'the case'} is TLP:{label.tlp} PAP:{label.pap}: {reason}"
    return {"of": of, "tlp": label.tlp.value, "pap": label.pap.value, "reason": told}
