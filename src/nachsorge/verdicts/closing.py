"""Whether a case may be closed, and everything that is still missing, most useful first.

Decisions of people are laid over the assessment here and nowhere else: a waiver accepts that a cell is open, it never
makes it anything else. More coverage with the same sightings never adds a requirement (property test).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from nachsorge.model.times import DAY, Instant, Span, render
from nachsorge.model.words import Rung, Standing, Status, Telemetry, Verdict
from nachsorge.verdicts.ladder import applies, needs
from nachsorge.verdicts.needs import unmet
from nachsorge.verdicts.obtainable import CellId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nachsorge.model.assessment import Assessment, Asset, Cell, Coverage, Judged, Sighting, Source, Unmet
    from nachsorge.model.pack import Pack

CLEAN = 14 * DAY
"""So long after its remediation an asset has to be seen without a finding. Our choice: packs do not say."""

CLEAN_TIME = "clean-time"
"""What a waiver names, in a stage's place, that accepts an asset without covered time after its remediation."""


class Kind(IntEnum):
    """What is missing; the lower, the sooner it should be done."""

    UNREAD = 1
    NO_ASSET = 2
    REMEDIATION = 3
    FOUND_AFTER = 4
    SUSPICION = 5
    OPEN = 6
    CLEAN_TIME = 7
    CLAIM = 8
    NOTIFICATION = 9


@dataclass(frozen=True, slots=True, order=True)
class Waiver:
    """Somebody accepts that a cell stays open, or that an asset, a source or a claim lacks something.

    `subject` is a stage, `clean-time`, `source` or `claim`; `name` the asset, the source's path or the claim's id.
    """

    subject: str
    name: str
    pack: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Remedy:
    """An asset was cleaned, rebuilt or taken out of service at that time."""

    asset: str
    at: Instant


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A sighting that somebody calls a false positive: what was met, where. Ids change from run to run, this not."""

    pack: str
    type: str
    indicator: str
    asset: str
    path: str
    locator: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided; who, why and when stands in the case."""

    waivers: frozenset[Waiver] = frozenset()
    remedies: tuple[Remedy, ...] = ()
    false: frozenset[Seen] = frozenset()
    notified: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Missing:
    """One requirement that is not met. Of one kind the greater `weight` comes first; the rest is for people."""

    kind: Kind
    weight: int
    name: str
    pack: str
    stage: str
    says: str
    settle: str = ""


def missing(
    packs: Mapping[str, Pack], found: Assessment, decided: Decisions, first: Sequence[CellId] = ()
) -> tuple[Missing, ...]:
    """List what stands against closing; empty where the case may be closed.

    `first` are open cells in the order in which they are best settled (`next_evidence`).
    """
    work = _Work(packs, found, decided, first)
    listed = [*work.unread(), *work.assets(), *work.claims()]
    if not decided.notified:
        listed.append(
            Missing(Kind.NOTIFICATION, 0, "", "", "", "nobody recorded whether the CERT or authority was notified")
        )
    return tuple(sorted(set(listed), key=lambda one: (one.kind, -one.weight, one)))


