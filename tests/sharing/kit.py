"""Notifications to test with: one plain, and any that the format allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import msgspec
from hypothesis import strategies as st

from nachsorge.model.labels import Pap
from nachsorge.model.words import IndicatorType, Reason, Role, Telemetry, Tlp
from nachsorge.sharing import notification as n
from nachsorge.sharing.labels import at_most

if TYPE_CHECKING:
    from collections.abc import Mapping

ID = "3f0c1c52-7a5e-4a6e-9a55-0d1f0e2c3b4a"

PLAIN = n.Notification(
    schema="nachsorge.notification/1",
    id=ID,
    sequence=1,
    made="2026-11-23T12:00:00Z",
    tool="nachsorge 0.1.0",
    incident=n.Incident(pack="3cx-2023", version="1.0.0", sha256="ab" * 32, title="3CX, spring 2023"),
    organisation=n.Organisation(name="", sector="manufacturing", region="AT-4", size="medium"),
    channel="voluntary",
    contact=None,
    assets=n.Assets(
        scope=8,
        verdicts=n.Verdicts(compromised=5, suspected=1, open=1, ruled_out=1),
        rungs=(
            n.Rung(rung="exposed", shown=5, suspected=0, open=1, ruled_out=2),
            n.Rung(rung="contacted", shown=2, suspected=0, open=3, ruled_out=3),
        ),
    ),
    coverage=(
        n.Coverage(
            telemetry=Telemetry.DNS_QUERY,
            whole=0,
            partly=6,
            none=2,
            reasons={Reason.SILENCE: 1, Reason.OUTSIDE_SPAN: 8},
        ),
    ),
    weeks=n.Weeks(first="2023-W10", last="2023-W13"),
    done=(n.Done(what="isolated", text=""),),
    indicators=(
        n.Seen(type=IndicatorType.DOMAIN, value="new.example", role=Role.MALICIOUS, tlp=Tlp.AMBER, note="seen twice"),
        n.Seen(type=IndicatorType.IP, value="203.0.113.9", role=Role.MALICIOUS, tlp=Tlp.AMBER_STRICT, note=""),
    ),
    help=n.Help(wanted=("forensics",), text="memory of one host"),
    labels=n.Labels(tlp=Tlp.AMBER_STRICT, pap=Pap.AMBER, parts={"indicators": Tlp.AMBER}),
    purposes=n.Purposes(count=True, pass_to=(), name=False),
    note="two lines\nof text",
)


def but(**changes: Any) -> n.Notification:
    """Give the plain one with other parts."""
    return msgspec.structs.replace(PLAIN, **changes)


def plain(found: n.Notification = PLAIN) -> dict[str, Any]:
    """Give it as JSON values."""
    values: dict[str, Any] = msgspec.to_builtins(found)
    return values


def labelled(tlp: Tlp, parts: Mapping[n.PartName, Tlp] | None = None, **changes: Any) -> n.Notification:
    """Give the plain one with this label throughout, or with labels of parts."""
    seen = tuple(msgspec.structs.replace(one, tlp=tlp) for one in PLAIN.indicators)
    return but(
        **{"indicators": seen, "labels": n.Labels(tlp=tlp, pap=Pap.AMBER, parts=dict(parts or {})), **changes},
    )


_LINES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), max_size=30)
_TEXTS = st.lists(_LINES, max_size=3).map("\n".join)
_WEEKS = st.tuples(st.integers(2000, 2099), st.integers(1, 52)).map(lambda at: f"{at[0]}-W{at[1]:02}")
_NAMES = ("incident", "organisation", "contact", "assets", "coverage", "weeks", "done", "help", "note")
TLPS = (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED)


@st.composite
def _split(draw: st.DrawFn, whole: int, into: int) -> list[int]:
    cuts = sorted(draw(st.lists(st.integers(0, whole), min_size=into - 1, max_size=into - 1)))
    return [after - before for before, after in zip([0, *cuts], [*cuts, whole], strict=True)]


@st.composite
def notifications(draw: st.DrawFn) -> n.Notification:
    """Draw any notification that the format allows."""
    scope = draw(st.integers(0, 50))
    whole = draw(st.sampled_from(TLPS))
    labels = st.sampled_from([one for one in TLPS if at_most(one, whole)])
    verdicts = draw(_split(scope, 4))
    rungs = draw(st.lists(st.sampled_from(n.RUNGS), unique=True))
    telemetries = draw(st.lists(st.sampled_from(Telemetry), unique=True, max_size=4))
    values = draw(st.lists(st.from_regex(r"[a-z]{1,9}\.example", fullmatch=True), unique=True, max_size=3))
    weeks = sorted(draw(st.lists(_WEEKS, min_size=2, max_size=2)))
    name = draw(_LINES)
    return n.Notification(
        schema="nachsorge.notification/1",
        id=str(draw(st.uuids(version=4))),
        sequence=draw(st.integers(1, 9)),
        made=draw(st.datetimes()).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20),
        tool=draw(_LINES),
        incident=n.Incident(pack=draw(_LINES.filter(bool)), version=draw(_LINES), sha256="", title=draw(_LINES)),
        organisation=n.Organisation(
            name=name,
            sector=draw(st.sampled_from(get_args(n.Sector))),
            region=draw(st.sampled_from(get_args(n.Region))),
            size=draw(st.sampled_from(get_args(n.Size))),
        ),
        channel=draw(st.sampled_from(get_args(n.Channel))),
        contact=draw(st.none() | st.builds(n.Contact, name=_LINES, email=st.just(""), phone=st.just("+43 1"),
                                           fingerprint=st.just("AB" * 20))),
        assets=n.Assets(
            scope=scope,
            verdicts=n.Verdicts(
                compromised=verdicts[0], suspected=verdicts[1], open=verdicts[2], ruled_out=verdicts[3]
            ),
            rungs=tuple(_rung(word, draw(_split(scope, 5))) for word in rungs),
        ),
        coverage=tuple(_coverage(word, draw(_split(scope, 3))) for word in telemetries),
        weeks=draw(st.sampled_from([None, n.Weeks(first=weeks[0], last=weeks[1])])),
        done=tuple(draw(st.lists(st.builds(n.Done, what=st.sampled_from(["isolated", "rebuilt"]), text=_LINES),
                                 max_size=3))),
        indicators=tuple(
            n.Seen(type=IndicatorType.DOMAIN, value=value, role=Role.MALICIOUS, tlp=draw(labels), note=draw(_LINES))
            for value in values
        ),
        help=n.Help(wanted=tuple(draw(st.lists(st.sampled_from(["forensics", "coordination"]), unique=True))),
                    text=draw(_TEXTS)),
        labels=n.Labels(tlp=whole, pap=draw(st.sampled_from(Pap)),
                        parts=draw(st.dictionaries(st.sampled_from(_NAMES), labels))),
        purposes=n.Purposes(count=draw(st.booleans()), pass_to=(), name=bool(name) and draw(st.booleans())),
        note=draw(_TEXTS),
    )  # fmt: skip


def _rung(word: Any, counts: list[int]) -> n.Rung:
    return n.Rung(rung=word, shown=counts[0], suspected=counts[1], open=counts[2], ruled_out=counts[3])


def _coverage(word: Telemetry, counts: list[int]) -> n.Coverage:
    reasons = {Reason.SILENCE: counts[1]} if counts[1] else {}
    return n.Coverage(telemetry=word, whole=counts[0], partly=counts[1], none=counts[2], reasons=reasons)
