"""Sigma: the pack's own rules as they are, and rules made of its rows, in one file of several documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.exports.packs.naming import file_name, heading
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written
from nachsorge.exports.packs.sigma_made import made, values_in

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Selection

NO_LOG_SOURCE = "no log source of Sigma records it"


class SigmaExporter:
    """For everything that reads Sigma itself."""

    name = "sigma"
    blocks = False
    says = Says(
        expresses="the pack's Sigma rules unchanged; host names with subdomains, addresses, networks, URLs, URL "
        "patterns, user agents, hashes, paths, file names, registry values as rules a trace and log source; `tlp.` tag",
        drops="packages, mail addresses, certificates, strings, named objects, YARA rules; validity, windows, needs",
        checked="parsed by pySigma; made rules run over planted rows (SQLite)",
    )

    def write(self, selection: Selection) -> Written:
        """Write all rules, separated by `---`."""
        own = [rule.text.strip() for rule in selection.rules if rule.engine == "sigma"]
        head = "".join(f"# {text}\n" for text in heading(selection.pack, selection.release.label, "Sigma rules"))
        content = head + "\n---\n".join([*own, *(rule.text.strip() for rule in made(selection))]) + "\n"
        return Written((File(file_name(selection.pack, ".sigma.yml"), content.encode()),), sigma_losses(selection))


def sigma_losses(selection: Selection) -> tuple[Loss, ...]:
    """Name what no Sigma rule can say."""
    lost = [Loss(row.named, NO_LOG_SOURCE) for row in selection.rows if not values_in(row.of)]
    rules = rules_lost(selection.pack, "no log rule: --to yara", "yara")
    return (*selection.held, *lost, *rules, *parts_lost(selection.pack))
