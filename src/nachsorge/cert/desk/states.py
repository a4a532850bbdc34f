"""The states of a submission and the allowed ways between them, as one table."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """How far a submission was worked."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    IN_VERIFICATION = "in verification"
    VERIFIED = "verified"
    REFUTED = "refuted"
    DUPLICATE = "duplicate"

    @property
    def settled(self) -> bool:
        """Tell whether nobody needs to work on it any more."""
        return self in SETTLED


SETTLED = frozenset({State.VERIFIED, State.REFUTED, State.DUPLICATE})

TRANSITIONS: dict[State, tuple[State, ...]] = {
    State.RECEIVED: (State.ACKNOWLEDGED, State.DUPLICATE),
    State.ACKNOWLEDGED: (State.IN_VERIFICATION, State.DUPLICATE),
    State.IN_VERIFICATION: (State.VERIFIED, State.REFUTED, State.DUPLICATE),
    State.VERIFIED: (State.IN_VERIFICATION,),
    State.REFUTED: (State.IN_VERIFICATION,),
    State.DUPLICATE: (State.ACKNOWLEDGED,),
}
"""From each state, where one may go. A duplicate is entered and left only by linking and unlinking it."""


def may_go(here: State, there: State) -> bool:
    """Tell whether the table allows this step."""
    return there in TRANSITIONS[here]


def steps(here: State) -> tuple[State, ...]:
    """Give the steps that an analyst chooses by a button; duplicates are linked by their own form."""
    return tuple(each for each in TRANSITIONS[here] if State.DUPLICATE not in (here, each))


def needs_reason(here: State, there: State) -> bool:
    """Tell whether the step must be explained: whatever settles a submission, and whatever takes that back."""
    return here in SETTLED or there in SETTLED