class _Work:
    """The assessment, sorted for asking."""

    def __init__(
        self, packs: Mapping[str, Pack], found: Assessment, decided: Decisions, first: Sequence[CellId]
    ) -> None:
        self.packs, self.found, self.decided = packs, found, decided
        self.paths = {source.id: source.reading.path for source in found.sources}
        self.covered: defaultdict[str, dict[Telemetry, Coverage]] = defaultdict(dict)
        for one in found.coverage:
            self.covered[one.asset][one.telemetry] = one
        self.shows: defaultdict[str, list[Sighting]] = defaultdict(list)
        for sighting in found.sightings:
            if not sighting.refutes and seen_of(sighting, self.paths) not in decided.false:
                self.shows[sighting.asset].append(sighting)
        self.order = {cell: len(first) - place for place, cell in enumerate(first)}

    def _waived(self, subject: str, name: str, pack: str = "") -> bool:
        return Waiver(subject, name, pack) in self.decided.waivers

    def unread(self) -> Iterable[Missing]:
        """Evidence that was handed in and not read to its end may hold anything."""
        return [
            Missing(Kind.UNREAD, 0, s.reading.path, "", "", _unread(s), "read it, or waive it by name")
            for s in self.found.sources
            if s.reading.status not in (Status.READ, Status.SKIPPED) and not self._waived("source", s.reading.path)
        ]

    def assets(self) -> Iterable[Missing]:
        """Every asset in scope: a verdict, no open cell without a waiver, and what a compromise asks for."""
        if not self.found.assets:
            yield Missing(Kind.NO_ASSET, 0, "", "", "", "no asset is in scope", "give an inventory")
        for row in self.found.assets:
            if not row.cells:
                yield Missing(Kind.NO_ASSET, 0, row.asset.id, "", "", f"{row.asset.id} was judged by no pack")
            for cell in row.cells:
                if cell.standing is Standing.OPEN and not self._waived(cell.stage, row.asset.id, cell.pack):
                    yield self._open(row.asset, cell)
            yield from self._found(row)

    def _open(self, asset: Asset, cell: Cell) -> Missing:
        settle = next((u.settle for u in cell.unmet if u.settle), "")
        says = f"{asset.id}: {cell.stage} is open: {'; '.join(map(_lack, cell.unmet)) or 'nothing was looked at'}"
        weight = self.order.get(CellId(asset.id, cell.pack, cell.stage), 0)
        return Missing(Kind.OPEN, weight, asset.id, cell.pack, cell.stage, says, settle)

    def _found(self, row: Judged) -> Iterable[Missing]:
        name = row.asset.id
        found = [c for c in row.cells if c.standing in (Standing.SHOWN, Standing.SUSPECTED)]
        if not found or not self.shows[name]:
            return  # nothing found, or nothing that is not a false positive
        remedies = [one.at for one in self.decided.remedies if one.asset == name]
        if remedies:
            yield from self._after(row, max(remedies))
        elif row.verdict is Verdict.COMPROMISED:
            says = f"{name} is compromised, and no remediation is recorded"
            yield Missing(Kind.REMEDIATION, len(found), name, "", row.stage, says, _REMEDY)
        else:
            for cell in found:
                says = f"{name}: {cell.stage} is {cell.standing.value}"
                yield Missing(Kind.SUSPICION, 0, name, cell.pack, cell.stage, says, _SUSPECT)

    def _after(self, row: Judged, at: Instant) -> Iterable[Missing]:
        name = row.asset.id
        later = [s for s in self.shows[name] if s.time is not None and s.time > at]
        if later:
            first = min(later, key=lambda s: (s.time or 0, s.id))
            says = f"{name}: {first.indicator} at {render(first.time or 0)}, after the remediation ({first.id})"
            yield Missing(Kind.FOUND_AFTER, len(later), name, first.pack, first.stage, says, "remediate it again")
        if row.verdict is Verdict.COMPROMISED and not self._waived(CLEAN_TIME, name):
            span = Span(at, at + CLEAN)
            for pack in dict.fromkeys(cell.pack for cell in row.cells):
                if lack := self._clean(self.packs.get(pack), row.asset, span):
                    says = f"{name}: no covered clean time after the remediation: {lack}"
                    yield Missing(Kind.CLEAN_TIME, 0, name, pack, CLEAN_TIME, says, f"logs until {render(span.end)}")

    def _clean(self, pack: Pack | None, asset: Asset, span: Span) -> str:
        """Say what is not covered in the days after: what would show contact or anything beyond it. Empty: all is."""
        stages = [s for s in pack.stages if s.rung >= Rung.CONTACTED and applies(s, asset)] if pack else []
        contact = [s for s in stages if s.rung is Rung.CONTACTED and not s.never and needs(s, asset)]
        wanted = [need for s in contact or stages for need in needs(s, asset) if not s.never]
        # A state at one moment says nothing of the days between.
        logs = [replace(n, any_of=tuple(o for o in n.any_of if o.snapshot_after is None)) for n in wanted]
        lacking = [u for need in logs if need.any_of for u in unmet(need, self.covered[asset.id], span)]
        if not any(need.any_of for need in logs):
            return "the pack names nothing that would show it"
        return "; ".join(dict.fromkeys(map(_lack, lacking)))

    def claims(self) -> Iterable[Missing]:
        """Every claim that can be tested is; one that cannot is accepted by name."""
        testable = {(c.id, c.says) for pack in self.packs.values() for c in pack.claims if c.test != "none"}
        for claim in self.found.claims:
            if (
                claim.answer == "untestable"
                and (claim.id, claim.says) in testable
                and not self._waived("claim", claim.id)
            ):
                says = f"claim {claim.id} is untested: {'; '.join(claim.because)}"
                yield Missing(Kind.CLAIM, 0, claim.id, "", "", says, "get what it needs, or waive it by name")


_REMEDY = "collect first, then clean or rebuild it, then record it"
_SUSPECT = "look at the sightings: mark false positives, or record the remediation"


def seen_of(sighting: Sighting, paths: Mapping[str, str]) -> Seen:
    """Name a sighting so that it is known again in another run."""
    path = paths.get(sighting.source, "")
    return Seen(sighting.pack, sighting.type, sighting.indicator, sighting.asset, path, sighting.locator)


def _unread(source: Source) -> str:
    reading = source.reading
    why = reading.note or (reading.reason.value if reading.reason else "no reason given")
    return f"{reading.path} is {reading.status.value}: {why}"


def _lack(lacking: Unmet) -> str:
    if lacking.telemetry is None:
        return lacking.note or lacking.reason.value
    when = f" {render(lacking.span.start)} to {render(lacking.span.end)}" if lacking.span else ""
    return f"{lacking.telemetry.value}{when} ({lacking.reason.value})"


def summary(listed: Sequence[Missing]) -> dict[Kind, int]:
    """Count by kind."""
    return {kind: count for kind in Kind if (count := sum(one.kind is kind for one in listed))}
