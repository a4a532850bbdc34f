"""The interface for programs: `/api/v1/`, described by OpenAPI at `/api/v1/openapi.json`.

What is sent is decoded by `sharing.notification`, the same code that made it; ninja only carries it, so that there is
one reading of the format and not two.
"""

# No `from __future__ import annotations`: ninja reads the annotations at run time.
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Header, NinjaAPI, Path, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.responses import Status
from ninja.security import HttpBearer

from nachsorge.cert.intake.arrival import CONTENT_TYPES, taken
from nachsorge.cert.intake.models import Source
from nachsorge.cert.intake.receipts import Receipt, find
from nachsorge.cert.intake.receive import Refused
from nachsorge.cert.intake.standing import standing_of
from nachsorge.cert.registry.models import ApiToken
from nachsorge.cert.registry.tokens import holder
from nachsorge.cert.site.errors import PROBLEM, problem, too_often
from nachsorge.cert.site.limits import address, spend
from nachsorge.sharing.notification import NotificationError, schema
from nachsorge.sharing.seal import ARMOUR


class Bearer(HttpBearer):
    """`Authorization: Bearer nachsorge_...`; the CERT hands tokens out."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Give the token's record, or None."""
        return holder(token)


class ReceiptOut(Schema):
    """Given after the notification was stored; `secret` is empty where another sender was given it."""

    receipt: str
    secret: str
    duplicate: bool
    received: datetime
    page: str


class AnswerOut(Schema):
    """An answer that waits to be fetched at `path` with the receipt's secret."""

    number: int
    made: datetime
    label: str
    path: str


class StandingOut(Schema):
    """What became of a notification."""

    receipt: str
    received: datetime
    sequence: int
    superseded: bool
    sealed: bool
    state: str
    answers: list[AnswerOut]


class ProblemOut(Schema):
    """A problem document (RFC 9457); `problems` are all that is wrong with what was sent."""

    type: str
    title: str
    status: int
    problems: list[str]


api = NinjaAPI(
    title="nachsorge: intake of a CERT",
    version="1",
    description="Submit notifications, ask what became of them. Everything submitted is confidential.",
    urls_namespace="api",
    docs_url=None,
)


def _problems(*statuses: int) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/ProblemOut"}
    return {
        str(each): {"description": "refused; says why", "content": {PROBLEM: {"schema": reference}}}
        for each in statuses
    }


def _bodies(*kinds: str) -> dict[str, Any]:
    """Describe the bodies that are taken. References of the schema point into itself, so they are laid open."""
    plain = _inlined(schema())
    sealed = {"type": "string", "description": "an armoured OpenPGP message, sealed for the CERT's key"}
    described = dict(zip(CONTENT_TYPES, ({"schema": plain}, {"schema": sealed}), strict=True))
    return {"required": True, "content": {kind: described[kind] for kind in kinds}}


def _inlined(document: dict[str, Any]) -> dict[str, Any]:
    parts = document.get("$defs", {})

    def laid(value: Any) -> Any:
        if isinstance(value, dict):
            if isinstance(name := value.get("$ref"), str):
                return laid(parts[name.rpartition("/")[2]])
            return {key: laid(item) for key, item in value.items() if key not in ("$defs", "$schema")}
        return [laid(item) for item in value] if isinstance(value, list) else value

    found: dict[str, Any] = laid(document)
    return found


@api.post(
    "/notifications",
    auth=Bearer(),
    response={201: ReceiptOut, 200: ReceiptOut},
    summary="Submit a notification, plain or sealed",
    openapi_extra={"requestBody": _bodies(*CONTENT_TYPES), "responses": _problems(400, 401, 409, 413, 415, 422, 429)},
)
def submit(request: HttpRequest) -> HttpResponse | Status[dict[str, Any]]:
    """Store a notification and acknowledge it: 201 with a receipt; 200 where the same was there before.

    409: the same id and sequence is there with another content, or the update comes from another sender.
    """
    if wait := spend("api", address(request)):
        return too_often(request, wait)
    if request.content_type not in CONTENT_TYPES:
        return problem(415, "Unsupported content", [f"one of {', '.join(CONTENT_TYPES)} is taken"])
    return _taken(request, Source.API, request.auth)  # type: ignore[attr-defined]


@api.post(
    "/sealed",
    auth=None,
    response={201: ReceiptOut, 200: ReceiptOut},
    summary="Submit a sealed notification without an account",
    openapi_extra={"requestBody": _bodies(CONTENT_TYPES[1]), "responses": _problems(400, 409, 413, 415, 422, 429)},
)
def submit_sealed(request: HttpRequest) -> HttpResponse | Status[dict[str, Any]]:
    """Do what the public page for sealed files does: no token, only what is sealed, and as often as there."""
    if wait := spend("report", address(request)):
        return too_often(request, wait)
    if request.content_type != CONTENT_TYPES[1]:
        return problem(415, "Unsupported content", [f"without a token only {CONTENT_TYPES[1]} is taken"])
    if not request.body.lstrip().startswith(ARMOUR):
        return problem(422, "Not a notification", ["no armoured OpenPGP message"])
    return _taken(request, Source.UPLOAD, None)


def _taken(request: HttpRequest, source: Source, token: ApiToken | None) -> HttpResponse | Status[dict[str, Any]]:
    try:
        receipt = taken(request.body, source, token=token)
    except NotificationError as error:
        return problem(422, "Not a notification", [str(each) for each in error.problems])
    except Refused as error:
        return problem(409, "Not taken", [str(error)])
    return Status(200 if receipt.known else 201, _out(receipt))


@api.get(
    "/receipts/{number}",
    response={200: StandingOut},
    summary="What became of a notification",
    openapi_extra={"responses": _problems(404, 422, 429)},
)
def ask(
    request: HttpRequest,
    number: Annotated[str, Path(max_length=64)],
    secret: Annotated[str, Header(alias="Receipt-Secret", max_length=64)],
) -> HttpResponse | Status[dict[str, Any]]:
    """Tell the state and the answers to whoever shows the receipt's secret in the header `Receipt-Secret`."""
    if wait := spend("receipt", address(request)):
        return too_often(request, wait)
    found = find(number, secret)
    if found is None:
        return problem(404, "No such receipt", ["the number or the secret is wrong"])
    return Status(200, standing_of(found).plain())


def _out(receipt: Receipt) -> dict[str, Any]:
    return {
        "receipt": receipt.number,
        "secret": receipt.secret,
        "duplicate": receipt.known,
        "received": receipt.received,
        "page": f"/r/{receipt.number}",
    }


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(401, "No valid token", ["send `Authorization: Bearer` with a token of this CERT"])
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    # Places only: what was sent is not repeated.
    places = [".".join(str(part) for part in each.get("loc", ())) for each in error.errors]
    return problem(422, "Malformed request", [f"{place}: missing or malformed" for place in places])


@api.exception_handler(HttpError)
def _failed(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "Malformed request")
