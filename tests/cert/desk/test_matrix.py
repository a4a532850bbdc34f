"""Role x object x label x channel, generated: a planted marker is in no byte and no header where it must not be.

What is allowed is written down here a second time, by hand and from the contract, not taken from `desk.rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

pytest.importorskip("django")
pytest.importorskip("gnupg")

from django.test import Client
from tests.cert.desk.made import person, user
from tests.cert.desk.test_answers import give, keys, signing  # noqa: F401 - fixtures
from tests.cert.desk.test_choose import made
from tests.cert.kit import sent, signed_in

from nachsorge.cert.desk import casework
from nachsorge.cert.desk.answering import Wish
from nachsorge.cert.desk.states import State
from nachsorge.model.words import Rung, Tlp

ACTORS = (
    "anonymous",
    "reporter with secret",
    "reporter's account",
    "analyst without factor",
    "analyst",
    "analyst named",
    "approver",
    "admin",
)
LABELS = (*(each.value for each in Tlp), "missing")
OBJECTS = ("report", "contact", "note", "answer", "reason", "count", "organisation")
CHANNELS = ("page", "registry", "picture", "api", "export", "raw", "search", "history", "error")
MARKERS = {name: f"MARK{name.upper()}XQZ" for name in OBJECTS}


def allowed(actor: str, thing: str, label: str, channel: str) -> bool:
    """The table. RED: the named only, by pages, search and history; everything else: staff with a second factor."""
    if actor == "reporter with secret":
        return thing == "answer" and channel == "page"
    if actor not in ("analyst", "analyst named", "approver", "admin"):
        return False
    where = {
        "report": ("page", "raw"),
        "contact": ("page", "raw"),
        "note": ("page", "search"),
        "answer": ("page",),
        "reason": ("page", "history"),
        "count": ("registry",),
        "organisation": ("page", "registry", "search"),
    }[thing]
    if channel not in where:
        return False
    if channel == "raw" and (actor == "approver" or label == "RED"):
        return False
    if thing == "organisation" and channel == "registry":
        return True  # the CERT's own book; it does not say who reported
    if label == "RED":
        return actor == "analyst named"
    return True


@dataclass
class World:
    """One report with everything that belongs to it, all with the same label."""

    number: str
    case: Any
    answers: int


def planted(label: str) -> World:
    """Plant the markers. What has no label gets none given: then the defaults of the models count."""
    from nachsorge.cert.intake.models import Source, Submission
    from nachsorge.cert.intake.receive import receive, receive_sealed
    from nachsorge.cert.registry.models import Campaign, Organisation, PartnerCount

    Campaign.objects.create(slug="3cx-2023", title="3CX", packs=["3cx-2023"], opened="2023-03-31")
    ana = person("named one")
    if label == "missing":
        body = f"-----BEGIN PGP MESSAGE-----\n{MARKERS['report']} {MARKERS['contact']}\n".encode()
        receipt = receive_sealed(body, Source.UPLOAD)
    else:
        contact = {"name": MARKERS["contact"], "email": "", "phone": "", "fingerprint": ""}
        told = {"note": MARKERS["report"], "contact": contact, "channel": "mandatory"}
        receipt = receive(sent(labels={"tlp": label, "pap": "GREEN", "parts": {}}, **told), Source.API)
    case = Submission.objects.get(number=receipt.number).case
    if label == "RED":
        casework.name(ana, case, user("named one"), MARKERS["reason"])
    else:
        casework.assign(ana, case, None, MARKERS["reason"])
    given = {} if label == "missing" else {"label": label}
    casework.note(ana, case, MARKERS["note"], **({"label": Tlp(label)} if given else {}))
    PartnerCount.objects.create(
        partner=MARKERS["count"], campaign=Campaign.objects.get(), number=14, entered_by="named one", **given
    )
    casework.belongs_to(ana, case, Organisation.objects.create(name=MARKERS["organisation"]), "known")
    casework.move(ana, case, State.ACKNOWLEDGED)
    case.refresh_from_db()
    answers = 0
    if label not in ("missing", "RED"):  # a sealed report cannot be answered, and no answer is RED
        give(ana, case, Wish(made(), Rung.EXPOSED, text=MARKERS["answer"], text_label=Tlp(label)))
        answers = 1
    return World(receipt.number, case, answers)


def client_of(actor: str, world: World) -> Any:
    match actor:
        case "anonymous":
            return Client()
        case "reporter with secret":
            from nachsorge.cert.intake.receipts import secret_of

            client = Client()
            client.post("/r/", {"number": world.number, "secret": secret_of(world.number)})
            return client
        case "reporter's account":
            return signed_in("rep", "reporter")
        case "analyst without factor":
            return signed_in("weak", "analyst", strong=False)
        case "analyst named":
            return signed_in("named one", "analyst")
        case other:
            return signed_in(f"other {other}", other)


def asked(client: Client, channel: str, world: World) -> list[Any]:
    """Ask by this channel wherever something could come out."""
    at = f"/desk/{world.number}/"
    match channel:
        case "page":
            pages = ["/", "/desk/", "/desk/?state=all", at, at + "answer", at + "answers/1", "/report/"]
            pages += [f"/r/{world.number}", "/r/", "/picture/", f"/r/{world.number}/answers/1", "/accounts/2fa/"]
            return [client.get(each) for each in pages]
        case "registry":
            pages = ["", "counts/", "organisations/", "organisations/?q=MARK", "tokens/", "counts/add", "campaigns/add"]
            return [client.get(f"/registry/{each}") for each in pages]
        case "picture":
            pages = [
                "/picture/",
                "/picture/3cx-2023/",
                "/picture/3cx-2023/releases/",
                "/picture/3cx-2023/releases/1.csv",
            ]
            pages += ["/public/", "/public/3cx-2023/1/", "/public/3cx-2023/1.csv"]
            return [client.get(each) for each in pages]
        case "api":
            asks = [
                at + "case.json",
                f"/api/v1/receipts/{world.number}",
                "/api/v1/openapi.json",
                "/api/v1/notifications",
            ]
            return [client.get(each) for each in asks]
        case "export":
            return [client.get(f"/desk/queue.{kind}?state=all") for kind in ("csv", "json")] + [
                client.get("/desk/queue.csv?q=MARK")
            ]
        case "raw":
            return [client.get(at + "raw")]
        case "search":
            return [client.get(f"/desk/?state=all&q={word}") for word in ("MARKNOTE", "MARK", world.number[:4])]
        case "history":
            return [client.get("/desk/log/"), client.get("/desk/log/?verify=1")]
        case _:
            return [
                client.get(at + "move"),
                client.get(at + "nonsense"),
                client.post(at + "nonsense"),
                client.get(at + "answers/99"),
                client.get(f"/r/{world.number}/answers/99"),
                client.get(f"/r/{world.number}/x"),
                client.post(at + "raw"),
                client.post("/api/v1/notifications", data=b"{}", content_type="application/json"),
                client.get("/desk/", headers={"Host": "evil.example"}),
            ]


def content_of(response: Any) -> bytes:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body


def seen(thing: str, channel: str, world: World, responses: list[Any]) -> bool:
    """Tell whether it came out. Nobody gets it in a header; a search tells by finding as well."""
    marker = MARKERS[thing].encode()
    for each in responses:
        headers = f"{each.headers.items()} {each.cookies}".encode()
        assert marker not in headers, (thing, channel, each.request["PATH_INFO"])
    if channel == "search" and thing == "note":
        return world.number.encode() in content_of(responses[0])
    return any(marker in content_of(each) for each in responses)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("actor", ACTORS)
def test_nothing_comes_out_where_it_must_not(db, signing, caplog, actor, label):  # noqa: F811
    world = planted(label)
    client = client_of(actor, world)
    wrong = []
    for channel in CHANNELS:
        responses = asked(client, channel, world)
        for thing in OBJECTS:
            if thing == "answer" and not world.answers:
                expected = False
            elif thing in ("report", "contact") and label == "missing" and channel == "page":
                expected = False  # sealed: nobody can read it here
            else:
                expected = allowed(actor, thing, label, channel)
            if seen(thing, channel, world, responses) != expected:
                wrong.append((thing, channel, "is lacking" if expected else "LEAKS"))
        assert all(each.status_code < 500 for each in responses)
    assert not wrong
    assert not [each for each in OBJECTS if MARKERS[each] in caplog.text]


def test_the_matrix_is_generated_over_everything():
    assert set(LABELS) == {*(each.value for each in Tlp), "missing"}
    assert len(ACTORS) * len(OBJECTS) * len(LABELS) * len(CHANNELS) == 8 * 7 * 6 * 9
