"""The line, readable from top to bottom: packs and evidence in, an assessment out.

packs -> tests + sieve -> units of evidence -> (any process) records -> hits
      -> assets -> sightings + coverage -> judge -> assessment
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nachsorge.assets.registry import Registry, registry_of
from nachsorge.matching.store import NOWHERE, Store
from nachsorge.matching.tests import tests_of
from nachsorge.model.times import Instant
from nachsorge.sweep.conclude import conclude, distinct
from nachsorge.sweep.garbage import seldom_collected
from nachsorge.sweep.rules import prepared
from nachsorge.sweep.windows import bounded

if TYPE_CHECKING:
    from nachsorge.assets.inventory import Inventory
    from nachsorge.evidence.units import Unit
    from nachsorge.model.assessment import Assessment
    from nachsorge.model.pack import Pack
    from nachsorge.sweep.executors import Executor  # noqa: TC004  see `sweep`; nothing reads the annotation
    from nachsorge.sweep.pool import Progress  # noqa: TC004


_NO_LINES = (".evtx", ".pcap", ".pcapng")
"""What is certainly not made of lines."""
_EVENTS = ".evtx"
_PACKED = (".gz", ".zst", ".xz", ".bz2")
_UNPACKED = 5
"""So much larger is a log, about, than what it was packed into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to sweep. `assets` maps a path of the evidence to the asset whose it is; `jobs` 0 means all cores.

    `now` is the present as the caller knows it; files dated later have a wrong clock. An `executor` works in the place
    of this machine's cores (`sweep.cluster`). `store` keeps compiled lists. With `scan_logs` YARA
    rules look into logs and hives as well.
    """

    assets: Mapping[str, str] = field(default_factory=dict)
    start: Instant | None = None
    end: Instant | None = None
    jobs: int = 0
    sieve: bool = True
    now: Instant = 2**62
    progress: Progress = lambda done, total, name: None
    executor: Executor | None = None
    store: Store = NOWHERE
    scan_logs: bool = False


def _lines_in(unit: Unit) -> int:
    """Guess how many bytes of lines there are to read in a unit that may be a log."""
    name = unit.shown.lower()
    return 0 if name.endswith(_NO_LINES) else unit.size * (_UNPACKED if name.endswith(_PACKED) else 1)


def sweep(packs: Sequence[Pack], evidence: Sequence[str], inventory: Inventory, options: Options) -> Assessment:
    """Read all evidence once, match it against all packs, and judge every asset."""
    # The readers take half of the program's start, and whoever asks an index (`recall`) needs none of them.
    from nachsorge.evidence.units import like_a_log, units
    from nachsorge.sweep.late import Read, all_of, once_more
    from nachsorge.sweep.outcome import Orders
    from nachsorge.sweep.pool import Pool

    packs = [prepared(pack, options.store) for pack in distinct(packs)]
    tests = tests_of(packs)
    with seldom_collected():
        waiting = list(units(evidence, options.assets))
    # Programs of Linux have no ending either; a `syslog` among them is met later (`Single._expect`).
    logs = [unit for unit in waiting if "." in (name := unit.shown.rpartition("/")[2]) and like_a_log(name)]
    first = [unit for unit in waiting if unit.early]
    rest = [unit for unit in waiting if not unit.early]

    total = sum(unit.size for unit in waiting)
    orders = Orders(
        tests=tests,
        now=options.now,
        sieve=options.sieve,
        addresses=Registry(inventory).addresses,
        store=options.store,
        scan_logs=options.scan_logs,
        lines=sum(map(_lines_in, logs)),
        perhaps=sum(map(_lines_in, rest)),
        events=sum(unit.size for unit in waiting if unit.shown.lower().endswith(_EVENTS)),
    )
    with Pool(
        jobs=options.jobs, total=total, progress=options.progress, executor=options.executor, shared=waiting
    ) as pool:
        named = Read(orders, first, pool.lists(orders, first))
        known = registry_of(inventory, [outcome.reading for outcome in all_of(named)], options.assets)
        orders = replace(orders, addresses=known.addresses)
        read = Read(orders, rest, pool.lists(orders, rest))
        registry = registry_of(inventory, [outcome.reading for outcome in all_of(named, read)], options.assets)
        outcomes = all_of(*(once_more(pool, part, registry.addresses) for part in (named, read)))

    judged_by = bounded(packs, outcomes, options.start, options.end)
    return conclude(judged_by, tests, outcomes, registry, declared=bool(inventory.assets), interrupted=pool.stopped)


__all__ = ["Options", "sweep"]
