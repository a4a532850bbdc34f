"""What a collector wanted and could not get: gaps with path and reason, of the telemetry that a file would have been.

A file that was not copied is not absent. Where its path says which telemetry it holds (an event log, a hive, a
browser's history), the gap is one of that telemetry, so that it explains the hole in the asset's coverage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import shown
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.trees import Entry
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMED = 20
"""How many files of one reason and telemetry are named; all are counted."""

MOST_NAMES = 100_000
"""So many files that were refused are compared by their paths."""

_EXISTS = frozenset({Reason.PERMISSION, Reason.LIMIT, Reason.ENCRYPTED})
_T = Telemetry
_HELD: tuple[tuple[re.Pattern[str], tuple[Telemetry, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), telemetries)
    for pattern, telemetries in (
        (r"sysmon[^/]*\.evtx$", (_T.PROCESS_CREATION, _T.IMAGE_LOAD, _T.DNS_QUERY, _T.NETWORK_CONNECTION)),
        (r"/security\.evtx$", (_T.PROCESS_CREATION, _T.AUTHENTICATION)),
        (r"/application\.evtx$", (_T.SOFTWARE_INSTALL,)),
        (r"defender[^/]*\.evtx$", (_T.ANTIVIRUS,)),
        (r"\.evtx?$|/winevt(/logs)?$", (_T.WINDOWS_EVENT,)),
        (r"/winevt(/logs)?$", (_T.PROCESS_CREATION, _T.AUTHENTICATION)),
        (r"/config/software$", (_T.INSTALLED_SOFTWARE, _T.PERSISTENCE)),
        (r"/config/system$", (_T.PERSISTENCE, _T.PROGRAM_EXECUTION)),
        (r"/(ntuser|usrclass)\.dat$", (_T.INSTALLED_SOFTWARE, _T.PERSISTENCE, _T.PROGRAM_EXECUTION)),
        (r"(\.pf|/amcache\.hve|/srudb\.dat|/prefetch)$", (_T.PROGRAM_EXECUTION,)),
        (r"/(history|history\.db|places\.sqlite|webcachev01\.dat)$", (_T.BROWSER_HISTORY,)),
        (r"/launch(agents|daemons)/|/(cron|systemd)[^/]*/", (_T.PERSISTENCE,)),
        (r"/var/log(/|$)", (_T.SYSLOG,)),
    )
)
_WORDS: tuple[tuple[re.Pattern[str], Reason], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reason)
    for pattern, reason in (
        (r"denied|unauthori[sz]ed|permi(ssion|tted)|locked|sharing|in use|another process|busy", Reason.PERMISSION),
        (r"too (large|big)|size|limit|exceed|quota|no space", Reason.LIMIT),
        (r"no such|not (exist|found)|cannot find|vanished|removed before", Reason.MISSING),
        (r"encrypt", Reason.ENCRYPTED),
    )
)


def reason_of(words: str) -> Reason:
    """Choose the reason that a collector's own words mean; where none is known the file is MISSING, which it is."""
    return next((reason for pattern, reason in _WORDS if pattern.search(words)), Reason.MISSING)


@dataclass(slots=True)
class Wanted:
    """Collects what was wanted and is not there; `close` makes the gaps."""

    collector: str
    ledger: Ledger
    _found: dict[tuple[Reason, Telemetry], list[str]] = field(default_factory=dict)
    _counts: dict[tuple[Reason, Telemetry], int] = field(default_factory=dict)
    _seen: set[tuple[str, Reason]] = field(default_factory=set)
    _there: dict[str, None] = field(default_factory=dict)

    def add(self, path: str, reason: Reason, why: str) -> None:
        """Take one file, by its path on the host."""
        key = path.lower(), reason
        if key in self._seen:
            return
        self._seen.add(key)
        if reason in _EXISTS and len(self._there) < MOST_NAMES:
            self._there[path] = None
        for telemetry in held_by(path) or (Telemetry.FILESYSTEM,):
            listed = self._found.setdefault((reason, telemetry), [])
            self._counts[reason, telemetry] = self._counts.get((reason, telemetry), 0) + 1
            if len(listed) < NAMED:
                listed.append(f"{shown(path)} ({shown(why)[:200]})" if why else shown(path))

    def names(self) -> Iterator[Entry]:
        """Give the files of which nothing but the path is known: they were on the host, since it refused them."""
        for path in self._there:
            yield Entry(path=f"{self.collector}'s log: {shown(path)}", size=-1, inside=path)

    def close(self) -> None:
        """Write the gaps."""
        for (reason, telemetry), listed in sorted(self._found.items()):
            count = self._counts[reason, telemetry]
            more = f", and {count - len(listed)} more" if count > len(listed) else ""
            files = "file" if count == 1 else "files"
            note = f"{self.collector} did not bring {count} {files}: {', '.join(listed)}{more}"
            self.ledger.gap(reason, note, telemetry=telemetry)


def held_by(path: str) -> tuple[Telemetry, ...]:
    """Name the telemetry that a file of this path holds, as far as its path says."""
    spelled = "/" + path.replace("\\", "/").lstrip("/")
    found = [telemetry for pattern, held in _HELD if pattern.search(spelled) for telemetry in held]
    return tuple(dict.fromkeys(found))
