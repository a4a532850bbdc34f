"""Submissions as intake stores them, and viewers, for the tests of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.cert.kit import sent

from nachsorge.cert.desk.roles import Role, Viewer

if TYPE_CHECKING:
    from nachsorge.cert.desk.models import Case


def case_of(*, label: str = "AMBER", **changes: Any) -> Case:
    """Send a notification in by the interface, and give its case."""
    from nachsorge.cert.intake.models import Source, Submission
    from nachsorge.cert.intake.receive import receive

    receipt = receive(sent(labels={"tlp": label, "pap": "GREEN", "parts": {}}, **changes), Source.API)
    return Submission.objects.get(number=receipt.number).case


def person(name: str, role: Role = Role.ANALYST, *, strong: bool = True) -> Viewer:
    """Make somebody's account with this role, and give the viewer."""
    from django.contrib.auth.models import Group, User

    user, _new = User.objects.get_or_create(username=name)
    user.groups.set([Group.objects.get_or_create(name=role.value)[0]])
    return Viewer(name, frozenset({role}), strong=strong)


def user(name: str) -> Any:
    from django.contrib.auth.models import User

    return User.objects.get(username=name)
