"""What a protocol's reader found, before it has time, place and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from nachsorge.model.words import Kind

Field = tuple[str, str, "Kind"]
"""Name, text and kind of one value; a name may occur more than once."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact. `from_server` tells that the sender of these bytes is the one who was asked."""

    telemetry: Telemetry
    service: str
    fields: tuple[Field, ...]
    from_server: bool = False
    fault: str = ""
