"""The shape of what reports share: every wording that console and pages have in common, once per language.

The keys are fields, so a missing or misspelt one is a type error. The wording never says more than the standing: what
is ruled out is ruled out within what was covered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nachsorge.locale import Counted, Lang
from nachsorge.model.words import Platform, Reason, Standing, Status, Telemetry, Verdict, Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One language. Braces are filled with `str.format`."""

    lang: Lang
    # the closed lists
    standings: Mapping[Standing, str]
    letters: Mapping[Standing, str]
    legend: Mapping[Standing, str]
    verdicts: Mapping[Verdict, str]
    statuses: Mapping[Status, str]
    reasons: Mapping[Reason, str]
    telemetry: Mapping[Telemetry, str]
    weights: Mapping[Weight, str]
    platforms: Mapping[Platform, str]
    answers: Mapping[str, str]
    headlines: Mapping[Verdict, str]
    headline_unread: str
    given: Mapping[str, str]
    exits: Mapping[int, str]
    exit_unknown: str
    # numbers
    assets: Counted
    of_assets: Counted
    sources: Counted
    sightings: Counted
    records: Counted
    indicators: Counted
    rules: Counted
    # headings
    title: str
    matrix: str
    findings: str
    open_needs: str
    coverage: str
    timeline: str
    claims: str
    read: str
    controls: str
    record: str
    rule_accounts: str
    method: str
    provenance: str
    per_asset: str
    contents: str
    # columns and labels
    asset: str
    verdict: str
    stage: str
    indicator: str
    where: str
    time: str
    weight: str
    telemetry_label: str
    window: str
    reason: str
    settle: str
    status: str
    source: str
    about: str
    reader: str
    records_label: str
    unreadable: str
    span: str
    rule: str
    applicable: str
    matches: str
    note: str
    pack: str
    version: str
    digest: str
    window_basis: str
    licence: str
    content: str
    tool: str
    names: str
    addresses: str
    role: str
    because: str
    claim: str
    answer: str
    seen_label: str
    gaps: str
    exit: str
    # sentences and fragments
    sentence_rest: str
    no_asset: str
    interrupted: str
    legend_label: str
    not_judged: str
    not_judged_legend: str
    no_stage: str
    more: str
    more_rows: str
    first_names: str
    no_time: str
    no_window: str
    to: str
    by_author: str
    refutes: str
    nothing_found: str
    nothing_open: str
    open_unexplained: str
    open_because: str
    settle_unknown: str
    no_sources: str
    no_claims: str
    no_rules: str
    rules_idle: str
    rule_idle: str
    controls_ok: str
    controls_none: str
    control_failed: str
    not_understood: str
    notes: str
    one_line: str
    closing: str
    declared: str
    found: str
    unattributed: str
    no_coverage: str
    no_gaps: str
    axis_basis: str
    gap_title: str
    seen_title: str
    hole_title: str
    picture_key_seen: str
    picture_key_gap: str
    picture_key_none: str
    picture_key_beyond: str
    table_behind: str
    uncut: str
    asset_not_drawn: str
    marking: str
    unreadable_at: str
    # method and limits
    method_intro: str
    method_standings: Mapping[Standing, str]
    method_limits: tuple[str, ...]
    exit_codes: str
