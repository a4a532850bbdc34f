"""The run itself: cases until the time is up, and the account of them."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.child import Child, case_of
from tests.fuzz.harvest import file_name

if TYPE_CHECKING:
    from tests.fuzz.targets import Case, Target

KEPT = 3
"""So many cases of one kind of finding are kept."""


@dataclass(slots=True)
class Findings:
    """Keeps cases in files, where there is a folder; the same finding a few times only."""

    folder: Path | None = None
    _counts: Counter[str] = field(default_factory=Counter)

    def keep(self, target: str, what: str, case: Case, said: str) -> None:
        """Write a case, and what was said of it beside it."""
        kind = re.sub(r"\W+", "_", f"{target}--{what}")
        self._counts[kind] += 1
        if self.folder is None or self._counts[kind] > KEPT:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(case.body).hexdigest()[:8]
        place = self.folder / f"{kind[:120]}--{digest}--{file_name(case.name)}"
        place.write_bytes(case.body)
        place.with_name(place.name + ".txt").write_text(f"{said}\n{case.how}\n", encoding="utf-8")


@dataclass(slots=True)
class Tally:
    """What became of one target's cases. `silent` are those with fewer records and no word about it, by damage."""

    name: str
    samples: int = 0
    cases: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)


def run(target: Target, seed: int, found: Findings, *, seconds: float = 0.0, cases: int = 0) -> Tally:
    """Try one target for so many seconds, or so many cases."""
    tally = Tally(target.name, len(target.seeds))
    if not target.seeds:
        return tally
    child, begin = Child(target, seed), time.monotonic()
    if len(child.samples) < len(target.seeds):
        tally.faults["died or hung over its undamaged samples"] += 1
    try:
        while (tally.cases < cases) if cases else (time.monotonic() - begin < seconds):
            _one(target, seed, tally, child, found)
    finally:
        child.close()
    tally.seconds = time.monotonic() - begin
    return tally


def _one(target: Target, seed: int, tally: Tally, child: Child, found: Findings) -> None:
    answer = child.run(tally.cases)
    outcome, tally.slowest = answer.outcome, max(tally.slowest, answer.seconds)
    if outcome.fault:
        fault = re.sub(r"0x[0-9a-f]+|\d{3,}(?!\d*,? in)", "N", outcome.fault)
        tally.faults[fault] += 1
        found.keep(target.name, fault, case_of(target, seed, tally.cases), outcome.fault)
    elif outcome.whole and child.samples:
        case = case_of(target, seed, tally.cases)
        if case.sample >= 0 and outcome.silent(child.samples[case.sample], _lines_lost(target, case)):
            tally.silent[case.how] += 1
            said = f"{outcome.records} for {child.samples[case.sample].records}"
            found.keep(target.name, f"silent {case.how}", case, said)
    tally.cases += 1


def _lines_lost(target: Target, case: Case) -> int:
    """Count the lines that a text has fewer than its sample: a log that ends at a line's end is just shorter."""
    sample = target.seeds[case.sample].body
    return 0 if b"\0" in sample else max(0, sample.count(b"\n") - case.body.count(b"\n"))


def report(tallies: list[Tally]) -> str:
    """Give a table and the findings."""
    rows = [f"{'target':32}{'samples':>8}{'cases':>8}{'s':>7}{'slowest':>9}{'faults':>8}{'silent':>8}"]
    for each in tallies:
        faults, silent = each.faults.total(), each.silent.total()
        numbers = f"{each.samples:>8}{each.cases:>8}{each.seconds:>7.1f}{each.slowest:>9.2f}{faults:>8}{silent:>8}"
        rows.append(f"{each.name:32}{numbers}")
    rows.append(f"{sum(t.cases for t in tallies)} cases in {sum(t.seconds for t in tallies):.0f} s")
    for each in tallies:
        rows += [f"FAULT {each.name}: {count} x {fault}" for fault, count in each.faults.most_common()]
        rows += [f"silent {each.name}: {count} x {how}" for how, count in each.silent.most_common(6)]
    return "\n".join(rows)
