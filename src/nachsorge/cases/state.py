"""What the entries of a case come down to: what is current of packs, evidence, decisions, assessments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nachsorge.cases import labels
from nachsorge.cases.store import Entry
from nachsorge.model.labels import Label
from nachsorge.model.times import Instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DECISIONS = ("waived", "false-positive", "remediated", "owner", "notified", "not-notified")
"""Kinds of entries that people make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One reading of one unit of evidence, of one content, by one version of the readers, for some packs.

    `outcomes` names the stored bytes. `whole` says that all of it was read. `packs` are digests, in the order of
    tests; `replaces` are contents that need not be kept beside this one.
    """

    seq: int
    time: str
    key: str
    shown: str
    size: int
    content: str
    early: bool
    engine: str
    packs: tuple[str, ...]
    outcomes: str
    whole: bool
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """One judgement: the stored document, and the sequence number of the last entry that it knew."""

    seq: int
    time: str
    document: str
    upto: int


@dataclass(slots=True)
class State:
    """All that is current. `packs` is id -> stored bytes, `digests` id -> digest of the pack.

    `bodies` is digest of a pack, of any version -> stored bytes; `claims` is id -> stored claims of the people's own;
    `labels` are those that people gave, by the path of a source, that of the case under the empty one.
    """

    title: str = ""
    packs: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    inventory: str = ""
    assets: dict[str, str] = field(default_factory=dict)
    start: Instant | None = None
    end: Instant | None = None
    given: list[str] = field(default_factory=list)
    pending: dict[str, str] = field(default_factory=dict)
    reads: dict[str, list[Read]] = field(default_factory=dict)
    decisions: list[Entry] = field(default_factory=list)
    assessed: list[Assessed] = field(default_factory=list)
    closed: Entry | None = None
    ranked: Entry | None = None
    effort: int = 0
    labels: dict[str, Label] = field(default_factory=dict)
    last: int = 0

    def current(self) -> list[Read]:
        """Give the readings that count, in the order of their paths."""
        return sorted((read for listed in self.reads.values() for read in listed), key=lambda read: read.shown)


def state_of(entries: Iterable[Entry], upto: int | None = None) -> State:
    """Fold the entries, all of them or those up to a number."""
    state = State()
    for entry in entries:
        if upto is not None and entry.seq > upto:
            break
        _take(state, entry)
        state.last = entry.seq
    return state


def _take(state: State, entry: Entry) -> None:
    body = entry.body
    match entry.kind:
        case "new":
            state.title = body["title"]
        case "pack":
            state.packs[body["id"]], state.digests[body["id"]] = body["blob"], body["digest"]
            state.bodies[body["digest"]] = body["blob"]
        case "claims":
            state.claims[body["pack"]] = body["blob"]
        case "inventory":
            state.inventory = body["blob"]
        case "assets":
            state.assets |= body["assets"]
        case "window":
            state.start, state.end = (parse_instant(t) if t else None for t in (body["from"], body["to"]))
        case "evidence":
            state.given += [word for word in body["given"] if word not in state.given]
            state.pending |= body["units"]
        case "settled":
            for key in body["keys"]:
                state.reads.pop(key, None)
        case "read":
            state.pending.pop(body["key"], None)
            _read(state, _read_of(entry))
        case "assessed":
            state.assessed.append(
                Assessed(seq=entry.seq, time=entry.time, document=body["document"], upto=body["upto"])
            )
        case "effort":
            state.effort += body["minutes"]
        case "ranked":
            state.ranked = entry
        case "closed":
            state.closed = entry
        case "reopened":
            state.closed = None
        case labels.KIND:
            state.labels[body["of"]] = labels.label_in(entry)
        case _ if entry.kind in DECISIONS:
            state.decisions.append(entry)
        case _:
            pass  # notes of people


def _read_of(entry: Entry) -> Read:
    body: Mapping[str, Any] = entry.body
    plain = ("key", "shown", "size", "content", "early", "engine", "outcomes", "whole")
    return Read(
        seq=entry.seq,
        time=entry.time,
        packs=tuple(body["packs"]),
        replaces=tuple(body["replaces"]),
        **{key: body[key] for key in plain},
    )


def _read(state: State, read: Read) -> None:
    """Take a reading; those of other contents stay beside it, unless it replaces them (a log that grew)."""
    gone = {read.content, *read.replaces}
    state.reads[read.key] = [*(old for old in state.reads.get(read.key, ()) if old.content not in gone), read]
