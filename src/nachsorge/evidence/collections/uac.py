r"""UAC (Unix-like Artifacts Collector): the host's files below `[root]`, beside them commands' results and `uac.log`.

`uac.log` has lines `2023-04-04 14:30:00 +0000 LEVEL text`; ERR is an error, CMD a command with what it wrote to its
error output behind ` 2> ` (lib/log_msg.sh, lib/run_command.sh), its lines joined by a literal `/n`. `*.stderr.txt` hold
the same of tar and cp. `live_response`, `bodyfile`, `chkrootkit` and the like are evidence of the host; `uac.log`
holds the commands, with the names they look for, and is not searched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.evidence.collections.layout import Arranged, below, text_of
from nachsorge.evidence.collections.wanted import Wanted, reason_of
from nachsorge.evidence.containers.names import last_part, shown
from nachsorge.evidence.seams import ReadError, Root
from nachsorge.evidence.tally import Tally
from nachsorge.model.words import Platform, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.trees import Entry

LOG = "uac.log"
_ROOT = "[root]"
_RESULTS = frozenset(
    {"advisories", "artifacts", "bodyfile", "chkrootkit", "hash_executables", "live_response", "memory_dump", "system"}
)
_FILES = re.compile(r"(uac\.log|hash_list\.(md5|sha1|sha256)|.+\.stderr\.txt)\Z")
_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} (ERR|ERROR|WARN|CMD) (.*)")
_TOOLS = r"(?:tar|gtar|bsdtar|cp|find|cat|stat|ls|dd|zip|md5sum|sha1sum|sha256sum): "
_JOINED = re.compile(rf"/n(?={_TOOLS})")
_SAID = re.compile(
    rf"{_TOOLS}(?:cannot [a-z ]{{1,30}}? )?"
    r"['\"‘`]?(/[^'\"’`:]+)['\"’`]?(?: for reading)?: (?:Cannot [a-z]+: )?([A-Z].*)"
)
_MAC = frozenset({"Applications", "Library", "System", "Users", "private"})


class Uac:
    """Recognised by `[root]`, or by `uac.log` beside what only UAC writes."""

    name = "UAC"

    def roots(self, entries: Sequence[Entry]) -> Iterator[Root]:
        """Give every folder that holds `[root]` or `uac.log`, with what in it is UAC's."""
        parts: defaultdict[str, set[str]] = defaultdict(set)
        tops: defaultdict[str, set[str]] = defaultdict(set)
        for entry in entries:
            listed = entry.path.split("/")
            if _ROOT in listed[:-1]:
                at = listed.index(_ROOT)
                base = "/".join(listed[:at])
                parts[base].add(_ROOT)
                tops[base].add(listed[at + 1])
            elif listed[-1] == LOG:
                parts["/".join(listed[:-1])].add(LOG)
        for entry in entries if parts else ():
            self._beside(entry.path, parts)
        for base, found in sorted(parts.items()):
            if _ROOT in found or found & _RESULTS:
                mac = len(tops[base] & _MAC) > 1
                platform = Platform.MACOS if mac else Platform.LINUX
                yield Root(platform=platform, prefix=base, collector=self.name, parts=frozenset(found))

    def _beside(self, path: str, parts: dict[str, set[str]]) -> None:
        listed = path.split("/")
        for at, part in enumerate(listed):
            known = part in _RESULTS if at + 1 < len(listed) else _FILES.match(part)
            if known and (base := "/".join(listed[:at])) in parts:
                parts[base].add(part)

    def arrange(self, entries: Sequence[Entry], root: Root, ledger: Ledger) -> Arranged:
        """Spell the files below `[root]`, and read the log for what could not be got."""
        files, results = [], []
        wanted = Wanted(self.name, ledger)
        for entry in entries:
            inside = below(entry.path, root.prefix)
            if inside.startswith(_ROOT + "/"):
                files.append(replace(entry, inside=shown("/" + inside.removeprefix(_ROOT + "/"))))
            elif last_part(inside) == LOG or inside.endswith(".stderr.txt"):
                _read(entry, wanted)
            else:
                results.append(entry)
        wanted.close()
        return Arranged((*files, *wanted.names()), tuple(results))


def _read(entry: Entry, wanted: Wanted) -> None:
    try:
        text = text_of(entry)
    except (ReadError, OSError, EOFError) as problem:
        reason = getattr(problem, "reason", Reason.FAILED)
        wanted.ledger.gap(reason, f"{shown(entry.path)}: {problem}; what UAC could not get is not known")
        return
    errors = Tally()
    for line in text.splitlines():
        found = _LINE.match(line)
        level, said = (found[1], found[2]) if found else ("", line)
        if level == "CMD":
            said = said.rpartition(" 2> ")[2] if " 2> " in said else ""
        for path, why in _told(said if level or last_part(entry.path) != LOG else ""):
            wanted.add(path, reason_of(why), why)
        if level in ("ERR", "ERROR"):
            errors.add(shown(said)[:200])
    if errors.count:
        wanted.ledger.gap(Reason.NOT_PROVIDED, errors.says("errors in UAC's log"))


def _told(said: str) -> Iterable[tuple[str, str]]:
    found = (_SAID.match(part) for part in _JOINED.split(said))
    return ((one[1], one[2].strip()) for one in found if one is not None)


def fields(text: str) -> dict[str, str]:
    """Give what UAC's log says of the host: `Hostname`, `Operating system`, by name in lower case."""
    found = re.findall(r"INFO? (Hostname|Operating system|Mount point): (.*)", text)
    return {name.lower(): value.strip() for name, value in found}
