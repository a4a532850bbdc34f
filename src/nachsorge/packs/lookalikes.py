"""Values that look like extraction errors: another value with letters missing, or a piece of an e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.model.words import IndicatorType as T

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.packs.merge import Merged

MOST_MISSING = 3
"""Letters that a careless selection with the mouse leaves out at an end."""
SHORTEST = 6


def lookalikes(values: Sequence[Merged]) -> Iterator[tuple[Merged, str]]:
    """Give the values that look like errors, with the reason."""
    names = {each.value: each for each in values if each.type is T.DOMAIN}
    mails = [each.value for each in values if each.type is T.EMAIL]
    yield from _of_mails(names, mails)
    yield from _shortened(names)
    for each in values:
        if each.type is T.DOMAIN and each.value.rpartition(".")[2] in ("md", "py", "sh", "zip", "so", "pl", "ps"):
            yield each, "may be the name of a file"


def _of_mails(names: dict[str, Merged], mails: list[str]) -> Iterator[tuple[Merged, str]]:
    for mail in mails:
        local, _, host = mail.lower().rpartition("@")
        for name, each in ((local, names.get(local)), (host, names.get(host))):
            if each is not None:
                part = "the name before" if name == local else "the host behind"
                yield each, f"{part} the @ of the e-mail address {mail}"


def _shortened(names: dict[str, Merged]) -> Iterator[tuple[Merged, str]]:
    """Find each name that is another one without a few letters at its beginning, or without one letter inside."""
    for name in names:
        for cut in range(1, MOST_MISSING + 1):
            shorter = names.get(name[cut:])
            # After a dot the rest is a parent of the name, which is a value in its own right.
            if shorter is not None and len(shorter.value) >= SHORTEST and "." not in name[:cut]:
                yield shorter, f"{name} without its first {cut if cut > 1 else 'letter'}{' letters' * (cut > 1)}"
        for index in range(1, len(name)):
            shorter = names.get(name[:index] + name[index + 1 :])
            if shorter is not None and name[index] not in ".-" and len(shorter.value) >= SHORTEST:
                yield shorter, f"{name} with a letter missing"
                break
