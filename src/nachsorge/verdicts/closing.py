"""Whether a case may be closed, and everything that is still missing, most useful first.

Decisions of people are laid over the assessment here and nowhere else: a waiver accepts that a cell is open, it never
makes it anything else. More coverage with the same sightings never adds a requirement (property test).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from nachsorge.locale import N_, _, language
from nachsorge.model.times import DAY, Instant, Span, render
from nachsorge.model.words import Measure, Rung, Standing, Status, Telemetry, Verdict
from nachsorge.verdicts.ladder import applies, needs
from nachsorge.verdicts.needs import unmet
from nachsorge.verdicts.obtainable import CellId
from nachsorge.verdicts.requirements import lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nachsorge.model.assessment import Assessment, Asset, Cell, Coverage, Judged, Sighting, Source, Unmet
    from nachsorge.model.pack import Pack, Requirement

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
    REQUIREMENT = 8
    CLAIM = 9
    NOTIFICATION = 10


@dataclass(frozen=True, slots=True, order=True)
class Waiver:
    """Somebody accepts that a cell stays open, or that an asset, a source or a claim lacks something.

    `subject` is a stage, `clean-time`, a pack's closing requirement, `source` or `claim`; `name` the asset, the
    source's path or the claim's id.
    """

    subject: str
    name: str
    pack: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Remedy:
    """An asset was cleaned, rebuilt or taken out of service at that time."""

    asset: str
    at: Instant
    measures: tuple[Measure, ...] = ()


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
    packs: Mapping[str, Pack],
    found: Assessment,
    decided: Decisions,
    first: Sequence[CellId] = (),
    say: Callable[[str], str] = str,
) -> tuple[Missing, ...]:
    """List what stands against closing; empty where the case may be closed.

    `first` are open cells in the order in which they are best settled (`next_evidence`).
    `say` says notes and reasons of the assessment, which are written in English, in the language that is spoken.
    """
    work = _Work(packs, found, decided, first, say)
    listed = [*work.unread(), *work.assets(), *work.requirements(), *work.claims()]
    if not decided.notified:
        listed.append(
            Missing(Kind.NOTIFICATION, 0, "", "", "", _("nobody recorded whether the CERT or authority was notified"))
        )
    return tuple(sorted(set(listed), key=lambda one: (one.kind, -one.weight, one)))


class _Work:
    """The assessment, sorted for asking."""

    def __init__(
        self,
        packs: Mapping[str, Pack],
        found: Assessment,
        decided: Decisions,
        first: Sequence[CellId],
        say: Callable[[str], str],
    ) -> None:
        self.packs, self.found, self.decided, self.say = packs, found, decided, say
        self.paths = {source.id: source.reading.path for source in found.sources}
        self.covered: defaultdict[str, dict[Telemetry, Coverage]] = defaultdict(dict)
        for one in found.coverage:
            self.covered[one.asset][one.telemetry] = one
        self.shows: defaultdict[str, list[Sighting]] = defaultdict(list)
        for sighting in found.sightings:
            if not sighting.refutes and seen_of(sighting, self.paths) not in decided.false:
                self.shows[sighting.asset].append(sighting)
        german = language() == "de"
        self.german = {text: said for p in found.packs for text, said in p.german.items()} if german else {}
        self.order = {cell: len(first) - place for place, cell in enumerate(first)}

    def _said(self, text: str) -> str:
        """Say a pack's own text in the language that is spoken, where the pack has it; other texts as `say` does."""
        return self.german.get(text) or self.say(text)

    def _unread(self, source: Source) -> str:
        reading = source.reading
        why = self.say(reading.note) or (_(reading.reason.value) if reading.reason else _("no reason given"))
        return _("{path} is {status}: {why}").format(path=reading.path, status=_(reading.status.value), why=why)

    def _waived(self, subject: str, name: str, pack: str = "") -> bool:
        return Waiver(subject, name, pack) in self.decided.waivers

    def unread(self) -> Iterable[Missing]:
        """Evidence that was handed in and not read to its end may hold anything."""
        return [
            Missing(Kind.UNREAD, 0, s.reading.path, "", "", self._unread(s), _("read it, or waive it by name"))
            for s in self.found.sources
            if s.reading.status not in (Status.READ, Status.SKIPPED) and not self._waived("source", s.reading.path)
        ]

    def assets(self) -> Iterable[Missing]:
        """Every asset in scope: a verdict, no open cell without a waiver, and what a compromise asks for."""
        if not self.found.assets:
            yield Missing(Kind.NO_ASSET, 0, "", "", "", _("no asset is in scope"), _("give an inventory"))
        for row in self.found.assets:
            if not row.cells:
                yield Missing(
                    Kind.NO_ASSET,
                    0,
                    row.asset.id,
                    "",
                    "",
                    _("{asset} was judged by no pack").format(asset=row.asset.id),
                )
            for cell in row.cells:
                if cell.standing is Standing.OPEN and not self._waived(cell.stage, row.asset.id, cell.pack):
                    yield self._open(row.asset, cell)
            yield from self._found(row)

    def _open(self, asset: Asset, cell: Cell) -> Missing:
        settle = self._said(next((u.settle for u in cell.unmet if u.settle), ""))
        lacks = "; ".join(self._said(_lack(u)) for u in cell.unmet) or _("nothing was looked at")
        says = _("{asset}: {stage} is open: {lacks}").format(asset=asset.id, stage=cell.stage, lacks=lacks)
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
            says = _("{asset} is compromised, and no remediation is recorded").format(asset=name)
            yield Missing(Kind.REMEDIATION, len(found), name, "", row.stage, says, _(_REMEDY))
        else:
            for cell in found:
                told = (
                    _("{asset}: {stage} is shown")
                    if cell.standing is Standing.SHOWN
                    else _("{asset}: {stage} is suspected")
                )
                says = told.format(asset=name, stage=cell.stage)
                yield Missing(Kind.SUSPICION, 0, name, cell.pack, cell.stage, says, _(_SUSPECT))

    def _after(self, row: Judged, at: Instant) -> Iterable[Missing]:
        name = row.asset.id
        later = [s for s in self.shows[name] if s.time is not None and s.time > at]
        if later:
            first = min(later, key=lambda s: (s.time or 0, s.id))
            says = _("{asset}: {indicator} at {time}, after the remediation ({sighting})").format(
                asset=name, indicator=first.indicator, time=render(first.time or 0), sighting=first.id
            )
            yield Missing(Kind.FOUND_AFTER, len(later), name, first.pack, first.stage, says, _("remediate it again"))
        if row.verdict is Verdict.COMPROMISED and not self._waived(CLEAN_TIME, name):
            span = Span(at, at + CLEAN)
            for pack in dict.fromkeys(cell.pack for cell in row.cells):
                if lack := self._clean(self.packs.get(pack), row.asset, span):
                    says = _("{asset}: no covered clean time after the remediation: {lack}").format(
                        asset=name, lack=lack
                    )
                    settle = _("logs until {time}").format(time=render(span.end))
                    yield Missing(Kind.CLEAN_TIME, 0, name, pack, CLEAN_TIME, says, settle)

    def _clean(self, pack: Pack | None, asset: Asset, span: Span) -> str:
        """Say what is not covered in the days after: what would show contact or anything beyond it. Empty: all is."""
        stages = [s for s in pack.stages if s.rung >= Rung.CONTACTED and applies(s, asset)] if pack else []
        contact = [s for s in stages if s.rung is Rung.CONTACTED and not s.never and needs(s, asset)]
        wanted = [need for s in contact or stages for need in needs(s, asset) if not s.never]
        # A state at one moment says nothing of the days between.
        logs = [replace(n, any_of=tuple(o for o in n.any_of if o.snapshot_after is None)) for n in wanted]
        lacking = [u for need in logs if need.any_of for u in unmet(need, self.covered[asset.id], span)]
        if not any(need.any_of for need in logs):
            return _("the pack names nothing that would show it")
        return "; ".join(dict.fromkeys(self._said(_lack(one)) for one in lacking))

    def requirements(self) -> Iterable[Missing]:
        """What the packs themselves ask for, as far as it can be computed; waived by its id and the asset."""
        looked = {s.id: s.reading.last for s in self.found.sources if s.reading.last is not None}
        for pack in self.packs.values():
            for one in pack.requirements:
                for row in self.found.assets:
                    if not self._waived(one.id, row.asset.id, pack.id):
                        yield from self._requirement(pack, one, row, looked)

    def _requirement(
        self, pack: Pack, one: Requirement, row: Judged, looked: Mapping[str, Instant]
    ) -> Iterable[Missing]:
        name = row.asset.id
        shows = [s for s in self.shows[name] if s.pack == pack.id]
        measures = frozenset(m for remedy in self.decided.remedies if remedy.asset == name for m in remedy.measures)
        lacks = tuple(lacking(pack, one, row, shows, self.covered[name], measures, looked))
        if lacks:
            says = f"{name}: {one.id}: {'; '.join(lacks)}"
            settle = (one.says_de or one.says) if language() == "de" else one.says
            yield Missing(Kind.REQUIREMENT, 0, name, pack.id, one.id, says, settle)

    def claims(self) -> Iterable[Missing]:
        """Every claim that can be tested is; one that cannot is accepted by name."""
        testable = {(c.id, c.says) for pack in self.packs.values() for c in pack.claims if c.test != "none"}
        for claim in self.found.claims:
            if (
                claim.answer == "untestable"
                and (claim.id, claim.says) in testable
                and not self._waived("claim", claim.id)
            ):
                why = "; ".join(map(self._said, claim.because))
                says = _("claim {claim} is untested: {why}").format(claim=claim.id, why=why)
                yield Missing(Kind.CLAIM, 0, claim.id, "", "", says, _("get what it needs, or waive it by name"))


_REMEDY = N_("collect first, then clean or rebuild it, then record it")
_SUSPECT = N_("look at the sightings: mark false positives, or record the remediation")


def seen_of(sighting: Sighting, paths: Mapping[str, str]) -> Seen:
    """Name a sighting so that it is known again in another run."""
    path = paths.get(sighting.source, "")
    return Seen(sighting.pack, sighting.type, sighting.indicator, sighting.asset, path, sighting.locator)


def _lack(lacking: Unmet) -> str:
    if lacking.telemetry is None:
        return lacking.note or _(lacking.reason.value)
    what = f"{_(lacking.telemetry.value)} ({_(lacking.reason.value)})"
    if not lacking.span:
        return what
    start, end = render(lacking.span.start), render(lacking.span.end)
    return _("{telemetry} {start} to {end} ({why})").format(
        telemetry=_(lacking.telemetry.value), start=start, end=end, why=_(lacking.reason.value)
    )


def summary(listed: Sequence[Missing]) -> dict[Kind, int]:
    """Count by kind."""
    return {kind: count for kind in Kind if (count := sum(one.kind is kind for one in listed))}
