"""Whom the attacker would want: points for what a host is, who works on it, and what a thief got from exactly it.

A pure function of the packs, the assessment, and what a pass over the evidence noted (`sweep.haul`). More noted never
takes points away; a host of which nothing was noted says so, so that no points are not read as no worth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.locale import N_
from nachsorge.model.assessment import Judged, Sighting
from nachsorge.model.pack import Pack
from nachsorge.model.ranking import Column, Hypothesis, Point, Ranked, Ranking, Row, StolenList
from nachsorge.model.times import Span
from nachsorge.model.words import HaulKind, Motive, Platform, Rung, Standing, Trait, Verdict
from nachsorge.verdicts.ladder import required, window
from nachsorge.verdicts.stolen import stolen
from nachsorge.verdicts.systems import Systems, gave_away
from nachsorge.verdicts.traits import AT_RISK, HIGH_FROM, POINTS, said
from nachsorge.verdicts.untold import untold_of

if TYPE_CHECKING:
    from nachsorge.model.assessment import Assessment, Asset
    from nachsorge.model.pack import Haul, Stage

INVENTORY = "inventory"
_NAMED = 4
_VERDICTS = (Verdict.OPEN, Verdict.COMPROMISED, Verdict.SUSPECTED, Verdict.RULED_OUT)

NO_HISTORY = N_("no browser history of this host was there: what a stolen list gave away is not known")
NO_LOGONS = N_("no Security log of this host was there: log-ons of privileged accounts were not looked at")
NOT_READ = N_("log-ons of privileged accounts are read from Windows' Security log only: not looked at on this host")
NO_PROGRAMS = N_("nothing that names this host's programs was there")
NO_EVIDENCE = N_("only what the inventory says was weighed: no evidence was looked through")
NO_WORDS = N_("the inventory says nothing of this host's function")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A trait that the evidence of a host shows, why, and where it stands."""

    trait: Trait
    why: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundList:
    """A browser's whole list as it was found, the lowest number first; see `evidence.history_rows`."""

    source: str
    browser: str
    rows: tuple[Row, ...]
    unique: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a pass over the evidence noted of one host; `logons` and `programs` say whether there was any to look at."""

    noted: tuple[Noted, ...] = ()
    lists: tuple[FoundList, ...] = ()
    logons: bool = False
    programs: bool = False
    notes: tuple[str, ...] = ()


def rank(
    packs: Mapping[str, Pack],
    found: Assessment,
    profiles: Mapping[str, Profile] | None = None,
    systems: Systems | None = None,
    notes: Sequence[str] = (),
) -> Ranking:
    """Order the assets. Without `profiles` only the inventory's words are weighed, and the result says so."""
    hypotheses = tuple(_hypotheses(packs.values()))
    counted = {trait for one in hypotheses for trait in one.at_risk}
    sightings: defaultdict[str, list[Sighting]] = defaultdict(list)
    for sighting in found.sightings:
        sightings[sighting.asset].append(sighting)
    rows = []
    for row in found.assets:
        desk = _Desk(packs, row, sightings[row.asset.id], systems or Systems())
        profile = None if profiles is None else profiles.get(row.asset.id, Profile())
        rows.append(desk.ranked(hypotheses, counted, profile))
    rows.sort(key=lambda one: (-one.score, _VERDICTS.index(one.verdict), one.asset))
    told = (*notes, *(() if profiles is not None else (NO_EVIDENCE,)))
    return Ranking(
        hypotheses=hypotheses,
        assets=tuple(rows),
        evidence=profiles is not None,
        high_from=HIGH_FROM,
        notes=told,
        label=found.label,
    )


def _hypotheses(packs: Iterable[Pack]) -> Iterable[Hypothesis]:
    """Give those of the packs, one a motive; where no pack has any that can be computed, ours for every motive."""
    found: dict[Motive, Hypothesis] = {}
    for pack in packs:
        for aim in pack.aims:
            at_risk = aim.at_risk or AT_RISK[aim.motive]
            old = found.get(aim.motive)
            if old is not None:
                merged = tuple(dict.fromkeys((*old.at_risk, *at_risk)))
                found[aim.motive] = replace(old, at_risk=merged, by_default=old.by_default and not aim.at_risk)
                continue
            found[aim.motive] = Hypothesis(
                motive=aim.motive,
                says=aim.says,
                says_de=aim.says_de,
                at_risk=at_risk,
                pack=pack.id,
                by_default=not aim.at_risk,
            )
    if found:
        return [found[motive] for motive in Motive if motive in found]
    return [Hypothesis(motive=motive, says="", at_risk=AT_RISK[motive], by_default=True) for motive in Motive]


