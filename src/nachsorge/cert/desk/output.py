"""The door at every output: nothing of a submission is shown or written without a release made here.

Two questions are asked, and both have to be answered with yes: does the desk's rule let this person see this label by
this way (`rules.may_see`), and does the label let it go to this recipient for this purpose (`sharing.door`). What is
restricted is entered into the log before it is handed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from nachsorge.cert.desk import log
from nachsorge.cert.desk.roles import Viewer
from nachsorge.cert.desk.rules import LOGGED, Way, may_see
from nachsorge.model.labels import Audience, Consent, Label, Party, Purpose, Release, Withheld
from nachsorge.model.words import Tlp
from nachsorge.sharing.door import may_leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nachsorge.cert.desk.models import Case

T = TypeVar("T")

HOUSE = Party(Audience.CERT, "us")
"""The CERT itself, which holds what was given to it."""


@dataclass(frozen=True, slots=True)
class Door:
    """The door to one person, by one way, for one case. Made by `to_staff`."""

    viewer: Viewer
    way: Way
    number: str
    named: frozenset[str]

    def ask(self, label: Label) -> Release | Withheld:
        """Decide for something of this label that belongs to the case."""
        if not may_see(self.viewer, label.tlp, self.way, named=self.viewer.name in self.named):
            return Withheld(f"TLP:{label.tlp} is not shown to this person by this way")
        restrictions = label.restrictions
        recipient = HOUSE
        if label.tlp is Tlp.RED:
            restrictions = (*restrictions, *(f"named:{name}" for name in sorted(self.named)))
            recipient = Party(Audience.NAMED, self.viewer.name)
        bound = Label(label.tlp, label.pap, restrictions)
        origin = Party(Audience.ORGANISATION, self.number)
        return may_leave(bound, origin, recipient, Purpose.HELP, Consent(), holder=HOUSE)

    def only(self, things: Iterable[T], label: Callable[[T], str]) -> list[T]:
        """Give those that may go; `label` reads the TLP of one."""
        return [each for each in things if isinstance(self.ask(Label(Tlp(label(each)))), Release)]


def to_staff(viewer: Viewer, case: Case, way: Way) -> Door:
    """Make the door for a case that `scope` gave; the names on its list are read once."""
    return Door(viewer, way, case.submission.number, frozenset(case.named.values_list("username", flat=True)))


def to_staff_row(viewer: Viewer, case: Case, way: Way) -> Release | Withheld:
    """Ask for one line of a list that `scope` gave: whoever sees a TLP:RED case there is named on it."""
    named = frozenset({viewer.name}) if case.submission.label == Tlp.RED.value else frozenset[str]()
    return Door(viewer, way, case.submission.number, named).ask(Label(Tlp(case.submission.label)))


def released(viewer: Viewer, case: Case, way: Way) -> Release | Withheld:
    """Ask for the submission itself, and note the reading where its label demands it."""
    label = Tlp(case.submission.label)
    answer = to_staff(viewer, case, way).ask(Label(label))
    if isinstance(answer, Release) and (label in LOGGED or way is Way.EXPORT):
        act = log.Act.EXPORTED if way in (Way.EXPORT, Way.API) else log.Act.READ
        log.write(viewer.name, act, case.submission.number, way=way.value, label=label.value)
    return answer
