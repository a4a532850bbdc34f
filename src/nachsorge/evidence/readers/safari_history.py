"""Safari's history before macOS 10.10 (`History.plist`), which is a list and no database.

Keys by Safari itself: `WebHistoryDates`, a list; of each the address (its key is empty), `lastVisitedDate` as text,
and `redirectURLs`. Only the last visit of an address stands in it. Titles are not read; of addresses people see host
and path, while the whole is compared. Newer histories are `browser_history`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.evidence.clocks import mac_absolute
from nachsorge.evidence.plists import is_plist
from nachsorge.evidence.safari_lists import entries, written_like
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.web_addresses import without_query
from nachsorge.model.evidence import Record, Value
from nachsorge.model.words import Kind, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_LIST, _TIME, _REDIRECTS = "WebHistoryDates", "lastVisitedDate", "redirectURLs"
_MOST_REDIRECTS = 100


class SafariHistory:
    """Reader of one such list."""

    name = "safari_history"
    telemetry: tuple[Telemetry, ...] = (Telemetry.BROWSER_HISTORY,)
    tells = Tells(
        proves="that an address was visited with this profile, and when last",
        rules_out="nothing: it is one profile of one browser, shortened after a time, and can be deleted",
        not_told="earlier visits of the same address, private windows, titles (not read), entries that were taken out",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise a property list with such a list of visits."""
        if not is_plist(head) or _LIST.encode() not in head:
            return 0
        return 93 if _TIME.encode() in head or b"WebHistoryFileVersion" in head else 40

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record an address; ReadError where it is no such list."""
        yield from entries(source, ledger, _LIST, "visit", _record)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a list of one visit of the planted host."""
        tree = {_LIST: [{"": f"http://{plant.host}/", _TIME: "700000000.0"}], "WebHistoryFileVersion": 1}
        return written_like(head, tree)


def _record(entry: Mapping[object, object], locator: str, source: Opened) -> Record:
    led = entry.get(_REDIRECTS)
    said = [entry.get(""), *(led[:_MOST_REDIRECTS] if isinstance(led, list) else ())]
    urls = [url for url in said if isinstance(url, str) and url]
    event = {"url": "\n".join(dict.fromkeys(map(without_query, urls))), "browser": "safari", "kind": "visit"}
    return Record(
        telemetry=Telemetry.BROWSER_HISTORY,
        locator=locator,
        time=_instant(entry.get(_TIME)),
        values=tuple(Value(Kind.URL, "url", url) for url in dict.fromkeys(urls)),
        event={name: text for name, text in event.items() if text},
        host=source.host,
    )


def _instant(value: object) -> Instant | None:
    """Read seconds since 2001, written as text."""
    try:
        return mac_absolute(float(value)) if isinstance(value, (str, int, float)) else None
    except (ValueError, OverflowError):
        return None
