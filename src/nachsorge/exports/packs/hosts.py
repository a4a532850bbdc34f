"""Lists of names that resolvers refuse: the hosts file and Pi-hole's list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.exports.packs.naming import file_name, heading
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written
from nachsorge.model.words import IndicatorType

if TYPE_CHECKING:
    from collections.abc import Callable

    from nachsorge.exports.packs.seams import Row, Selection

_ONLY = "a list of host names holds nothing else"
_NO_NAME_OF_ITS_OWN = "not its host alone: the incident used this address, and the rest of the host may be legitimate"


class HostsExporter:
    """`/etc/hosts` and whatever reads it: a name and nothing below it."""

    name = "hosts"
    blocks = True
    says = Says(
        expresses="host names, each once, pointing at `0.0.0.0` (hosts(5))",
        drops="subdomains, addresses, URLs, files, rules, times",
        checked="every line held to the grammar of hosts(5)",
    )

    def write(self, selection: Selection) -> Written:
        """Write the hosts file; a subdomain of a name needs a line of its own."""
        lost = [Loss(row.named, "a hosts file knows no subdomains") for row in names(selection)]
        return listing(selection, ".hosts", lambda name: f"0.0.0.0 {name}", "Names to be refused", lost)


class PiholeExporter:
    """Pi-hole and other readers of the Adblock style: a name with all below it."""

    name = "pihole"
    blocks = True
    says = Says(
        expresses="host names with their subdomains, in the style of Adblock lists",
        drops="addresses, URLs, files, rules, times",
        checked="grammar only (Pi-hole cannot be installed from the package registries)",
    )

    def write(self, selection: Selection) -> Written:
        """Write the list."""
        return listing(selection, ".pihole.txt", lambda name: f"||{name}^", "Names to be refused", [], mark="!")


def names(selection: Selection) -> list[Row]:
    """Give the rows that are host names, each name once, in order."""
    found = {row.of.value: row for row in reversed(selection.rows) if row.of.type is IndicatorType.DOMAIN}
    return [found[name] for name in sorted(found)]


def no_names(selection: Selection, *also: IndicatorType, only: str = _ONLY) -> list[Loss]:
    """Name everything that a list of names (and of the types in `also`) cannot hold."""
    taken = {IndicatorType.DOMAIN, *also}
    lost = []
    for row in selection.rows:
        if row.of.type not in taken:
            url = row.of.type in (IndicatorType.URL, IndicatorType.URL_PATTERN)
            lost.append(Loss(row.named, _NO_NAME_OF_ITS_OWN if url else only))
    return [*selection.held, *lost, *rules_lost(selection.pack, only), *parts_lost(selection.pack)]


def listing(
    selection: Selection, ending: str, line: Callable[[str], str], what: str, lost: list[Loss], mark: str = "#"
) -> Written:
    """Write one line a name under a heading of comments."""
    head = [f"{mark} {text}" for text in heading(selection.pack, selection.release.label, what)]
    body = [line(row.of.value) for row in names(selection)]
    content = "\n".join([*head, *body, ""]).encode()
    return Written((File(file_name(selection.pack, ending), content),), (*no_names(selection), *lost))
