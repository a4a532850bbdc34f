"""Who may do what at the desk: roles, deeds, and the table between them. Reading is decided in `rules`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The groups of the desk. A reporter's account is no staff: reporters come with the secret of their receipt."""

    REPORTER = "reporter"
    ANALYST = "analyst"
    APPROVER = "approver"
    ADMIN = "admin"


STAFF = frozenset({Role.ANALYST, Role.APPROVER, Role.ADMIN})


class Deed(StrEnum):
    """What can be done at the desk."""

    READ = "read"
    WORK = "work"
    ANSWER = "answer"
    FORWARD = "forward"
    EXPORT = "export"
    APPROVE = "approve"
    MANAGE = "manage"


DEEDS: dict[Role, frozenset[Deed]] = {
    Role.REPORTER: frozenset(),
    Role.ANALYST: frozenset({Deed.READ, Deed.WORK, Deed.ANSWER, Deed.FORWARD, Deed.EXPORT}),
    Role.APPROVER: frozenset({Deed.READ, Deed.APPROVE}),
    Role.ADMIN: frozenset({Deed.READ, Deed.WORK, Deed.ANSWER, Deed.FORWARD, Deed.EXPORT, Deed.MANAGE}),
}
"""An admin also works submissions, since a small CERT has one person at night; approving stays with another person."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody in front of the desk. `strong` tells that a second factor is set up and was used for this session."""

    name: str
    roles: frozenset[Role] = frozenset()
    strong: bool = False

    @property
    def staff(self) -> bool:
        """Tell whether this is a member of the CERT."""
        return bool(self.roles & STAFF)

    def may(self, deed: Deed) -> bool:
        """Tell whether this person may do it at all; without a second factor nobody may do anything."""
        return self.strong and any(deed in DEEDS[each] for each in self.roles)


NOBODY = Viewer("")
