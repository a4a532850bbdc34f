"""Who comes to a page of the desk: staff with a second factor, for a deed that the role allows."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404

from nachsorge.cert.desk import scope
from nachsorge.cert.desk.mfa import viewer_of
from nachsorge.cert.desk.rules import Way

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from nachsorge.cert.desk.models import Case
    from nachsorge.cert.desk.roles import Deed, Viewer

P = ParamSpec("P")


def for_staff(
    deed: Deed,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Viewer, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Let in who may do the deed, and hand the page its viewer; strangers are sent to sign in, all others refused."""

    def around(
        page: Callable[Concatenate[HttpRequest, Viewer, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(page)
        def enter(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.path)
            viewer = viewer_of(request)
            if not viewer.may(deed):
                raise PermissionDenied
            return page(request, viewer, *args, **kwargs)

        return enter

    return around


def case_of(viewer: Viewer, number: str, way: Way = Way.PAGE) -> Case:
    """Give the case of a number, if this person may see it by this way; else there is none."""
    found = scope.cases(viewer, way).filter(submission__number=number).first()
    if found is None:
        raise Http404
    return found