@dataclass(slots=True)
class _Desk:
    """The work on one asset."""

    packs: Mapping[str, Pack]
    row: Judged
    sightings: Sequence[Sighting]
    systems: Systems

    @property
    def asset(self) -> Asset:
        return self.row.asset

    def ranked(self, hypotheses: Sequence[Hypothesis], counted: set[Trait], profile: Profile | None) -> Ranked:
        hauls = list(self._hauls())
        lists = tuple(one for haul, pack in hauls for one in self._lists(haul, pack, profile))
        points = [one for one in self._points(profile, lists) if one.trait in counted]
        score = sum(one.points for one in points)
        return Ranked(
            asset=self.asset.id,
            verdict=self.row.verdict,
            stage=self.row.stage,
            score=score,
            columns=tuple(
                Column(motive=one.motive, points=sum(p.points for p in points if p.trait in one.at_risk))
                for one in hypotheses
            ),
            points=tuple(points),
            lists=lists,
            taken=tuple(haul.says for haul, _ in hauls),
            taken_de=tuple(haul.says_de or haul.says for haul, _ in hauls),
            not_looked=tuple(self._not_looked(hauls, profile)),
            untold=tuple(untold_of(self.packs.values(), self.row)),
            open=sum(cell.standing is Standing.OPEN for cell in self.row.cells),
            high=score >= HIGH_FROM,
        )

    def _hauls(self) -> Iterable[tuple[Haul, Pack]]:
        """Give what may have been taken of this asset: not where the theft is ruled out, or never was possible.

        What the sources do not tell is no haul: see `untold`.
        """
        standing = {(cell.pack, cell.stage): cell.standing for cell in self.row.cells}
        for pack in self.packs.values():
            for haul in pack.hauls:
                known = haul.kind is not HaulKind.UNKNOWN
                if known and standing.get((pack.id, haul.stage), Standing.RULED_OUT) is not Standing.RULED_OUT:
                    yield haul, pack

    def _lists(self, haul: Haul, pack: Pack, profile: Profile | None) -> Iterable[StolenList]:
        if haul.kind is not HaulKind.BROWSER_HISTORY or profile is None:
            return
        at = self._theft(pack, pack.stages_by_id[haul.stage])
        for one in profile.lists:
            if haul.browsers and one.browser not in haul.browsers and one.browser not in ("chromium", "firefox"):
                continue
            taken = stolen(
                one.rows,
                haul.rows,
                at,
                source=one.source,
                browser=one.browser,
                unique=one.unique,
                notes=one.notes,
            )
            yield replace(taken, gave=gave_away(taken.rows, self.systems))

    def _theft(self, pack: Pack, stage: Stage) -> Span | None:
        """Say when the theft may have been: from the first known contact until it was found, else at any time.

        A finding shows that it had happened by then, not when.
        """
        whole = window(stage, self.asset, {})
        mine = [s for s in self.sightings if s.pack == pack.id and not s.refutes and s.time is not None]
        before = {s.id for s in required(pack, stage, self.asset) if s.rung >= Rung.CONTACTED}
        contacts = [s.time for s in mine if s.stage in before and s.time is not None]
        thefts = [s.time for s in mine if s.stage == stage.id and s.time is not None]
        start = min([*contacts, *thefts]) if contacts or thefts else (whole.start if whole else None)
        end = max(thefts) if thefts else (max([whole.end, *contacts]) if whole else None)
        return Span(start, end) if start is not None and end is not None and start <= end else None

    def _points(self, profile: Profile | None, lists: Sequence[StolenList]) -> Iterable[Point]:
        """Give every trait's points once, with all that speaks for it."""
        why: defaultdict[Trait, list[tuple[str, str]]] = defaultdict(list)
        for trait, told in said(self.asset):
            why[trait].append((told, INVENTORY))
        for one in profile.noted if profile is not None else ():
            why[one.trait].append((one.why, one.where))
        for stolen_list in lists:
            for trait, told in _given(stolen_list):
                why[trait].append((told, stolen_list.source))
        for trait in sorted(why, key=lambda trait: (-POINTS[trait], trait)):
            reasons = list(dict.fromkeys(why[trait]))
            rest = f"; and {len(reasons) - _NAMED} more" if len(reasons) > _NAMED else ""
            yield Point(
                trait=trait,
                points=POINTS[trait],
                why="; ".join(told for told, _ in reasons[:_NAMED]) + rest,
                where="; ".join(dict.fromkeys(place for _, place in reasons[:_NAMED])),
            )

    def _not_looked(self, hauls: Sequence[tuple[Haul, Pack]], profile: Profile | None) -> Iterable[str]:
        if not any(True for _ in said(self.asset)):
            yield NO_WORDS
        if profile is None:
            return
        yield from profile.notes
        wanted = any(haul.kind is HaulKind.BROWSER_HISTORY for haul, _ in hauls)
        if wanted and not profile.lists:
            yield NO_HISTORY
        if not profile.logons:
            yield NO_LOGONS if self.asset.platform in (None, Platform.WINDOWS) else NOT_READ
        if not profile.programs:
            yield NO_PROGRAMS


def _given(one: StolenList) -> Iterable[tuple[Trait, str]]:
    """Say for each kind of system how many a list gave away, and the first few."""
    by_kind: defaultdict[Trait, list[str]] = defaultdict(list)
    for given in one.gave:
        by_kind[given.trait].append(given.host if given.certain else f"perhaps {given.host}")
    for trait, hosts in by_kind.items():
        rest = f" and {len(hosts) - _NAMED} more" if len(hosts) > _NAMED else ""
        yield trait, f"{one.browser}: {', '.join(hosts[:_NAMED])}{rest}"
