"""Safari's list of downloads (`Downloads.plist`, macOS 10.10 and later), which no database holds.

Keys by macOS itself: `DownloadHistory`, a list; of each `DownloadEntryURL`, `DownloadEntryPath`,
`DownloadEntryDateAddedKey` and `DownloadEntryDateFinishedKey`. Safari forgets entries after a day, a month or when it
is told to, and leaves those of private windows out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nachsorge.evidence.plists import is_plist
from nachsorge.evidence.safari_lists import entries, written_like
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.web_addresses import without_query
from nachsorge.model.evidence import Record, Value
from nachsorge.model.times import from_datetime
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_LIST = "DownloadHistory"
_URL, _PATH = "DownloadEntryURL", "DownloadEntryPath"
_TIMES = ("DownloadEntryDateAddedKey", "DownloadEntryDateFinishedKey")


class SafariDownloads:
    """Reader of one such list."""

    name = "safari_downloads"
    telemetry: tuple[Telemetry, ...] = (Telemetry.BROWSER_HISTORY,)
    tells = Tells(
        proves="that Safari downloaded a file from this address to this place with this profile, and when",
        rules_out="nothing: entries are forgotten after a day, a month, or when Safari is told to",
        not_told="private windows, whether the file was opened, its hash, entries that were taken out",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a property list with such a list of such entries; an empty one by its name as well."""
        if not is_plist(head) or _LIST.encode() not in head:
            return 0
        return 93 if _URL.encode() in head or name.lower().endswith("downloads.plist") else 40

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a download; ReadError where it is no such list."""
        yield from entries(source, ledger, _LIST, "download", _record)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a list of one download from the planted host."""
        entry = {
            _URL: f"http://{plant.host}/",
            _PATH: "/Users/control/Downloads/control",
            _TIMES[0]: datetime(2023, 3, 29, 10, 11, 12),  # noqa: DTZ001  a property list knows no zones
        }
        return written_like(head, {_LIST: [entry]})


def _record(entry: Mapping[object, object], locator: str, source: Opened) -> Record:
    url, path = (text if isinstance(text := entry.get(name), str) else "" for name in (_URL, _PATH))
    said = (Value(Kind.URL, "url", url), Value(Kind.PATH, "path", path))
    event = {"url": without_query(url), "path": path, "browser": "safari", "kind": "download"}
    return Record(
        telemetry=Telemetry.BROWSER_HISTORY,
        locator=locator,
        time=next((time for name in _TIMES if (time := _instant(entry.get(name))) is not None), None),
        values=tuple(value for value in said if value.text),
        event={name: text for name, text in event.items() if text},
        host=source.host,
    )


def _instant(value: object) -> Instant | None:
    return from_datetime(value.replace(tzinfo=UTC)) if isinstance(value, datetime) else None
