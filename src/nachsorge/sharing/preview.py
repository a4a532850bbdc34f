"""What is about to leave, in words: every value of it, in German and English, so that a person can say yes to it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nachsorge.sharing import preview_codes as codes
from nachsorge.sharing.notification import encode
from nachsorge.sharing.preview_codes import coded
from nachsorge.sharing.preview_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.sharing.notification import Notification
    from nachsorge.sharing.preview_words import Words

LANGUAGES = ("en", "de")


def preview(notification: Notification, language: str) -> str:
    """Show everything that is in it; the last line is the digest of the very bytes."""
    words = WORDS[language]
    lines = [line for part in (_head, _numbers, _rest) for line in part(notification, words, language)]
    lines += ["", f"SHA-256 {digest(notification)}"]
    return "\n".join(lines) + "\n"


def digest(notification: Notification) -> str:
    """Give the SHA-256 of the canonical bytes: what was previewed is what is sent."""
    return hashlib.sha256(encode(notification)).hexdigest()


def _head(found: Notification, words: Words, language: str) -> Iterator[str]:
    labels, it = found.labels, found.incident
    yield f"TLP:{labels.tlp} PAP:{labels.pap}  {words.title}"
    yield ""
    yield _row(words.id, f"{found.id}, {words.sequence} {found.sequence}, {found.made}, {found.tool}")
    yield _row(words.incident, f"{it.title or it.pack} ({' '.join(filter(None, (it.pack, it.version)))})")
    if it.sha256:
        yield _row("", f"SHA-256 {it.sha256}")
    yield _row(words.channel, words.channels[found.channel])
    who = found.organisation
    yield _row(words.organisation, who.name or words.not_named)
    sector, region = coded(who.sector, codes.SECTORS, language), coded(who.region, codes.REGIONS, language)
    size = coded(who.size, codes.SIZES, language)
    yield _row("", f"{words.sector}: {sector}; {words.region}: {region}; {words.size}: {size}")
    contact = found.contact
    told = (contact.name, contact.email, contact.phone, contact.fingerprint) if contact else ()
    yield _row(words.contact, ", ".join(filter(None, told)) or words.nobody)
    parts = ", ".join(f"{part} TLP:{tlp}" for part, tlp in sorted(labels.parts.items()))
    yield _row(words.parts, parts or words.as_whole)
    yield _row(words.allowed, _allowed(found, words, language))


def _allowed(found: Notification, words: Words, language: str) -> str:
    allowed = found.purposes
    passing = ", ".join(coded(one, codes.PASSED, language) for one in allowed.pass_to) or words.nobody
    return (
        f"{words.count}: {words.yes if allowed.count else words.no}; {words.pass_on}: {passing}; "
        f"{words.name_it}: {words.yes if allowed.name else words.no}"
    )


def _numbers(found: Notification, words: Words, language: str) -> Iterator[str]:
    of, verdicts = found.assets, found.assets.verdicts
    yield ""
    yield _row(
        words.assets,
        f"{of.scope}: {verdicts.compromised} {words.compromised}, {verdicts.suspected} {words.suspected}, "
        f"{verdicts.open} {words.open}, {verdicts.ruled_out} {words.ruled_out}",
    )
    rows = [
        (coded(one.rung, codes.RUNGS, language), *map(str, (one.shown, one.suspected, one.open, one.ruled_out)))
        for one in of.rungs
    ]
    yield from _table((words.rung, words.shown, words.suspected, words.open, words.ruled_out), rows, words.no_rungs)
    yield ""
    yield words.coverage
    told = [
        (
            coded(row.telemetry.value, codes.TELEMETRY, language),
            *map(str, (row.whole, row.partly, row.none)),
            ", ".join(f"{coded(why.value, codes.REASONS, language)} {count}" for why, count in row.reasons.items()),
        )
        for row in found.coverage
    ]
    yield from _table((words.telemetry, words.whole, words.partly, words.none, words.reasons), told, words.no_coverage)
    yield ""
    yield _row(words.weeks, f"{found.weeks.first} {words.to} {found.weeks.last}" if found.weeks else words.no_weeks)


def _rest(found: Notification, words: Words, language: str) -> Iterator[str]:
    done = (": ".join(filter(None, (coded(one.what, codes.DONE, language), one.text))) for one in found.done)
    yield _row(words.done, "; ".join(done) or words.unsaid)
    yield _row(words.indicators, str(len(found.indicators)))
    for one in found.indicators:
        yield f"    {one.type} {one.value}  [{one.role}, TLP:{one.tlp}]" + (f"  {one.note}" if one.note else "")
    wanted = (coded(one, codes.WANTED, language) for one in found.help.wanted)
    yield _row(words.help, ", ".join(wanted) or words.unsaid)
    yield from _text(found.help.text)
    yield _row(words.note, "" if found.note else words.no_note)
    yield from _text(found.note)


def _text(text: str) -> Iterator[str]:
    yield from (f"    {line}" for line in text.split("\n") if text)


def _row(name: str, value: str) -> str:
    return f"{name:<18}  {value}" if value else name


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> Iterator[str]:
    if not rows:
        yield f"    {empty}"
        return
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield ("    " + "  ".join(cells)).rstrip()
