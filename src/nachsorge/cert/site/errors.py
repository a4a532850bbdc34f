"""Refusals: a page for people, a problem document (RFC 9457) for programs; neither repeats what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

PROBLEM = "application/problem+json"


def problem(status: int, title: str, problems: Sequence[str] = ()) -> JsonResponse:
    """Give a problem document; `problems` are all that is wrong with what was sent."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if problems:
        body["problems"] = list(problems)
    return JsonResponse(body, status=status, content_type=PROBLEM)


def refusal(request: HttpRequest, status: int, title: str, text: str = "") -> HttpResponse:
    """Refuse in the form that the caller understands."""
    if request.path.startswith("/api/"):
        return problem(status, title, (text,) if text else ())
    page = render_to_string("site/refused.html", {"status": status, "title": title, "text": text}, request=request)
    return HttpResponse(page, status=status)


def too_large(request: HttpRequest) -> HttpResponse:
    """Answer 413."""
    return refusal(request, 413, _("Too large"), _("At most 2 MiB can be sent."))


def unsupported(request: HttpRequest) -> HttpResponse:
    """Answer 415."""
    return refusal(request, 415, _("This kind of content is not taken"), _("Send it unpacked."))


def too_often(request: HttpRequest, wait: int) -> HttpResponse:
    """Answer 429 with the seconds to wait."""
    response = refusal(request, 429, _("Too many requests"), _("Please try again later."))
    response.headers["Retry-After"] = str(wait)
    return response


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 where a form came without the token of its page (Django calls this by name)."""
    text = _("The form was too old or came from elsewhere. Go back, load the page anew and send it again.")
    return refusal(request, 403, _("Not accepted"), text)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return refusal(request, 400, _("This request cannot be understood"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return refusal(request, 403, _("Not allowed"), _("Your role does not allow this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404; the same words whether it never was or may not be seen."""
    return refusal(request, 404, _("Not found"))


def fault(request: HttpRequest) -> HttpResponse:
    """Answer 500: a fault of ours, without a word on what it was."""
    text = _("This is a fault of the site. Nothing that was acknowledged with a receipt is lost.")
    return refusal(request, 500, _("Something went wrong"), text)
