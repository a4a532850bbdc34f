"""Receipts that this browser may see while its session lasts: given to it, or their secret was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

GIVEN = "receipts_given"
SHOWN = "receipts_shown"
MOST = 20


def unlock(request: HttpRequest, number: str, *, given: bool = True) -> None:
    """Remember a receipt in the session: `given` to this browser, or its secret was shown."""
    name = GIVEN if given else SHOWN
    before = [each for each in request.session.get(name, []) if each != number]
    request.session[name] = [*before, number][-MOST:]


def is_given(request: HttpRequest, number: str) -> bool:
    """Tell whether this browser got the receipt, and so may be shown its secret again."""
    return number in request.session.get(GIVEN, [])


def is_open(request: HttpRequest, number: str) -> bool:
    """Tell whether this browser may see what became of it."""
    return is_given(request, number) or number in request.session.get(SHOWN, [])
