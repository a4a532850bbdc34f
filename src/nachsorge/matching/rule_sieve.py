"""The sieve for records whose log source is known before they are decoded: Windows events, by their heads.

A record is decoded where a rule is about its log source and its number, or where it holds a literal of an indicator.
What is passed over can meet neither, so this sieve is exact like the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.matching.logsources import Origin

if TYPE_CHECKING:
    from nachsorge.matching.ruleset import RuleSet
    from nachsorge.matching.tokens import Sieve
    from nachsorge.model.words import Telemetry


class RuleSieve:
    """Admits what rules or values may meet."""

    everything = False

    def __init__(self, values: Sieve, rules: RuleSet) -> None:
        """Join both."""
        self._values = values
        self._rules = rules

    def ends(self, block: bytes | memoryview) -> list[int]:
        """Give where literals of values end; a reader that cuts blocks into lines knows no log source."""
        return self._values.ends(block)

    def admits(self, raw: bytes) -> bool:
        """Admit a record of which nothing is known."""
        return True

    def concerns(self, telemetry: Telemetry, product: str, service: str, number: int) -> bool:
        """Tell whether every record of this origin is admitted, whatever it holds."""
        return self._values.everything or self._rules.has_any(Origin(telemetry, product, service, number))

    def admits_from(self, raw: str, telemetry: Telemetry, product: str, service: str, number: int) -> bool:
        """Tell whether a record of this origin may hold a sighting."""
        return self.concerns(telemetry, product, service, number) or self._values.admits(raw.encode("utf-8", "replace"))
