"""`nachsorge.notification/1`: what an organisation tells its CERT, as values and as canonical JSON.

One declaration serves us and others: `schema` is docs/reference/notification.schema.json. Every key has to be there; a
key that nobody knows is refused. Lengths and counts are bounded, because what comes in is hostile until proven.
"""

# No `from __future__ import annotations`: the annotations are read at run time.
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from nachsorge.errors import InputError
from nachsorge.model.labels import Pap
from nachsorge.model.words import IndicatorType, Reason, Role, Telemetry, Tlp
from nachsorge.sharing.canonical import canonical
from nachsorge.sharing.shape import Shape, parsed

SCHEMA: Final = "nachsorge.notification/1"
LARGEST: Final = 1 << 20
"""Bytes of a notification; more is refused unread."""

RUNGS: Final = ("exposed", "executed", "contacted", "collected", "implanted", "hands-on")
SECTORS: Final = (
    *("energy", "transport", "banking", "financial", "health", "drinking-water", "waste-water"),
    *("digital-infrastructure", "ict-services", "public-administration", "space", "courier", "waste-management"),
    *("chemical", "food", "manufacturing", "digital-providers", "research"),
)
"""The 18 of Directive (EU) 2022/2555 (NIS2), annexes I and II, as MISP's taxonomy `nis2` spells them."""
REGIONS: Final = tuple(f"AT-{number}" for number in range(1, 10))
"""The Länder, by ISO 3166-2."""

_LINE: Final = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$(?!\n)"
_TEXT: Final = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$"

Sector = Literal[
    "energy",
    "transport",
    "banking",
    "financial",
    "health",
    "drinking-water",
    "waste-water",
    "digital-infrastructure",
    "ict-services",
    "public-administration",
    "space",
    "courier",
    "waste-management",
    "chemical",
    "food",
    "manufacturing",
    "digital-providers",
    "research",
    "none",
    "unknown",
]
Region = Literal[
    "AT-1", "AT-2", "AT-3", "AT-4", "AT-5", "AT-6", "AT-7", "AT-8", "AT-9", "unknown", "several"
]  # fmt: skip
Size = Literal["micro", "small", "medium", "large", "unknown"]
Channel = Literal["voluntary", "mandatory"]
RungWord = Literal["exposed", "executed", "contacted", "collected", "implanted", "hands-on"]
DoneWord = Literal["isolated", "rebuilt", "updated", "credentials-changed", "blocked", "nothing", "other"]
Want = Literal["technical-details", "forensics", "coordination", "contact-others", "none"]
PassWord = Literal["constituency", "community", "partners"]
PartName = Literal[
    "incident", "organisation", "contact", "assets", "coverage", "weeks", "done", "indicators", "help", "note"
]  # fmt: skip

Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$(?!\n)")]
Time = Annotated[
    str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$(?!\n)", description="RFC 3339, UTC, whole seconds")
]
Week = Annotated[str, Meta(pattern=r"^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$(?!\n)", description="ISO 8601 week: 2023-W12")]
Digest = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$(?!\n)", description="SHA-256, or empty")]
Count = Annotated[int, Meta(ge=0, le=10_000_000)]
Line = Annotated[str, Meta(max_length=200, pattern=_LINE)]
Value = Annotated[str, Meta(min_length=1, max_length=2048, pattern=_LINE)]
Text = Annotated[str, Meta(max_length=4000, pattern=_TEXT)]


class Incident(Shape, frozen=True):
    """The incident, by the pack that judged; a report made by hand may leave version and digest empty."""

    pack: Annotated[str, Meta(min_length=1, max_length=100, pattern=_LINE)]
    version: Annotated[str, Meta(max_length=50, pattern=_LINE)]
    sha256: Digest
    title: Line


class Organisation(Shape, frozen=True):
    """Who tells. `name` is empty unless the organisation wants it told."""

    name: Line
    sector: Annotated[Sector, Meta(description="one of the 18 of NIS2, `none` of them, or `unknown`")]
    region: Annotated[Region, Meta(description="ISO 3166-2, `several`, or `unknown`")]
    size: Size


class Contact(Shape, frozen=True):
    """Whom to talk to. `fingerprint` is of the OpenPGP key that answers are sealed for."""

    name: Line
    email: Annotated[str, Meta(max_length=254, pattern=r"^([^\s@<>\"]{1,64}@[^\s@<>\"]{1,189})?$(?!\n)")]
    phone: Annotated[str, Meta(max_length=40, pattern=r"^[0-9+()/ .-]*$(?!\n)")]
    fingerprint: Annotated[str, Meta(pattern=r"^([0-9A-F]{40}|[0-9A-F]{64})?$(?!\n)")]


