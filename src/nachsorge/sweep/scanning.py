"""YARA rules over one file: which files they look into, and the account of those they do not.

Logs, event logs and registry hives hold what security software and people wrote about malware, so a rule's strings in
them say nothing of the file; they are read by their own readers, and their values compared. Files of our own (rules,
reports) hold what is looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.tally import Tally
from nachsorge.matching.match import Matcher
from nachsorge.matching.yara import MAX_FILE, Slow
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from nachsorge.evidence.seams import Opened
    from nachsorge.model.assessment import Hit
    from nachsorge.model.evidence import Record

MEMORY = frozenset({"memory_image"})
"""Formats that are scanned piece by piece, since they are larger than memory, and in which a rule is only a hint."""

_PIECE = 64 * 1024 * 1024
_OVERLAP = 1024 * 1024
"""A rule whose strings stand further apart than this may be missed where two pieces meet."""

WEAK_IN_MEMORY = "a rule met in a memory image: whose memory it was is not known"
WEAK_IN_LOGS = "a rule met in a log: whoever writes of malware writes its strings"

SCANNED = frozenset(
    {
        *("plain_text", "shell_history", "package_json", "ci_workflow", "lnk", "launch_items", "mac_bundle"),
        *("prefetch", "systemd_units", "cron", "background_items"),
    }
)
"""Formats whose files are scanned although a reader knows them: scripts and what starts programs."""

_NEVER = ((0, b"regf", "registry hive"), (0, b"ElfFile\0", "event log"), (4, b"LfLe", "event log"))
_OWN = re.compile(rb'"schema_version":\s?"nachsorge\.')
_PAGE, _SIGNED = b"default-src 'none'; style-src 'unsafe-inline'", b": nachsorge "
_HEAD = 4096


@dataclass(slots=True)
class Scanning:
    """The scans of one source or tree; `close` writes what was passed over to the ledger."""

    matcher: Matcher
    ledger: Ledger
    logs: bool = False
    passed: Tally = field(default_factory=Tally)

    def reads(self, reader: str) -> bool:
        """Tell whether files of a reader are scanned; logs only where they were asked for (`logs`)."""
        return not self.matcher.yara.empty and (self.logs or reader in SCANNED | MEMORY)

    def of_reader(self, reader: str, source: Opened, record: Record) -> list[Hit]:
        """Scan a file that a reader has read. Raises what reading it raises."""
        if reader in MEMORY:
            return self._pieces(source, replace(record, weak=WEAK_IN_MEMORY))
        return self.hits(source, record if reader in SCANNED else replace(record, weak=WEAK_IN_LOGS))

    def _pieces(self, source: Opened, record: Record) -> list[Hit]:
        found: set[int] = set()
        self.ledger.scanned += 1
        with source.open() as stream:
            kept = b""
            while piece := stream.read(_PIECE):
                body = kept + piece
                try:
                    found.update(self.matcher.yara.scan(body, source.path))
                except Slow as why:
                    self._miss(f"{source.path}: YARA: {why}")
                kept = body[-_OVERLAP:]
        return [self.matcher.hit(record, test, ("content",)) for test in sorted(found)]

    def hits(self, source: Opened, record: Record) -> list[Hit]:
        """Scan one file. Raises what reading it raises."""
        if self.matcher.yara.empty:
            return []
        with source.open() as stream:
            # As much memory as the file takes: asking for the most each time costs more than many a scan.
            body = stream.read(min(source.size, MAX_FILE) + 1 if source.size >= 0 else MAX_FILE + 1)
            if self._is_never(body[:_HEAD]):
                self.passed.add(source.path)
                return []
            if len(body) <= MAX_FILE and (more := stream.read(MAX_FILE + 1 - len(body))):
                body += more
        if len(body) > MAX_FILE:
            self._miss(f"{source.path}: larger than {MAX_FILE} bytes, not scanned with YARA")
            return []
        page = _PAGE in body[:_HEAD] and _SIGNED in body[-_HEAD:]
        if page or self.matcher.yara.is_rule_text(body):
            self.passed.add(source.path)
            return []
        self.ledger.scanned += 1
        try:
            found = self.matcher.yara.scan(body, source.path)
        except Slow as why:
            self._miss(f"{source.path}: YARA: {why}")
            return []
        return [self.matcher.hit(record, test, ("content",)) for test in found]

    def _miss(self, note: str) -> None:
        self.ledger.gap(Reason.LIMIT, note)

    def _is_never(self, head: bytes) -> bool:
        never = not self.logs and any(head.startswith(magic, at) for at, magic, _ in _NEVER)
        return never or _OWN.search(head) is not None

    def close(self) -> None:
        """Say what was passed over on purpose."""
        if self.passed.count:
            says = "files that are event logs, registry hives, or our own rules and reports: not scanned with YARA"
            self.ledger.notes.append(self.passed.says(says))
