"""What a reporter may know of the own submission: its state, in few words, and the answers that wait."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nachsorge.cert.intake.models import Submission


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that waits to be fetched."""

    number: int
    made: datetime
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a submission. `state` is one of the desk's, without who works on it and why."""

    receipt: str
    received: datetime
    sequence: int
    superseded: bool
    sealed: bool
    state: str
    answers: tuple[Waiting, ...]

    def plain(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)


def standing_of(submission: Submission) -> Standing:
    """Tell it to whoever has shown the secret."""
    case = getattr(submission, "case", None)
    return Standing(
        submission.number,
        submission.received,
        submission.sequence,
        not submission.current,
        not submission.opened,
        case.state if case is not None else "received",
        _answers(submission),
    )


def _answers(submission: Submission) -> tuple[Waiting, ...]:
    """Ask the desk, which holds the door; it is not imported above, since it imports this app's models."""
    if find_spec("nachsorge.cert.desk.fetching") is None:
        return ()
    found: list[Waiting] = import_module("nachsorge.cert.desk.fetching").waiting(submission)
    return tuple(found)