class Verdicts(Shape, frozen=True):
    """How many assets have which verdict; together they are the scope."""

    compromised: Count
    suspected: Count
    open: Count
    ruled_out: Count

    def total(self) -> int:
        """Give the number of assets that were judged."""
        return self.compromised + self.suspected + self.open + self.ruled_out


class Rung(Shape, frozen=True):
    """How many assets stand how on one rung. Assets that the rung's stages do not concern are in none of them."""

    rung: RungWord
    shown: Count
    suspected: Count
    open: Count
    ruled_out: Count

    def total(self) -> int:
        """Give the number of assets that the rung concerns."""
        return self.shown + self.suspected + self.open + self.ruled_out


class Assets(Shape, frozen=True):
    """How many assets were in scope and what became of them. A rung that is absent was not judged."""

    scope: Count
    verdicts: Verdicts
    rungs: Annotated[tuple[Rung, ...], Meta(max_length=6)]


class Coverage(Shape, frozen=True):
    """What was looked at: assets whose window this telemetry covers whole, partly, not at all; and why not.

    `reasons` counts assets by reason; an asset may have several.
    """

    telemetry: Telemetry
    whole: Count
    partly: Count
    none: Count
    reasons: dict[Reason, Count]


class Weeks(Shape, frozen=True):
    """First and last week of what was seen."""

    first: Week
    last: Week


class Done(Shape, frozen=True):
    """Something that was done."""

    what: DoneWord
    text: Line


class Seen(Shape, frozen=True):
    """An indicator that was seen and that the pack lacks."""

    type: IndicatorType
    value: Value
    role: Role
    tlp: Tlp
    note: Line


class Help(Shape, frozen=True):
    """What help is wanted."""

    wanted: Annotated[tuple[Want, ...], Meta(max_length=5)]
    text: Text


class Labels(Shape, frozen=True):
    """The label of the whole, which is the strictest; a part that is not in `parts` has that of the whole."""

    tlp: Tlp
    pap: Pap
    parts: dict[PartName, Tlp]


class Purposes(Shape, frozen=True):
    """What the reporter allows beside the label: to be counted, whom it may be passed on to, to be named."""

    count: bool
    pass_to: Annotated[tuple[PassWord, ...], Meta(max_length=3)]
    name: bool


class Notification(Shape, frozen=True):
    """What leaves. An update keeps `id` and has a higher `sequence`.

    Made in a program it is not checked: `decode(encode(it))` is how to know that others will take it.
    """

    schema: Literal["nachsorge.notification/1"]
    id: Id
    sequence: Annotated[int, Meta(ge=1, le=1_000_000)]
    made: Time
    tool: Annotated[str, Meta(max_length=50, pattern=_LINE)]
    incident: Incident
    organisation: Organisation
    channel: Annotated[Channel, Meta(description="mandatory reports are forwarded to the authority, voluntary never")]
    contact: Contact | None
    assets: Assets
    coverage: Annotated[tuple[Coverage, ...], Meta(max_length=len(Telemetry))]
    weeks: Weeks | None
    done: Annotated[tuple[Done, ...], Meta(max_length=20)]
    indicators: Annotated[tuple[Seen, ...], Meta(max_length=500)]
    help: Help
    labels: Labels
    purposes: Purposes
    note: Text


class NotificationError(InputError):
    """Bytes are no notification; `problems` has everything that is wrong with them."""


def encode(notification: Notification) -> bytes:
    """Give the canonical bytes (RFC 8785): equal notifications are equal bytes, and are signed and compared as such.

    Raises:
        UsageError: the extra `crypto` is not installed.
    """
    return canonical(msgspec.to_builtins(notification))


def decode(body: bytes, path: str = "notification") -> Notification:
    """Read one, strictly; `path` names it in the problems.

    Raises:
        NotificationError: it is none; with all problems at once.
    """
    from nachsorge.sharing.consistent import contradictions

    found, problems = parsed(body, Notification, path, LARGEST, contradictions)
    if found is None:
        raise NotificationError(problems)
    return found


def schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12). What it cannot say stands in docs/concepts/sharing.md."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA}
    return head | msgspec.json.schema(Notification)
